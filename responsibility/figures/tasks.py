"""What beat wakes each night."""

from celery import shared_task

from responsibility.figures.services import rollups


@shared_task(name="figures.check_rollups")
def check_rollups() -> None:
    """Recompute the city whole and compare."""
    rollups.check_rollups()
