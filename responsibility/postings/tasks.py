"""Background runs of accounts and posts."""

from celery import shared_task

from responsibility.jobs import runs
from responsibility.postings.services.importing import RUN, import_run


@shared_task(name=RUN)
def import_accounts(run_id: int) -> None:
    """Load a large sheet of accounts."""
    runs.execute(run_id, import_run)
