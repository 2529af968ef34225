"""What beat runs for letters."""

from datetime import date

from celery import shared_task

from responsibility.letters.services import following


@shared_task(name="letters.ask_confirmations")
def ask_confirmations(today: str = "") -> int:
    """Ask new principals to confirm what the former ones signed."""
    return following.ask_confirmations(today=date.fromisoformat(today) if today else None)
