"""Checks by which a duty settles itself from a ledger; upper apps register them."""

from collections.abc import Callable
from dataclasses import dataclass

from responsibility.duties.models import Assignment
from responsibility.duties.rules import Status


@dataclass(frozen=True)
class Found:
    """What a ledger says about an assignment."""

    done: int
    total: int
    source: str
    url: str = ""

    @property
    def is_met(self) -> bool:
        """Say whether nothing is missing."""
        return self.total > 0 and self.done >= self.total


Check = Callable[[Assignment], Found | None]
_checks: dict[str, Check] = {}


def register(key: str, check: Check) -> None:
    """Name the function that answers for duties whose ``check_key`` this is."""
    _checks[key] = check


def run(assignment: Assignment) -> Found | None:
    """Return what the ledger says, or None where no ledger answers (yet)."""
    check = _checks.get(assignment.duty.check_key)
    return check(assignment) if check else None


def status_of(assignment: Assignment, logged: str) -> str:
    """Return the status from what was logged, unless a ledger says that all is done."""
    if logged == Status.DONE:
        return logged
    found = run(assignment)
    return Status.DONE.value if found and found.is_met else logged
