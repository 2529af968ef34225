"""What is asked of those below: kinds in force, cells, cells typed by hand, days given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from responsibility.divisions.models import Body
from responsibility.reports.models import CellDef, ReportKind, SectionDef
from responsibility.reports.rules import Rhythm
from responsibility.reports.rules.kinds import needs_reason

A_YEAR = {
    Rhythm.YEARLY: 1,
    Rhythm.HALF: 2,
    Rhythm.QUARTERLY: 4,
    Rhythm.MONTHLY: 12,
    Rhythm.EVENT: 0,
    Rhythm.ONCE: 1,
}


@dataclass(frozen=True)
class KindLoad:
    """What one kind in force asks: in one report, and of all bodies in a year."""

    kind: ReportKind
    cells: int
    typed: int
    texts: int
    bodies: int

    @property
    def a_year(self) -> int:
        """Return how many reports a year it asks for (0 where events decide)."""
        return self.bodies * A_YEAR[Rhythm(self.kind.rhythm)]

    @property
    def typed_a_year(self) -> int:
        """Return how many cells a year are typed by hand for it."""
        return self.typed * self.a_year

    @property
    def is_short(self) -> bool:
        """Say whether it gives fewer than three working days."""
        return needs_reason(self.kind.days_given)


@dataclass(frozen=True)
class IssuerLoad:
    """What one issuer asks."""

    issuer: Body | None
    kinds: tuple[KindLoad, ...]

    @property
    def cells(self) -> int:
        """Return the figure cells of its kinds."""
        return sum(item.cells for item in self.kinds)

    @property
    def typed(self) -> int:
        """Return those typed by hand."""
        return sum(item.typed for item in self.kinds)

    @property
    def average_days(self) -> Decimal | None:
        """Return the average of the working days given, where they are counted."""
        return average(item.kind.days_given for item in self.kinds)

    @property
    def short(self) -> int:
        """Return how many give fewer than three working days, each with its reason."""
        return sum(item.is_short for item in self.kinds)


def average(days: Iterable[int | None]) -> Decimal | None:
    """Return the average to one decimal place; None of nothing."""
    known = [item for item in days if item is not None]
    return round(Decimal(sum(known)) / len(known), 1) if known else None


def by_issuer(day: date) -> list[IssuerLoad]:
    """Return the load of the kinds in force on a day, issuers in standard order; 5 statements."""
    kinds = list(
        ReportKind.objects.in_force(day)
        .select_related("issuer__division")
        .order_by(
            "issuer__division__sort_key",
            "issuer__kind__position",
            "issuer__name",
            "title",
            "pk",
        )
    )
    cells = {
        row["section__kind"]: (row["all"], row["typed_n"])
        for row in CellDef.objects.filter(section__kind__in=kinds)
        .values("section__kind")
        .annotate(all=Count("pk"), typed_n=Count("pk", filter=Q(typed=True)))
    }
    counted = SectionDef.objects.filter(kind__in=kinds, section_kind="text").values("kind")
    texts = {row["kind"]: row["n"] for row in counted.annotate(n=Count("pk")).order_by("kind")}
    bodies = _bodies(kinds)
    groups: dict[int | None, list[KindLoad]] = {}
    for kind in kinds:
        all_, typed = cells.get(kind.pk, (0, 0))
        load = KindLoad(kind, all_, typed, texts.get(kind.pk, 0), bodies.get(kind.pk, 0))
        groups.setdefault(kind.issuer_id, []).append(load)
    return [IssuerLoad(rows[0].kind.issuer, tuple(rows)) for rows in groups.values()]


def _bodies(kinds: list[ReportKind]) -> dict[int, int]:
    living = (
        Body.objects.filter(ended_on=None).values("kind").annotate(n=Count("pk")).order_by("kind")
    )
    by_kind: dict[Any, int] = {row["kind"]: row["n"] for row in living}
    through = ReportKind.submitters.through.objects.filter(reportkind__in=kinds)
    found: dict[int, int] = {}
    for kind_id, body_kind in through.values_list("reportkind_id", "bodykind_id"):
        found[kind_id] = found.get(kind_id, 0) + by_kind.get(body_kind, 0)
    return found
