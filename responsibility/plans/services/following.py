"""What a plan settles: the duty that asks for it, and what the tier above handed down."""

from typing import Any

from django.db.models import Q

from responsibility.common import clock
from responsibility.deadlines.models import DeadlineRule
from responsibility.deadlines.services import lifecycle
from responsibility.deadlines.services.opening import Opening, open_many
from responsibility.divisions.models import Body
from responsibility.divisions.rules import Tier
from responsibility.duties.models import Assignment
from responsibility.duties.rules import Standing, Status
from responsibility.duties.services import settling
from responsibility.flow.rules import State
from responsibility.plans.models import HandDown, Plan, PlanPart
from responsibility.plans.rules import PlanKind

CHECK = "plans.issued"
RULE = "plan-answer"
LABEL = "plans.handdown"
ANSWERED_AT = (Tier.COUNTY, Tier.TOWNSHIP)
STATUSES = {
    State.DRAFT: Status.IN_PROGRESS,
    State.SUBMITTED: Status.SUBMITTED,
    State.IN_REVIEW: Status.SUBMITTED,
    State.RETURNED: Status.RETURNED,
    State.PASSED: Status.SUBMITTED,
}


def duties_of(plan: Plan) -> list[Assignment]:
    """Return the assignments that a yearly plan answers.

    The plan of a division's own body answers its leading group's duty too (article 6).
    """
    if plan.kind == PlanKind.SPAN:
        return []
    bearer = Q(body=plan.body_id)
    if plan.body.is_main:
        bearer |= Q(division=plan.division_id, body__kind__key__endswith=".leading_group")
    rows = Assignment.objects.filter(bearer, duty__check_key=CHECK, year=plan.year)
    return list(rows.select_related("duty"))


def follow_duties(plan: Plan, by: Any) -> None:
    """Bring the duties in line with where the plan stands."""
    status = Status.DONE if plan.issued_at else STATUSES[State(plan.status)]
    for row in duties_of(plan):
        settling.follow(
            duty_id=row.duty_id, body_id=row.body_id, year=plan.year, status=status, by=by
        )


def hand_down(plan: Plan, by: Any) -> int:
    """Write down which children an issued plan reached, and when each has to answer it."""
    places = PlanPart.objects.filter(
        line__plan=plan, line__voided_at=None, target__isnull=False
    ).values("division")
    bodies = Body.objects.filter(division__in=places, is_main=True, ended_on=None).order_by("id")
    rows = []
    for body in bodies.select_related("division"):
        row = HandDown(plan=plan, body=body)
        row.place(body.division)
        rows.append(row)
    HandDown.objects.bulk_create(rows)
    _open_deadlines(plan, rows, by)
    return len(rows)


def _open_deadlines(plan: Plan, rows: list[HandDown], by: Any) -> None:
    over = plan.year < clock.today().year
    if over or plan.kind == PlanKind.SPAN or not DeadlineRule.objects.by_key([RULE]):
        return
    free = set(
        Assignment.objects.filter(
            body__in=[row.body_id for row in rows], duty__check_key=CHECK, year=plan.year
        )
        .exclude(standing=Standing.ACTIVE)
        .values_list("body_id", flat=True)
    )
    wishes = [
        Opening(
            rule=RULE,
            subject_type=LABEL,
            subject_id=row.public_id,
            title=f"分解落实{plan.title}",
            division_id=row.division_id,
            body_id=row.body_id,
            event_on=clock.today(),
        )
        for row in rows
        if row.division.tier in ANSWERED_AT and row.body_id not in free
    ]
    open_many(openings=wishes, by=by)


def answer(plan: Plan, by: Any) -> None:
    """Settle what was handed down to the body of a plan that is issued now."""
    rows = HandDown.objects.filter(body=plan.body, plan__period=plan.period, answer=None)
    ids = list(rows.values_list("public_id", flat=True))
    if ids:
        rows.update(answer=plan)
        lifecycle.settle(label=LABEL, subject_ids=ids, by=by)


def withdraw_hand_downs(plan: Plan, by: Any, reason: str) -> None:
    """Stop the clocks of what an issued plan asked for and nobody has answered yet."""
    ids = list(plan.hand_downs.filter(answer=None).values_list("public_id", flat=True))
    if ids:
        lifecycle.cancel(label=LABEL, subject_ids=ids, by=by, reason=reason)
