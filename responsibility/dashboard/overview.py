"""The picture of a territory: how the duties of its places stand, in the standard order."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Count, F, Func, Q, Value
from django.http import HttpRequest

from responsibility.common import clock
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Division
from responsibility.duties.models import Assignment

NUMBERS = ("total", "done", "submitted", "returned", "overdue", "red", "waiting")


@dataclass(frozen=True)
class Line:
    """One place's numbers; ``worst`` is the worst open state in words and colour."""

    code: str
    name: str
    tier: str
    is_zone: bool
    numbers: dict[str, int]

    @property
    def worst(self) -> tuple[str, str]:
        """Return (colour, words)."""
        if self.numbers["red"]:
            return "red", "有超限"
        if self.numbers["overdue"]:
            return "yellow", "有逾期"
        if self.numbers["returned"]:
            return "yellow", "有退回"
        if self.numbers["done"] < self.numbers["total"]:
            return "blue", "进行中"
        return "green", "已落实"


def top_of(request: HttpRequest, code: str = "") -> Division | None:
    """Return the division to look at: the one asked for in scope, else the user's own."""
    visible = Division.objects.visible_to(request.user).living()
    if code:
        return visible.filter(code=code.ljust(12, "0")[:12]).first()
    prefixes = access_of(request.user).scope().prefixes
    return visible.filter(path=prefixes[0]).first() if prefixes else None


def counts(today: date) -> dict[str, Any]:
    """Return the aggregates of a set of assignments."""
    active = Q(standing="active")
    late = active & ~Q(status="done") & Q(due_on__lt=today)
    limit = date.fromordinal(today.toordinal() - 10)
    return {
        "total": Count("id", filter=active),
        "done": Count("id", filter=active & Q(status="done")),
        "submitted": Count("id", filter=active & Q(status="submitted")),
        "returned": Count("id", filter=active & Q(status="returned")),
        "overdue": Count("id", filter=late),
        "red": Count("id", filter=late & Q(due_on__lt=limit)),
        "waiting": Count("id", filter=Q(standing__in=["unlisted", "undetermined"])),
    }


def lines(request: HttpRequest, top: Division, year: int) -> tuple[Line, list[Line]]:
    """Return the whole of a division and its children, zones last."""
    depth = top.path.count("/") + 1
    child = Func(
        F("scope_path"),
        Value("/"),
        Value(depth),
        function="split_part",
        output_field=CharField(),
    )
    rows: dict[str, dict[str, Any]] = {
        row["child"]: dict(row)
        for row in Assignment.objects.visible_to(request.user)
        .under(top.path)
        .filter(year=year)
        .annotate(child=child)
        .values("child")
        .annotate(**counts(clock.today()))
    }
    children = Division.objects.living().filter(parent=top).in_order()
    table = [_line(place, rows.get(str(place.pk), {})) for place in children]
    own = _line(top, rows.get("", {}), f"{top.name}本级")
    whole = _line(top, {key: sum(row[key] for row in rows.values()) for key in NUMBERS})
    return whole, [own, *table]


def _line(place: Division, row: dict[str, Any], name: str = "") -> Line:
    numbers = {key: int(row.get(key, 0)) for key in NUMBERS}
    return Line(place.code, name or place.name, place.tier, place.is_zone, numbers)
