"""The list of plans, opening one, who has none yet, what was handed down."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from responsibility.common import clock
from responsibility.common.errors import Invalid
from responsibility.common.rights import Right
from responsibility.common.views import access, get_visible, number_page
from responsibility.deadlines.models import Deadline
from responsibility.divisions.models import Body
from responsibility.duties.models import Assignment
from responsibility.duties.rules import Standing, Status
from responsibility.plans.models import HandDown, Plan
from responsibility.plans.rules import PlanKind
from responsibility.plans.services import drafting, reading
from responsibility.plans.services.following import CHECK, LABEL
from responsibility.plans.views.common import url_of


def own_bodies(request: HttpRequest) -> list[Body]:
    """Return the bodies whose plans the user writes (a division's own, or one member unit)."""
    grants = access(request).with_right(Right.LOG_PROGRESS)
    places = [g.division_id for g in grants if g.body_id is None and g.division_id]
    units = [g.body_id for g in grants if g.body_id]
    if not places and not units:
        return []
    chosen = Q(division__in=places, is_main=True) | Q(pk__in=units)
    rows = Body.objects.filter(chosen, ended_on=None).select_related("division", "kind")
    return list(rows.order_by("scope_path", "id")[:20])


@require_GET
def plan_list(request: HttpRequest) -> HttpResponse:
    """计划: those in the territory, newest period first."""
    rows = Plan.objects.visible_to(request.user).living().with_names()
    kind, year = request.GET.get("kind", ""), request.GET.get("year", "")
    if kind in dict(PlanKind.choices()):
        rows = rows.filter(kind=kind)
    if year.isascii() and year.isdigit() and len(year) == 4:
        rows = rows.filter(period=year)
    context = {
        "page": number_page(request, rows.order_by("-period", "scope_path", "id")),
        "own": own_bodies(request),
        "given": _given(request),
        "kinds": PlanKind.choices(),
        "kind": kind,
        "year": year,
        "this_year": clock.today().year,
        "missing": missing_rows(request).count(),
    }
    return render(request, "plans/list.html", context)


def _given(request: HttpRequest) -> list[HandDown]:
    """Return what was handed down to the user's own bodies and is not answered yet."""
    places = [
        grant.division_id
        for grant in access(request).with_right(Right.LOG_PROGRESS)
        if grant.body_id is None and grant.division_id
    ]
    rows = HandDown.objects.filter(
        division__in=places,
        answer=None,
        plan__superseded_at=None,
        plan__voided_at=None,
        plan__period__gte=str(clock.today().year),
    )
    return list(rows.select_related("plan__body", "body").order_by("-id")[:10])


def missing_rows(request: HttpRequest) -> "QuerySet[Assignment]":
    """Return the duties of this year whose plan is not issued yet, in the territory."""
    return (
        Assignment.objects.visible_to(request.user)
        .filter(duty__check_key=CHECK, year=clock.today().year, standing=Standing.ACTIVE)
        .exclude(status=Status.DONE)
    )


@require_GET
def missing(request: HttpRequest) -> HttpResponse:
    """Who has no issued plan of this year, with the deadline and its basis."""
    rows = missing_rows(request).select_related("body", "duty", "division")
    found = number_page(request, rows.order_by("scope_path", "id"))
    dates = {
        deadline.subject_id: deadline
        for deadline in Deadline.objects.of(
            "duties.assignment", [row.public_id for row in found.rows]
        ).select_related("rule")
    }
    context = {
        "page": found,
        "rows": [(row, dates.get(row.public_id)) for row in found.rows],
        "year": clock.today().year,
    }
    return render(request, "plans/missing.html", context)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Open a plan of an own body."""
    try:
        body_id = UUID(request.POST.get("body", ""))
    except ValueError:
        raise Invalid("请从计划列表里打开。") from None
    body = get_visible(Body.objects.select_related("division", "kind"), request, body_id)
    row = drafting.open_plan(
        by=request.user,
        body=body,
        period=request.POST.get("period", "")[:20],
        span="/" in request.POST.get("period", ""),
    )
    if row.issued_at:
        messages.info(request, "这一期的计划已经下达；要改请修订。")
        return redirect(url_of(row))
    return redirect(url_of(row, "plan_edit"))


@require_GET
def hand_down(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was handed down to one body: the targets, by when to answer, and the answer."""
    rows = HandDown.objects.select_related("plan__body", "body__division", "answer")
    row = get_visible(rows, request, public_id)
    given = [
        part
        for part in reading.handed_down(row.body, row.plan.period)
        if part.line.plan_id == row.plan_id
    ]
    deadline = Deadline.objects.of(LABEL, [row.public_id]).select_related("rule").first()
    context: dict[str, Any] = {
        "row": row,
        "parts": given,
        "deadline": deadline,
        "can_start": row.answer is None and drafting.may_write(request.user, row.body),
    }
    return render(request, "plans/hand_down.html", context)
