"""Reading numbers: typed, rolled up, from a ledger or by formula; many bodies at once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from responsibility.divisions.models import Body
from responsibility.figures import sources
from responsibility.figures.models import FigureValue, Indicator, ValueQuerySet
from responsibility.figures.rules import SourceKind
from responsibility.figures.rules.evaluation import Dictionary, Evaluator, Reading, leaves
from responsibility.figures.services import dictionary

MISSING = Reading(None, "missing", reason="没有数")
Cell = tuple[int, str, str]
"""(body id, indicator key, period)"""


def known_at(rows: ValueQuerySet, as_of: datetime | None) -> ValueQuerySet:
    """Return the versions that stood at a moment (now: those that stand)."""
    if as_of is None:
        return rows.current()
    gone = Q(superseded_at=None) | Q(superseded_at__gt=as_of)
    return rows.filter(gone, recorded_at__lte=as_of)


@dataclass
class Sheet:
    """What the ledger holds of many bodies, and formulas over it."""

    dictionary: Dictionary
    known: dict[Cell, Reading] = field(default_factory=dict)
    _evaluators: dict[int, Evaluator] = field(default_factory=dict)

    def stored(self, body: int, key: str, period: str) -> Reading:
        """Return what the ledger holds."""
        return self.known.get((body, key, period), MISSING)

    def evaluator(self, body: int) -> Evaluator:
        """Return the one that works formulas out for a body."""
        if body not in self._evaluators:
            self._evaluators[body] = Evaluator(
                self.dictionary, lambda key, period: self.stored(body, key, period)
            )
        return self._evaluators[body]

    def read(self, body: int, key: str, period: str) -> Reading:
        """Return one reading."""
        return self.evaluator(body).read(key, period)


def sheet(
    *,
    bodies: Iterable[int],
    keys: Iterable[str],
    periods: Iterable[str],
    as_of: datetime | None = None,
) -> Sheet:
    """Return a sheet that can answer for these bodies, indicators and periods.

    Statements do not grow with the bodies: the dictionary, the ledger, and one for each
    (indicator, period) that a registered ledger answers for.
    """
    ids = list(bodies)
    found = Sheet(dictionary.load(as_of))
    wanted = {(key, period) for key in keys for period in periods}
    stored, _ = leaves(wanted, found.dictionary.formulas)
    if ids and stored:
        _read_ledger(found, ids, stored, as_of)
        _ask_sources(found, ids, stored)
    return found


def _read_ledger(
    found: Sheet, ids: Collection[int], stored: set[tuple[str, str]], as_of: datetime | None
) -> None:
    rows = known_at(FigureValue.objects.all(), as_of).filter(
        body_id__in=ids,
        indicator__key__in={key for key, _ in stored},
        period__in={period for _, period in stored},
        dimension="",
    )
    columns = ("value", "source_kind", "reported", "expected")
    for body, key, period, *given in rows.values_list(
        "body_id", "indicator__key", "period", *columns
    ):
        found.known[body, key, period] = Reading(*given)


def _ask_sources(found: Sheet, ids: Collection[int], stored: set[tuple[str, str]]) -> None:
    if not sources.known():
        return
    asked = dict(
        Indicator.objects.filter(
            source_kind=SourceKind.QUERY, key__in={key for key, _ in stored}
        ).values_list("key", "source_key")
    )
    for key, period in sorted(stored):
        if key in asked:
            for body, value in sources.query(asked[key], ids, period).items():
                found.known[body, key, period] = Reading(value, SourceKind.QUERY, 1, 1)


def values(
    *,
    bodies: Iterable[int],
    keys: Collection[str],
    periods: Collection[str],
    as_of: datetime | None = None,
) -> dict[Cell, Reading]:
    """Return the reading of every (body id, key, period); one without a number says why."""
    ids = list(bodies)
    found = sheet(bodies=ids, keys=keys, periods=periods, as_of=as_of)
    return {
        (body, key, period): found.read(body, key, period)
        for body in ids
        for key in keys
        for period in periods
    }


def value(body: Body, indicator: Indicator, period: str, as_of: datetime | None = None) -> Reading:
    """Return a body's number of a period, whatever its source, or why there is none."""
    cell = (body.pk, indicator.key, period)
    return values(bodies=[body.pk], keys=[indicator.key], periods=[period], as_of=as_of)[cell]


def standing(body: Body, period: str) -> dict[str, FigureValue]:
    """Return a body's numbers of a period by indicator key, formulas worked out.

    A formula's number is a row that is not stored: it has no ``public_id``.
    """
    rows = (
        FigureValue.objects.current()
        .filter(body=body, period=period, dimension="")
        .select_related("indicator")
    )
    found = {row.indicator.key: row for row in rows}
    made = list(Indicator.objects.exclude(source_kind__in=("typed", "rollup")))
    if made:
        keys = [item.key for item in made]
        given = values(bodies=[body.pk], keys=keys, periods=[period])
        for item in made:
            reading = given[body.pk, item.key, period]
            if reading.value is not None:
                found[item.key] = _as_row(item, body, period, reading)
    return found


def _as_row(indicator: Indicator, body: Body, period: str, reading: Reading) -> FigureValue:
    row = FigureValue(
        indicator=indicator,
        body=body,
        period=period,
        value=reading.value or 0,
        source_kind=reading.how,
        reported=reading.reported,
        expected=reading.expected,
    )
    row.public_id = None  # type: ignore[assignment]
    row.division_id, row.scope_path = body.division_id, body.scope_path
    row.county_id = body.county_id
    return row
