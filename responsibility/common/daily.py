"""The jobs of a day, in order; apps register theirs in ``ready()`` and ``run_day`` runs them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, order=True)
class Job:
    """One dated job: when in the day's order, its name, and what to call with the day."""

    order: int
    name: str
    run: Callable[[date], Any]


_jobs: dict[str, Job] = {}


def register(name: str, run: Callable[[date], Any], *, order: int) -> None:
    """Add a job; it must be safe to run twice for the same day."""
    _jobs[name] = Job(order, name, run)


def jobs() -> list[Job]:
    """Return the jobs in the day's order."""
    return sorted(_jobs.values(), key=lambda job: (job.order, job.name))
