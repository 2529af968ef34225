"""What beat wakes."""

from celery import shared_task

from responsibility.alerts import services


@shared_task(name="alerts.scan")
def scan() -> None:
    """Look for what is amiss."""
    services.scan()
