"""What beat wakes: sealing, and the daily proof."""

from celery import shared_task

from responsibility.audit import services


@shared_task(name="audit.seal")
def seal() -> None:
    """Chain what is not yet linked."""
    services.seal()


@shared_task(name="audit.verify")
def verify() -> None:
    """Walk the whole chain and keep the finding."""
    services.prove()
