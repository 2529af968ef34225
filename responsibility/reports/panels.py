"""What reports show elsewhere: the workbench, the menu's count, the duty that asks for them."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from responsibility.common import clock
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines import subjects
from responsibility.duties.checks import Found
from responsibility.duties.models import Assignment
from responsibility.figures.models import Indicator
from responsibility.figures.readers import Use
from responsibility.flow.access import review_places
from responsibility.flow.rules import State
from responsibility.reports.models import CellDef, Report, ReportKind, ReportQuerySet
from responsibility.reports.rules import KindStatus
from responsibility.reports.services import gate

OPEN = (State.SUBMITTED, State.IN_REVIEW)


def for_user(user: Any) -> ReportQuerySet:
    """Return the reports that wait for this user: returned, to approve, to review."""
    access = access_of(user)
    own = {
        grant.division_id
        for grant in (*access.with_right(Right.LOG_PROGRESS), *access.with_right(Right.SUBMIT))
        if grant.division_id and grant.body_id is None
    }
    principals = {g.division_id for g in access.with_right(Right.APPROVE) if g.division_id}
    condition = Q(status=State.RETURNED, division_id__in=own)
    condition |= Q(status=State.AWAITING_APPROVAL, division_id__in=principals)
    mine = Q(status__in=OPEN, reviewing_division_id__in=review_places(access))
    condition |= mine & ~Q(recorder_id=user.pk)
    return Report.objects.filter(condition)


def waiting(request: HttpRequest, obj: Any) -> ReportQuerySet:
    """Return the reports without which the workbench needs no block."""
    return for_user(request.user)


def on_workbench(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """The reports that wait for the user."""
    rows = list(for_user(request.user).with_names().order_by("-updated_at", "-id")[:10])
    return ("reports/_on_workbench.html", {"reports": rows}) if rows else None


def at_the_gate(request: HttpRequest, obj: Any) -> "QuerySet[ReportKind] | None":
    """Return the report kinds that wait for a second person, for whoever may be that person."""
    access = access_of(request.user)
    if not (access.has(Right.MANAGE_REPORT_KINDS) or access.has(Right.REVIEW)):
        return None
    return ReportKind.objects.filter(status=KindStatus.PROPOSED)


def gate_on_workbench(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """The report kinds that wait for a second person."""
    proposed = at_the_gate(request, obj)
    if proposed is None:
        return None
    kinds = proposed.select_related("issuer").order_by("pk")[:10]
    rows = [row for row in kinds if gate.may_decide(request.user, row)]
    return ("reports/kinds/_on_workbench.html", {"kinds": rows}) if rows else None


def county_yearly(assignment: Assignment) -> Found | None:
    """Say whether the year's report of this body is in and passed."""
    row = Report.objects.filter(
        kind__key="county-yearly", body_id=assignment.body_id, period=str(assignment.year)
    ).first()
    done = int(row is not None and row.status in (State.PASSED, State.ARCHIVED))
    words = row.get_status_display() if row else "还没有报告"
    url = reverse("report", args=[row.public_id]) if row else ""
    return Found(done, 1, f"年度报告：{words}", url)


def timing() -> None:
    """Tell the deadlines where a report's page is."""
    subjects.register(
        "reports.report",
        subjects.Kind(
            address=lambda public_id: f"/reports/{public_id}/",
            rows=lambda: Report.objects.select_related("kind", "body"),
            title=str,
        ),
    )


def reading_indicator(request: HttpRequest, indicator: Indicator) -> list[Use]:
    """The kinds of report with a cell of this indicator."""
    rows = CellDef.objects.filter(
        indicator=indicator,
        section__kind__in=ReportKind.objects.visible_to(request.user).in_force(clock.today()),
    )
    titles = rows.order_by("section__kind_id").values_list("section__kind__title", "section__title")
    return [Use("报告", f"{kind}“{section}”") for kind, section in titles.distinct()[:30]]
