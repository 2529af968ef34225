"""What beat wakes."""

from celery import shared_task

from responsibility.outbox import services


@shared_task(name="outbox.deliver")
def deliver() -> None:
    """Send what waits."""
    services.deliver()


@shared_task(name="outbox.digest")
def digest() -> None:
    """Write the day's digests."""
    services.digest()
