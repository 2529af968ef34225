"""What beat runs for duties."""

from datetime import date

from celery import shared_task

from responsibility.duties.services import assigning


@shared_task(name="duties.open_year")
def open_year(today: str = "") -> int:
    """Open the year's assignments and deadlines, once."""
    return assigning.open_year(today=date.fromisoformat(today) if today else None)
