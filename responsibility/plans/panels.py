"""What plans show elsewhere: the workbench, the duty that asks for a plan, deadlines' subjects."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse

from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines import subjects
from responsibility.duties.checks import Found
from responsibility.duties.models import Assignment
from responsibility.figures.models import Indicator
from responsibility.figures.readers import Use
from responsibility.flow.access import review_places
from responsibility.flow.rules import State
from responsibility.plans.models import HandDown, Plan, PlanLine, PlanQuerySet
from responsibility.plans.rules import PlanKind

OPEN = (State.SUBMITTED, State.IN_REVIEW)


def for_user(user: Any) -> PlanQuerySet:
    """Return the plans that wait for this user: returned, to issue, to review."""
    access = access_of(user)
    writes = access.with_right(Right.LOG_PROGRESS)
    issues = access.with_right(Right.SUBMIT)
    own = Q(division_id__in=[g.division_id for g in writes if g.body_id is None])
    own |= Q(body_id__in=[g.body_id for g in writes if g.body_id])
    to_issue = Q(division_id__in=[g.division_id for g in issues if g.body_id is None])
    to_issue |= Q(body_id__in=[g.body_id for g in issues if g.body_id])
    condition = own & Q(status=State.RETURNED)
    condition |= to_issue & Q(status=State.PASSED, issued_at=None)
    mine = Q(status__in=OPEN, reviewing_division_id__in=review_places(access))
    condition |= mine & ~Q(recorder_id=user.pk)
    return Plan.objects.filter(condition, voided_at=None)


def waiting(request: HttpRequest, obj: Any) -> PlanQuerySet:
    """Return the plans without which the workbench needs no block."""
    return for_user(request.user)


def on_workbench(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """The plans that wait for the user."""
    rows = list(for_user(request.user).with_names().order_by("-updated_at", "-id")[:10])
    return ("plans/_on_workbench.html", {"plans": rows}) if rows else None


def issued(assignment: Assignment) -> Found | None:
    """Say whether the year's plan of this body is issued."""
    place = Q(body=assignment.body_id)
    if assignment.body.kind.key.endswith(".leading_group"):
        place |= Q(division=assignment.division_id, body__is_main=True)
    rows = Plan.objects.filter(place, period=str(assignment.year), voided_at=None)
    row = rows.exclude(kind=PlanKind.SPAN).order_by("superseded_at", "-version").last()
    if row is None:
        return Found(0, 1, "还没有年度计划", reverse("plan_list"))
    url = reverse("plan", args=[row.public_id])
    return Found(int(bool(row.issued_at)), 1, f"年度计划：{row.stage_words}", url)


def register_subjects() -> None:
    """Tell the deadlines where what was handed down is answered."""
    subjects.register(
        "plans.handdown",
        subjects.Kind(
            address=lambda public_id: f"/plans/handed-down/{public_id}/",
            rows=lambda: HandDown.objects.select_related("plan__body", "body"),
            title=lambda row: f"分解落实{row.plan.title}",
        ),
    )


def reading_indicator(request: HttpRequest, indicator: Indicator) -> list[Use]:
    """The plans of the user's territory with a target of this indicator, by period."""
    plans = Plan.objects.visible_to(request.user).filter(voided_at=None, superseded_at=None)
    lines = PlanLine.objects.filter(indicator=indicator, voided_at=None, plan__in=plans)
    periods = lines.values("plan__period").annotate(count=Count("plan", distinct=True))
    return [
        Use("计划", f"{row['plan__period']} 期 {row['count']} 份")
        for row in periods.order_by("-plan__period")[:10]
    ]
