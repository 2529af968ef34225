"""Entering a number and rolling it up the chain above, level by level."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, models, transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock, periods
from responsibility.common.errors import Invalid
from responsibility.divisions.models import Body, Division, DivisionVersion
from responsibility.divisions.rules import Tier
from responsibility.figures.models import FigureValue, Indicator
from responsibility.figures.rules import Part, SourceKind, adds_up, roll_up
from responsibility.figures.services.reading import standing

__all__ = ["standing"]
ORDER = [Tier.PROVINCE, Tier.CITY, Tier.COUNTY, Tier.TOWNSHIP, Tier.VILLAGE]


def is_entered_at(indicator: Indicator, tier: str) -> bool:
    """Say whether bodies of this tier type the number; above it is only summed."""
    return indicator.source_kind == SourceKind.TYPED and indicator.tier == tier


@transaction.atomic
def set_values(
    *,
    by: Any,
    body: Body,
    period: str,
    values: Mapping[Indicator, Decimal],
    source: models.Model,
    dimension: str = "",
) -> list[FigureValue]:
    """Enter typed numbers of a body and roll them up.

    A number equal to the standing one makes no new version. Raises Invalid where the indicator is
    not entered at the body's tier (what can be added up from below may not be typed above).
    """
    written = []
    for indicator, value in values.items():
        if not is_entered_at(indicator, body.division.tier):
            raise Invalid(f"“{indicator.name}”由下级汇总，不能在本级填写。", where=indicator.key)
        written.append(
            _put(
                indicator=indicator,
                body=body,
                period=period,
                dimension=dimension,
                value=value,
                kind=SourceKind.TYPED,
                counts=(1, 1),
                by=by,
                source=source,
            )
        )
        if body.is_main and adds_up(indicator.nature):
            roll_up_chain(indicator=indicator, division=body.division, period=period)
    audit.record(
        by=by,
        verb="figures.set",
        target=source,
        scope_path=body.scope_path,
        new={"period": period, **{item.key: value for item, value in values.items()}},
    )
    return written


def _put(
    *,
    indicator: Indicator,
    body: Body,
    period: str,
    dimension: str,
    value: Decimal,
    kind: str,
    counts: tuple[int, int],
    by: Any,
    source: models.Model | None,
) -> FigureValue:
    standing = (
        FigureValue.objects.current()
        .select_for_update(of=("self",))
        .filter(indicator=indicator, body=body, period=period, dimension=dimension)
        .first()
    )
    source_id = str(getattr(source, "public_id", "")) if source else ""
    if standing and (standing.value, standing.reported, standing.expected) == (value, *counts):
        return standing
    if standing:
        FigureValue.objects.filter(pk=standing.pk).update(superseded_at=Now())
    row = FigureValue(
        indicator=indicator,
        body=body,
        period=period,
        dimension=dimension,
        value=value,
        source_kind=kind,
        reported=counts[0],
        expected=counts[1],
        recorded_by=by,
        source_model=source._meta.label_lower if source else "",
        source_id=source_id,
    )
    row.division_id = body.division_id
    row.scope_path, row.county_id = body.scope_path, body.county_id
    row.save()
    return row


def as_of(period: str) -> date:
    """Return the day whose tree a period is summed over: its last day, or today if earlier."""
    return min(periods.parse(period).end, clock.today())


def parent_as_of(division: Division, day: date) -> Division | None:
    """Return the parent that a division had on a day (today's where history is silent)."""
    version = (
        DivisionVersion.objects.as_of(day)
        .filter(division=division)
        .select_related("parent")
        .first()
    )
    return version.parent if version else division.parent


def children_as_of(division: Division, day: date) -> list[int]:
    """Return the ids of the children that a division had on a day."""
    return list(
        DivisionVersion.objects.as_of(day)
        .filter(parent=division)
        .values_list("division_id", flat=True)
    )


def roll_up_chain(
    *, indicator: Indicator, division: Division, period: str, dimension: str = ""
) -> None:
    """Recompute the sums of every ancestor, child before parent, from the sums just below."""
    day = as_of(period)
    parent = parent_as_of(division, day)
    while parent is not None:
        roll_up_at(indicator=indicator, division=parent, period=period, dimension=dimension)
        parent = parent_as_of(parent, day)


def roll_up_at(
    *, indicator: Indicator, division: Division, period: str, dimension: str = ""
) -> FigureValue | None:
    """Recompute one division's sum from its children's standing values."""
    body = (
        Body.objects.select_for_update(of=("self",))
        .filter(division=division, is_main=True, ended_on=None)
        .first()
    )
    if body is None:
        return None
    day = as_of(period)
    children = children_as_of(division, day)
    parts = [
        Part(value, reported)
        for value, reported in FigureValue.objects.current()
        .filter(
            indicator=indicator,
            period=period,
            dimension=dimension,
            body__is_main=True,
            division_id__in=children,
        )
        .values_list("value", "reported")
    ]
    total = roll_up(parts)
    return _put(
        indicator=indicator,
        body=body,
        period=period,
        dimension=dimension,
        value=total.value,
        kind=SourceKind.ROLLUP,
        counts=(total.reported, max(total.reported, entering_below(indicator, division, day))),
        by=None,
        source=None,
    )


def entering_below(indicator: Indicator, division: Division, day: date) -> int:
    """Return how many divisions under this one enter the indicator, as of a day."""
    sql = """
        WITH RECURSIVE below AS (
            SELECT division_id, tier FROM divisions_divisionversion
             WHERE parent_id = %s AND validity @> %s::date
            UNION ALL
            SELECT v.division_id, v.tier FROM divisions_divisionversion v
              JOIN below b ON v.parent_id = b.division_id AND v.validity @> %s::date
        ) SELECT count(*) FROM below WHERE tier = %s
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [division.pk, day, day, indicator.tier])
        return int(cursor.fetchone()[0])


def last_known(body: Body, indicator: Indicator, before: str) -> FigureValue | None:
    """Return the newest standing value of a body up to and including a period."""
    return (
        FigureValue.objects.current()
        .filter(body=body, indicator=indicator, period__lte=before)
        .order_by("-period")
        .first()
    )
