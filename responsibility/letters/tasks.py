"""What beat runs for letters."""

from datetime import date

from celery import shared_task

from responsibility.jobs import runs
from responsibility.letters.services import batch, following, yearly


@shared_task(name="letters.ask_confirmations")
def ask_confirmations(today: str = "") -> int:
    """Ask new principals to confirm what the former ones signed."""
    return following.ask_confirmations(today=date.fromisoformat(today) if today else None)


@shared_task(name="letters.draft_all")
def draft_all(run_id: int) -> None:
    """Draft a kind's letters for many bodies."""
    runs.execute(run_id, batch.draft_all)


@shared_task(name="letters.issue_all")
def issue_all(run_id: int) -> None:
    """Issue a kind's drafts."""
    runs.execute(run_id, batch.issue_all)


@shared_task(name="letters.open_settlements")
def open_settlements(today: str = "") -> int:
    """Open the year-end settlement of signed letters."""
    return yearly.open_settlements(today=date.fromisoformat(today) if today else None)


@shared_task(name="letters.announce_overdue")
def announce_overdue(today: str = "") -> int:
    """Tell webhooks of letters not signed in time."""
    return yearly.announce_overdue(today=date.fromisoformat(today) if today else None)
