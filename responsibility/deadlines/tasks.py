"""What beat wakes; the database decides what is due."""

from celery import shared_task

from responsibility.common import clock
from responsibility.deadlines import services


@shared_task(name="deadlines.sweep")
def sweep() -> None:
    """Send the reminders that are due."""
    services.sweep()


@shared_task(name="deadlines.recompute")
def recompute() -> None:
    """Compute anew what was computed by weekends only, once its year is known."""
    services.recompute_uncertain(clock.today())
