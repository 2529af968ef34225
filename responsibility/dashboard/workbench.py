"""What each role finds first after sign-in: read-only, one scoped query a block."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from responsibility.common import clock
from responsibility.common.rights import Right
from responsibility.common.scoping import Access, access_of
from responsibility.deadlines.models import Deadline, DeadlineQuerySet
from responsibility.flow.access import review_places
from responsibility.flow.rules import State
from responsibility.progress.models import ProgressEntry

AHEAD = 30
SHOWN = 20


@dataclass
class Workbench:
    """The blocks of one user's page."""

    returned: list[ProgressEntry] = field(default_factory=list)
    now: list[Deadline] = field(default_factory=list)
    later: list[Deadline] = field(default_factory=list)
    waiting: list[ProgressEntry] = field(default_factory=list)
    red: list[Deadline] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """Say in one line what there is to do today."""
        parts = []
        if self.now:
            parts.append(f"今天要办 {_count(self.now, '件')}")
        if self.returned:
            parts.append(f"退回 {_count(self.returned, '件')}")
        if self.waiting:
            parts.append(f"待审 {_count(self.waiting, '条')}")
        if self.red and not parts:
            parts.append(f"红黄事项 {_count(self.red, '件')}")
        return "，".join(parts) or "今天没有要办的"


def _count(rows: list[Any], unit: str) -> str:
    return f"{SHOWN} {unit}以上" if len(rows) > SHOWN else f"{len(rows)} {unit}"


def _own_ids(access: Access) -> tuple[list[int], list[int]]:
    """Return the divisions and the bodies that the user writes for."""
    grants = access.with_right(Right.LOG_PROGRESS)
    divisions = [g.division_id for g in grants if g.body_id is None and g.division_id]
    bodies = [g.body_id for g in grants if g.body_id]
    return divisions, bodies


def of(request: HttpRequest) -> Workbench:
    """Return the blocks for whoever asks."""
    access = access_of(request.user)
    bench = Workbench()
    divisions, bodies = _own_ids(access)
    if divisions or bodies:
        _owed(bench, request, divisions, bodies)
    places = review_places(access)
    if places:
        waiting = ProgressEntry.objects.living().waiting_at(places, request.user).for_lines()
        bench.waiting = list(waiting.order_by("submitted_at", "id")[: SHOWN + 1])
    if access.has(Right.APPROVE) or access.has(Right.ACCEPT_EXPLANATION):
        late = Deadline.objects.visible_to(request.user).filter(
            status="open", colour__in=["red", "yellow"]
        )
        known = {row.pk for row in bench.now}
        rows = late.soonest(SHOWN + 1 + len(known)).for_lines()
        bench.red = [row for row in rows if row.pk not in known][: SHOWN + 1]
    return bench


def _owed(bench: Workbench, request: HttpRequest, divisions: list[int], bodies: list[int]) -> None:
    today = clock.today()
    own = _own(Deadline.objects.all(), divisions, bodies)
    rows = list(
        own.filter(status="open", due_on__lte=today + timedelta(days=AHEAD))
        .for_lines()
        .order_by("due_on", "id")[: 2 * SHOWN + 1]
    )
    border = today + timedelta(days=2)
    bench.now = [row for row in rows if row.due_on < border][: SHOWN + 1]
    bench.later = [row for row in rows if row.due_on >= border][: SHOWN + 1]
    entries = ProgressEntry.objects.living().filter(status=State.RETURNED)
    mine = (
        entries.filter(body_id__in=bodies)
        if not divisions
        else entries.filter(division_id__in=divisions)
    )
    bench.returned = list(mine.for_lines().order_by("-updated_at", "-id")[: SHOWN + 1])


def _own(rows: DeadlineQuerySet, divisions: list[int], bodies: list[int]) -> DeadlineQuerySet:
    if divisions:
        return rows.filter(division_id__in=divisions)
    return rows.filter(body_id__in=bodies)
