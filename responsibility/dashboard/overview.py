"""The picture of a territory: how the duties of its places stand, in the standard order."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Case, CharField, Count, F, Func, IntegerField, Value, When
from django.http import HttpRequest

from responsibility.common import clock
from responsibility.common.errors import Missing
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Division
from responsibility.duties import limits
from responsibility.duties.models import Assignment, AssignmentQuerySet

NUMBERS = ("total", "done", "submitted", "returned", "overdue", "red", "waiting")
WAITING = ("unlisted", "undetermined")
LATE, RED = 1, 2
Tally = Counter[str]


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


@dataclass
class Ground:
    """The place and the year that a picture is of, and who looks at it."""

    user: Any
    top: Division
    year: int
    today: date

    @property
    def query(self) -> str:
        """Return the address of the same ground, without the question mark."""
        return f"division={self.top.short_code}&year={self.year}"

    @cached_property
    def children(self) -> list[Division]:
        """Return the places one tier down, in the standard order, zones last."""
        return list(Division.objects.living().filter(parent=self.top).in_order())

    @cached_property
    def places(self) -> list[tuple[str, Division]]:
        """Return (key of its rows, place): the place's own tier first, then those below."""
        return [("", self.top), *((str(place.pk), place) for place in self.children)]

    @property
    def child(self) -> Func:
        """Return the id of the child in which a row lies, as text; empty for the place's own."""
        depth = self.top.path.count("/") + 1
        return Func(
            F("scope_path"),
            Value("/"),
            Value(depth),
            function="split_part",
            output_field=CharField(),
        )

    def assignments(self) -> AssignmentQuerySet:
        """Return the duty list of the year in the territory."""
        rows = Assignment.objects.visible_to(self.user).under(self.top.path)
        return rows.filter(year=self.year)

    def name_of(self, place: Division) -> str:
        """Return how a place is called in a table: the whole's own tier says so."""
        return f"{place.name}本级" if place.pk == self.top.pk else place.name

    def rows_of(self, place: Division) -> str:
        """Return the filters of the duty list that give a place's rows."""
        own = f"&tier={place.tier}" if place.pk == self.top.pk else ""
        return f"?year={self.year}&division={place.short_code}{own}"


def ground_of(request: HttpRequest) -> Ground | None:
    """Return what the address asks for; None for whoever sees one body's rows only.

    Raises Forbidden without the right to look, Missing outside the territory.
    """
    access_of(request.user).require(Right.VIEW)
    code = request.GET.get("division", "").strip()[:12]
    top = top_of(request, code)
    if top is None and code:
        raise Missing("没有找到，或不在您的管理范围内。")
    today = clock.today()
    return None if top is None else Ground(request.user, top, year_of(request, today), today)


def year_of(request: HttpRequest, today: date) -> int:
    """Return the year asked for, or this one."""
    text = request.GET.get("year", "")
    plain = len(text) == 4 and text.isascii() and text.isdigit()
    return int(text) if plain and 1949 <= int(text) <= 2200 else today.year


def tallies(ground: Ground, *keys: str) -> dict[tuple[Any, ...], Tally]:
    """Return the numbers of the territory by ``keys`` (``child``, ``duty_id``): one grouped scan.

    Whether a row is late or past its own rule's limit is decided in the same scan.
    """
    late, past = limits.late(ground.today), limits.past_limit(ground.today)
    lateness = Case(
        When(late & past, then=Value(RED)),
        When(late, then=Value(LATE)),
        default=Value(0),
        output_field=IntegerField(),
    )
    rows = (
        ground.assignments()
        .annotate(child=ground.child, lateness=lateness)
        .order_by()
        .values_list(*keys, "standing", "status", "lateness")
        .annotate(n=Count("*"))
    )
    found: dict[tuple[Any, ...], Tally] = {}
    for *key, standing, status, lateness_, n in rows:
        _add(found.setdefault(tuple(key), Counter()), standing, status, lateness_, n)
    return found


def _add(tally: Tally, standing: str, status: str, lateness: int, n: int) -> None:
    tally[standing] += n
    if standing in WAITING:
        tally["waiting"] += n
    if standing != "active":
        return
    tally["total"] += n
    tally[status] += n
    if lateness:
        tally["overdue"] += n
        tally["late"] += n
    if lateness == RED:
        tally["red"] += n


def lines(ground: Ground) -> tuple[Line, list[Line]]:
    """Return the whole of a division, and its own tier with its children, zones last."""
    found = tallies(ground, "child")
    table = [_line(ground, place, found.get((key,), Counter())) for key, place in ground.places]
    numbers = sum(found.values(), Counter())
    query = f"?year={ground.year}&division={ground.top.short_code}"
    whole = Line(ground.top.code, ground.top.name, ground.top.tier, False, _of(numbers), query)
    return whole, table


def whole_of(ground: Ground) -> dict[str, int]:
    """Return the numbers of the whole territory."""
    return _of(sum(tallies(ground, "child").values(), Counter()))


def _of(tally: Tally) -> dict[str, int]:
    return {key: tally[key] for key in NUMBERS}


def _line(ground: Ground, place: Division, tally: Tally) -> Line:
    name, query = ground.name_of(place), ground.rows_of(place)
    return Line(place.code, name, place.tier, place.is_zone, _of(tally), query)
