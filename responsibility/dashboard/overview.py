"""The picture of a territory: how the duties of its places stand, in the standard order."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Count, F, Func, Q, Value
from django.db.models.functions import TruncMonth
from django.http import HttpRequest

from responsibility.common import clock
from responsibility.common.plots import Plot, Series
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
    query: str

    @property
    def worst(self) -> tuple[str, str]:
        """Return (colour, words)."""
        if self.numbers["red"]:
            return "red", f"超限 {self.numbers['red']}"
        if self.numbers["overdue"]:
            return "yellow", f"逾期 {self.numbers['overdue']}"
        if self.numbers["returned"]:
            return "yellow", f"退回 {self.numbers['returned']}"
        if not self.numbers["total"]:
            return "draft", "没有承担"
        if self.numbers["done"] < self.numbers["total"]:
            return "blue", "进行中"
        return "green", "全部落实"


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
    table = [_line(place, rows.get(str(place.pk), {}), year) for place in children]
    own = _line(top, rows.get("", {}), year, own=True)
    total = {key: sum(row[key] for row in rows.values()) for key in NUMBERS}
    whole = _line(top, total, year)
    return whole, [own, *table]


def by_month(request: HttpRequest, top: Division, year: int) -> Plot:
    """Return how the duties due in each month of the year stand: the whole scope, one query."""
    late = Q(due_on__lt=clock.today())
    rows: dict[date, dict[str, Any]] = {
        row["month"]: dict(row)
        for row in Assignment.objects.visible_to(request.user)
        .under(top.path)
        .filter(year=year, standing="active", due_on__isnull=False)
        .annotate(month=TruncMonth("due_on"))
        .values("month")
        .annotate(
            done=Count("id", filter=Q(status="done")),
            submitted=Count("id", filter=Q(status="submitted")),
            late=Count("id", filter=late & ~Q(status__in=["done", "submitted"])),
            open=Count("id", filter=~late & ~Q(status__in=["done", "submitted"])),
        )
    }
    months = sorted(month for month in rows if month)

    def values(key: str) -> list[int]:
        return [int(rows[month][key]) for month in months]

    return Plot(
        key="by-month",
        kind="stacked",
        title="各月到期的责任，办到哪一步",
        labels=[_month(month, year) for month in months],
        head="到期月份",
        unit="项",
        series=[
            Series("已落实", values("done"), "green"),
            Series("待审核", values("submitted"), "blue"),
            Series("逾期", values("late"), "yellow"),
            Series("未到期", values("open"), "grey"),
        ],
    )


def _month(month: date, year: int) -> str:
    return f"{month.month}月" if month.year == year else f"{month.year % 100}年{month.month}月"


def _line(place: Division, row: dict[str, Any], year: int, *, own: bool = False) -> Line:
    numbers = {key: int(row.get(key, 0)) for key in NUMBERS}
    query = f"?year={year}&division={place.short_code}" + (f"&tier={place.tier}" if own else "")
    name = f"{place.name}本级" if own else place.name
    return Line(place.code, name, place.tier, place.is_zone, numbers, query)
