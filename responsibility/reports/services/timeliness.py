"""What came in time and complete, by body and kind, in standard order: never a ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from responsibility.common import clock, periods
from responsibility.deadlines.models import Deadline
from responsibility.divisions.models import Body
from responsibility.flow.rules import Action
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.rules import Rhythm
from responsibility.reports.services.timing import LABEL


@dataclass
class Line:
    """One body's reports of a kind in a year."""

    body: Body
    expected: int | None
    submitted: int = 0
    in_time: int = 0
    late: int = 0
    returned: int = 0
    no_data: int = 0
    cells: int = 0
    filled: int = 0

    @property
    def missing(self) -> int | None:
        """Return how many are owed and not in (None where events decide)."""
        return None if self.expected is None else max(self.expected - self.submitted, 0)

    @property
    def complete(self) -> str:
        """Return the share of figures that are there, in words."""
        return f"{self.filled * 100 // self.cells}%" if self.cells else "—"


def expected_periods(kind: ReportKind, year: int, today: date) -> list[str] | None:
    """Return the periods owed so far: ended ones, a running year; None where events decide."""
    if kind.rhythm == Rhythm.EVENT:
        return None
    rows = periods.of_year(year, Rhythm(kind.rhythm).period_type)
    yearly = kind.rhythm in (Rhythm.YEARLY, Rhythm.ONCE)
    return [item.code for item in rows if (item.start if yearly else item.end) <= today]


def bodies_of(user: Any, key: str) -> "QuerySet[Body]":
    """Return the user's bodies that submit a kind, in standard order."""
    kinds = ReportKind.objects.filter(key=key).published()
    return (
        Body.objects.visible_to(user)
        .filter(ended_on=None, kind__in=kinds.values("submitters"))
        .select_related("division")
        .order_by("division__sort_key", "kind__position", "name", "pk")
    )


def lines(*, user: Any, kind: ReportKind, year: int, bodies: Sequence[Body]) -> list[Line]:
    """Return one line a body, in the order given; 3 statements."""
    owed = expected_periods(kind, year, clock.today())
    expected = None if owed is None else len(owed)
    found = {body.pk: Line(body, expected) for body in bodies}
    reports = list(
        Report.objects.visible_to(user)
        .filter(kind_key=kind.key, body__in=found, period__startswith=str(year))
        .annotate(
            cells_n=Count("cells", distinct=True),
            filled_n=Count("cells", filter=Q(cells__value__isnull=False), distinct=True),
            returns_n=Count("steps", filter=Q(steps__action=Action.RETURN), distinct=True),
        )
        .order_by("pk")
    )
    due = _due([row.public_id for row in reports])
    for row in reports:
        _add(found[row.body_id], row, due.get(row.public_id))
    return list(found.values())


def _due(ids: list[UUID]) -> dict[UUID, Deadline]:
    return {item.subject_id: item for item in Deadline.objects.of(LABEL, ids).order_by("pk")}


def _in_time(deadline: Deadline | None, today: date) -> bool:
    """Say whether it was handed in by its date; what came back counts its own time from then."""
    if deadline is None:
        return True
    day = deadline.settled_on or deadline.paused_since or today
    return day <= deadline.due_on


def _add(line: Line, row: Any, deadline: Deadline | None) -> None:
    line.cells += row.cells_n
    line.filled += row.filled_n
    line.returned += row.returns_n
    if row.submitted_at is None:
        return
    line.submitted += 1
    line.no_data += bool(row.no_data_reason)
    if _in_time(deadline, clock.today()):
        line.in_time += 1
    else:
        line.late += 1
