"""The ledger of the demo year: typed values from the entries, last year's, and their sums."""

import random
from collections import defaultdict
from decimal import Decimal

from responsibility.common.bulk import copy_rows
from responsibility.divisions.models import Body, Division
from responsibility.figures.models import FigureValue, Indicator
from responsibility.progress.models import ProgressFigure


def make_numbers(year: int) -> int:
    """Write this year's values from passed entries and last year's invented ones, with sums."""
    bodies = {
        body.division_id: body
        for body in Body.objects.filter(is_main=True, ended_on=None).select_related("division")
    }
    rows = _this_year(year) + _last_year(year - 1, bodies)
    rows += _sums(rows, bodies)
    copy_rows(rows)
    return len(rows)


def registered(key: str, body_id: int, year: int) -> Decimal | None:
    """Return a village's invented households, people or files, which agree with each other."""
    households = 6 + body_id * 37 % 31 + (body_id + year) % 3
    numbers = {
        "i-poor-households": households,
        "i-poor-people": households * 2 + body_id % 5,
        "i-household-files": households - (body_id % 3 == 0),
    }
    return Decimal(numbers[key]) if key in numbers else None


def _this_year(year: int) -> list[FigureValue]:
    figures = ProgressFigure.objects.filter(
        entry__status="passed",
        entry__period=str(year),
        value__isnull=False,
        entry__body__is_main=True,
    ).select_related("entry", "indicator")
    return [
        _row(
            figure.indicator,
            figure.entry.body_id,
            figure.entry.division_id,
            figure.entry.scope_path,
            figure.entry.county_id,
            figure.entry.period,
            figure.value or Decimal(0),
            source=str(figure.entry.public_id),
        )
        for figure in figures.order_by("id")
    ]


def _last_year(year: int, bodies: dict[int, Body]) -> list[FigureValue]:
    rng = random.Random(year)  # noqa: S311 - demo data, not secrets
    rows = []
    for indicator in Indicator.objects.filter(source_kind="typed").order_by("id"):
        big = indicator.key == "i-collective-income"
        for body in bodies.values():
            if body.division.tier != indicator.tier:
                continue
            value = registered(indicator.key, body.pk, year)
            if value is None:
                value = Decimal(rng.randrange(25_000, 240_000) if big else rng.randrange(5, 60))
            if indicator.tier == "county":
                value *= 20
            rows.append(
                _row(
                    indicator,
                    body.pk,
                    body.division_id,
                    body.scope_path,
                    body.county_id,
                    str(year),
                    value,
                )
            )
    return rows


def _sums(rows: list[FigureValue], bodies: dict[int, Body]) -> list[FigureValue]:
    total: dict[tuple[int, int, str], Decimal] = defaultdict(Decimal)
    count: dict[tuple[int, int, str], int] = defaultdict(int)
    expected = _expected()
    indicators = {row.indicator_id: row.indicator for row in rows}
    for row in rows:
        for above in [int(part) for part in row.scope_path.split("/") if part][:-1]:
            key = (row.indicator_id, above, row.period)
            total[key] += row.value
            count[key] += 1
    made = []
    for key in sorted(total):
        indicator_id, division_id, period = key
        body, indicator = bodies[division_id], indicators[indicator_id]
        made.append(
            _row(
                indicator,
                body.pk,
                division_id,
                body.scope_path,
                body.county_id,
                period,
                total[key],
                counts=(count[key], expected[(division_id, indicator.tier)]),
            )
        )
    return made


def _expected() -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = defaultdict(int)
    for path, tier in Division.objects.living().values_list("path", "tier"):
        for above in [int(part) for part in path.split("/") if part][:-1]:
            found[(above, tier)] += 1
    return found


def _row(
    indicator: Indicator,
    body_id: int,
    division_id: int,
    scope_path: str,
    county_id: int | None,
    period: str,
    value: Decimal,
    source: str = "",
    counts: tuple[int, int] | None = None,
) -> FigureValue:
    return FigureValue(
        indicator=indicator,
        body_id=body_id,
        division_id=division_id,
        scope_path=scope_path,
        county_id=county_id,
        period=period,
        value=value,
        source_kind="rollup" if counts else "typed",
        source_model="progress.progressentry" if source else "",
        source_id=source,
        reported=counts[0] if counts else 1,
        expected=counts[1] if counts else 1,
    )
