"""Taking in numbers from outside: what the check must know, and writing what it let through."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from responsibility.common import periods
from responsibility.common.scoping import Scope
from responsibility.divisions.models import Body, DivisionVersion
from responsibility.figures.models import FigureValue, Indicator
from responsibility.figures.rules import incoming
from responsibility.figures.rules.incoming import Facts, Good, Item, Known, Mistake, Place
from responsibility.figures.services.bulk import Entry, Written, set_many
from responsibility.figures.services.ledger import as_of


@dataclass
class Checked:
    """What was found of an input: what may be written, the mistakes, and the rows to write to."""

    good: list[Good]
    mistakes: list[Mistake]
    bodies: dict[int, Body] = field(default_factory=dict)
    indicators: dict[int, Indicator] = field(default_factory=dict)

    def entries(self) -> list[Entry]:
        """Return what may be written."""
        return [
            Entry(
                self.bodies[item.body_id],
                self.indicators[item.indicator_id],
                item.period,
                item.value,
            )
            for item in self.good
        ]


def check(*, items: Sequence[Item], scope: Scope, accept_jumps: bool = False) -> Checked:
    """Check numbers against the dictionary, the tree as of their periods, and the last numbers.

    Only places inside ``scope`` are known. Four statements, however many the items.
    """
    indicators = {
        row.key: row for row in Indicator.objects.filter(key__in={item.indicator for item in items})
    }
    codes = _periods(items)
    places, bodies = _places({incoming.full_code(item.place) for item in items}, codes, scope)
    last = {} if accept_jumps else _last(indicators.values(), bodies, codes)
    known = Known(
        {key: facts_of(row) for key, row in indicators.items()}, places, last, accept_jumps
    )
    good, mistakes = incoming.check(items, known)
    return Checked(good, mistakes, bodies, {row.pk: row for row in indicators.values()})


def facts_of(row: Indicator) -> Facts:
    """Return what the check must know of an indicator."""
    return Facts(
        id=row.pk,
        key=row.key,
        name=row.name,
        unit=row.unit,
        tier=row.tier,
        tier_words=row.get_tier_display(),
        period_type=row.period_type,
        period_words=row.get_period_type_display(),
        source_kind=row.source_kind,
        retired=row.retired_on is not None,
    )


def _periods(items: Iterable[Item]) -> list[str]:
    found = set()
    for text in {item.period for item in items}:
        try:
            found.add(incoming.read_period(text))
        except ValueError:
            continue
    return sorted(found)


def _places(
    codes: Collection[str], period_codes: Collection[str], scope: Scope
) -> tuple[dict[tuple[str, str], Place], dict[int, Body]]:
    """Return the places by (code, period) as they were then, and their own bodies by id."""
    versions = list(DivisionVersion.objects.filter(code__in=codes))
    rows = Body.objects.within(scope).filter(
        division_id__in={version.division_id for version in versions},
        is_main=True,
        ended_on=None,
    )
    bodies = {body.division_id: body for body in rows}
    places = {}
    for period in period_codes:
        day = as_of(period)
        for version in versions:
            upper = version.validity.upper
            stands = version.validity.lower <= day and (upper is None or day < upper)
            if stands and version.division_id in bodies:
                body = bodies[version.division_id]
                places[version.code, period] = Place(
                    version.code, version.name, version.tier, body.pk
                )
    return places, {body.pk: body for body in bodies.values()}


def _last(
    indicators: Iterable[Indicator], bodies: Collection[int], period_codes: Sequence[str]
) -> dict[tuple[int, int], Any]:
    """Return the last number before the first of the periods, by (indicator, body)."""
    ids = [row.pk for row in indicators]
    if not (ids and bodies and period_codes):
        return {}
    first = min(period_codes, key=lambda code: periods.parse(code).start)
    rows = (
        FigureValue.objects.current()
        .filter(
            indicator_id__in=ids,
            body_id__in=bodies,
            period__lt=first,
            dimension="",
            source_kind="typed",
        )
        .order_by("indicator_id", "body_id", "-period")
        .distinct("indicator_id", "body_id")
        .values_list("indicator_id", "body_id", "value")
    )
    return {(indicator, body): value for indicator, body, value in rows}


def would_write(checked: Checked) -> Written:
    """Return what writing would do, without doing it."""
    standing = {
        (row["indicator_id"], row["body_id"], row["period"]): row["value"]
        for row in FigureValue.objects.current()
        .filter(
            indicator_id__in=checked.indicators,
            body_id__in=checked.bodies,
            period__in={item.period for item in checked.good},
            dimension="",
        )
        .values("indicator_id", "body_id", "period", "value")
    }
    created = updated = 0
    for item in checked.good:
        known = standing.get((item.indicator_id, item.body_id, item.period))
        created += known is None
        updated += known is not None and known != item.value
    return Written(created, updated, len(checked.good) - created - updated)


@transaction.atomic
def write(*, by: Any, checked: Checked, source: models.Model) -> Written:
    """Enter what the check let through."""
    if not checked.good:
        return Written(0, 0, 0)
    return set_many(by=by, entries=checked.entries(), source=source)
