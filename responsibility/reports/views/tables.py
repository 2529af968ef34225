"""报表负担 and 报送及时率: figures about reporting itself, open and never a ranking."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from responsibility.common import clock
from responsibility.common.errors import Missing
from responsibility.common.rights import Right
from responsibility.common.views import access, get_visible, number_page
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.services import burden as loads
from responsibility.reports.services import filling, special, timeliness


@require_GET
def burden(request: HttpRequest) -> HttpResponse:
    """Who asks what of whom; for everybody who is signed in."""
    issuers = loads.by_issuer(clock.today())
    kinds = [item for issuer in issuers for item in issuer.kinds]
    totals = {
        "kinds": len(kinds),
        "cells": sum(item.cells for item in kinds),
        "typed": sum(item.typed for item in kinds),
        "typed_a_year": sum(item.typed_a_year for item in kinds),
        "days": loads.average(item.kind.days_given for item in kinds),
        "short": sum(item.is_short for item in kinds),
    }
    return render(request, "reports/burden.html", {"issuers": issuers, "totals": totals})


@require_GET
def timely(request: HttpRequest) -> HttpResponse:
    """What came in time and complete, one kind and year at a time, places in standard order."""
    access(request).require(Right.VIEW)
    kinds = _newest_versions()
    year = _year(request)
    chosen = next((row for row in kinds if row.key == request.GET.get("kind")), None)
    kind = chosen or next(iter(kinds), None)
    context: dict[str, Any] = {"kinds": kinds, "kind": kind, "year": year}
    if kind is not None:
        page = number_page(request, timeliness.bodies_of(request.user, kind.key))
        context["page"] = page
        context["lines"] = timeliness.lines(
            user=request.user, kind=kind, year=year, bodies=page.rows
        )
    context["years"] = range(clock.today().year, clock.today().year - 5, -1)
    return render(request, "reports/timely.html", context)


def _newest_versions() -> list[ReportKind]:
    rows = ReportKind.objects.published().order_by("key", "-version").distinct("key")
    return sorted(rows, key=lambda row: (not row.article, row.article.zfill(4), row.title))


def _year(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    today = clock.today().year
    if text.isascii() and text.isdigit() and len(text) == 4 and 1990 <= int(text) <= today:
        return int(text)
    return today


@require_POST
def no_data(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """本单位无此数据, with the reason: an answer like any other."""
    row = get_visible(
        Report.objects.select_related("kind", "body__division", "division"), request, public_id
    )
    if not filling.may_write(request.user, row.body):
        raise Missing("没有找到，或不在您的填报范围内。")
    special.answer_no_data(by=request.user, report=row, reason=request.POST.get("reason", "")[:300])
    messages.success(request, "已答“本单位无此数据”，报上级审核。")
    return redirect(reverse("report", args=[row.public_id]))
