"""总览: the page, its panels (each a page of its own), the workbook; a principal's page."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from responsibility.common.errors import Missing
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.dashboard import overview as picture
from responsibility.dashboard import principal as own
from responsibility.dashboard.overview import Ground, ground_of
from responsibility.dashboard.pictures import burden, heat, month, trend, workbook

PANELS = (
    ("trend", "办结进度", "按周看办结，按月看到期"),
    ("heat", "责任和地方", "哪一条、在哪里有事"),
    ("calendar", "到期日历", "这个月哪天到期、依据什么"),
    ("burden", "报表负担", "报了几份、手填多少格"),
)


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """总览: the places of a territory, as a table and, for the city, as a map."""
    ground = ground_of(request)
    if ground is None:
        return redirect("duty_list")  # whoever sees one body's rows has no territory to look over
    whole, table = picture.lines(ground)
    below = [line for line in table if line.code != ground.top.code]
    on_map = [
        {
            "code": line.code[:6],
            "name": line.name,
            "colour": line.worst[0],
            "words": line.worst[1],
            "url": f"?division={line.code}&year={ground.year}",
        }
        for line in below
        if not line.is_zone
    ]
    has_map = ground.top.tier == "city"
    context = {
        "ground": ground,
        "top": ground.top,
        "year": ground.year,
        "whole": whole,
        "table": table,
        "tiles": [line for line in below if line.is_zone or not has_map],
        "on_map": on_map if has_map else [],
        "panels": PANELS,
    }
    return render(request, "dashboard/overview.html", context)


def _trend(request: HttpRequest, ground: Ground) -> dict[str, Any]:
    return {"by_week": trend.by_week(ground), "by_month": trend.by_month(ground)}


def _heat(request: HttpRequest, ground: Ground) -> dict[str, Any]:
    return {"heat": heat.table(ground, request.GET.get("by", ""))}


def _calendar(request: HttpRequest, ground: Ground) -> dict[str, Any]:
    found = month.of(ground, month.first_of(request.GET.get("month", ""), ground))
    return {"month": found, "weekdays": month.WEEKDAYS}


def _burden(request: HttpRequest, ground: Ground) -> dict[str, Any]:
    groups = [(key, label, burden.states(key)) for key, label in burden.LABELS.items()]
    return {"burden": burden.of(ground), "groups": groups}


MAKERS = {"trend": _trend, "heat": _heat, "calendar": _calendar, "burden": _burden}


def _panel(request: HttpRequest, name: str) -> HttpResponse:
    """Return a panel: alone for the page that loads it, else as a page of its own."""
    ground = ground_of(request)
    if ground is None:
        raise Missing("没有找到，或不在您的管理范围内。")
    title = next(label for key, label, _ in PANELS if key == name)
    context = {
        "ground": ground,
        "top": ground.top,
        "year": ground.year,
        "name": name,
        "title": title,
        "body": f"dashboard/_{name}.html",
        **MAKERS[name](request, ground),
    }
    alone = request.headers.get("HX-Request") == "true"
    template = "dashboard/_panel.html" if alone else "dashboard/panel.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_GET
def panel_trend(request: HttpRequest) -> HttpResponse:
    """办结进度: settled against due, week by week; what is due in each month."""
    return _panel(request, "trend")


@require_GET
def panel_heat(request: HttpRequest) -> HttpResponse:
    """责任和地方: article or duty by place."""
    return _panel(request, "heat")


@require_GET
def panel_calendar(request: HttpRequest) -> HttpResponse:
    """到期日历: a month, and what is due on each day."""
    return _panel(request, "calendar")


@require_GET
def panel_burden(request: HttpRequest) -> HttpResponse:
    """报表负担: what was asked of the territory's bodies this year."""
    return _panel(request, "burden")


@require_GET
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The pictures as a workbook; ``only`` gives one of them."""
    ground = ground_of(request)
    if ground is None:
        raise Missing("没有找到，或不在您的管理范围内。")
    tables = workbook.sheets(ground, request.GET.get("only", ""))
    response = StreamingHttpResponse(workbook.workbook(ground, tables), content_type=workbook.XLSX)
    name = f"overview-{ground.top.short_code}-{ground.year}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
def principal(request: HttpRequest) -> HttpResponse:
    """红黄事项: what a principal has to sign, what is red, five numbers; nothing to type."""
    access_of(request.user).require(Right.SIGN)
    return own.page(request)
