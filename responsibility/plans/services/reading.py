"""What others read of plans: issued lines and targets."""

from collections.abc import Iterable
from decimal import Decimal

from responsibility.divisions.models import Body
from responsibility.plans.models import Plan, PlanLine, PlanPart
from responsibility.plans.rules import PlanKind

YEARLY = (PlanKind.YEARLY, PlanKind.DEPARTMENT)


def issued_plan(body: Body, year: int) -> Plan | None:
    """Return the version in force of a body's plan for a year."""
    rows = Plan.objects.in_force().filter(body=body, period=str(year), kind__in=YEARLY)
    return rows.order_by("kind", "id").first()


def issued_lines(body: Body, year: int) -> list[PlanLine]:
    """Return the lines of the body's plan in force for a year, in order (none: no plan)."""
    rows = PlanLine.objects.standing().filter(
        plan__in=Plan.objects.in_force().filter(body=body, period=str(year), kind__in=YEARLY)
    )
    return list(rows.with_names().select_related("plan"))


def handed_down(body: Body, period: str) -> list[PlanPart]:
    """Return what the tier above has issued to a division's own body for a period."""
    if not body.is_main:
        return []
    rows = PlanPart.objects.filter(
        division_id=body.division_id,
        target__isnull=False,
        line__voided_at=None,
        line__plan__period=period,
        line__plan__issued_at__isnull=False,
        line__plan__superseded_at=None,
        line__plan__voided_at=None,
    )
    return list(
        rows.select_related("line__indicator", "line__plan__body").order_by("line__position", "id")
    )


def targets(*, body_ids: Iterable[int], year: int) -> dict[tuple[int, int], Decimal]:
    """Return {(body id, indicator id): target} of a year for many bodies at once.

    A body's own plan in force; where it has none for an indicator, what was handed down to it.
    """
    ids = list(body_ids)
    given = PlanPart.objects.filter(
        target__isnull=False,
        line__voided_at=None,
        line__plan__period=str(year),
        line__plan__issued_at__isnull=False,
        line__plan__superseded_at=None,
        line__plan__voided_at=None,
        division__in=Body.objects.filter(pk__in=ids, is_main=True).values("division"),
    ).values_list("division_id", "line__indicator_id", "target")
    parts = {
        (division, indicator): target for division, indicator, target in given if target is not None
    }
    found: dict[tuple[int, int], Decimal] = {}
    if parts:
        mains = dict(Body.objects.filter(pk__in=ids, is_main=True).values_list("division_id", "id"))
        found = {(mains[place], key): target for (place, key), target in parts.items()}
    own = (
        PlanLine.objects.standing()
        .filter(
            plan__in=Plan.objects.in_force().filter(
                body_id__in=ids, period=str(year), kind__in=YEARLY
            )
        )
        .values_list("plan__body_id", "indicator_id", "target")
    )
    return found | {(body, indicator): target for body, indicator, target in own}
