"""Background runs of places."""

from celery import shared_task

from responsibility.divisions.services.chains import CHECK
from responsibility.divisions.services.chains import check_versions as check
from responsibility.divisions.services.importing import RUN
from responsibility.divisions.services.loading import load_run
from responsibility.jobs import runs


@shared_task(name=RUN)
def import_divisions(run_id: int) -> None:
    """Load a large list of places."""
    runs.execute(run_id, load_run)


@shared_task(name=CHECK)
def check_versions() -> None:
    """Look for gaps in the history of places."""
    check()
