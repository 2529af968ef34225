"""Pages over everything: workbench, overview, menu, help, one's own account, feedback."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from responsibility.common import clock
from responsibility.common.errors import Invalid, Missing
from responsibility.common.rights import RIGHT_LABELS, Right
from responsibility.common.views import access, get_visible, number_page
from responsibility.dashboard import overview as picture
from responsibility.dashboard import services, workbench
from responsibility.dashboard.forms import FeedbackForm
from responsibility.dashboard.models import Feedback


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """工作台: what I owe, what came back and why, what waits for my review."""
    if not access(request).grants:
        return render(request, "dashboard/no_posting.html", status=200)
    return render(request, "dashboard/workbench.html", {"bench": workbench.of(request)})


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """总览: the places of a territory, as a table and, for the city, as a map."""
    access(request).require(Right.VIEW)
    top = picture.top_of(request, request.GET.get("division", "").strip()[:12])
    if top is None and not request.GET.get("division"):
        return redirect("duty_list")  # whoever sees one body's rows has no territory to look over
    if top is None:
        raise Missing("没有找到，或不在您的管理范围内。")
    text = request.GET.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else clock.today().year
    whole, table = picture.lines(request, top, year)
    on_map = [
        {
            "code": line.code[:6],
            "name": line.name,
            "colour": line.worst[0],
            "words": line.worst[1],
            "url": f"?division={line.code}&year={year}",
        }
        for line in table
        if line.tier == "county" and not line.is_zone
    ]
    context = {
        "top": top,
        "year": year,
        "whole": whole,
        "table": table,
        "zones": [line for line in table if line.is_zone],
        "on_map": on_map if top.tier == "city" else [],
        "by_month": picture.by_month(request, top, year),
    }
    return render(request, "dashboard/overview.html", context)


@require_GET
def menu(request: HttpRequest) -> HttpResponse:
    """更多: the whole menu as a page."""
    return render(request, "menu.html")


@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """怎么填: short answers for the three groups."""
    return render(request, "dashboard/help.html")


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """我的账号: in which capacities I act, until when, and what I may do."""
    grants = [
        (grant, [RIGHT_LABELS[right] for right in Right if right in grant.rights])
        for grant in access(request).grants
    ]
    return render(request, "dashboard/me.html", {"grants": grants})


@require_http_methods(["GET", "POST"])
def feedback(request: HttpRequest) -> HttpResponse:
    """意见建议: say something; see the answers."""
    form = FeedbackForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            services.say(
                by=request.user,
                page=request.POST.get("page", "")[:200],
                **form.cleaned_data,
            )
            messages.success(request, "已收到，答复会在这里和提醒里看到。")
            return redirect("feedback")
    rows = Feedback.objects.visible_to(request.user).select_related("author", "answered_by")
    context = {
        "form": form,
        "page": number_page(request, rows.order_by("-created_at", "-id"), size=20),
        "may_answer": access(request).has(Right.ANSWER_FEEDBACK),
    }
    return render(request, "dashboard/feedback.html", context, status=status)


@require_POST
def feedback_answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answer a remark."""
    row = get_visible(Feedback.objects.all(), request, public_id)
    text = request.POST.get("answer", "")
    if len(text) > 1000:
        raise Invalid("答复最多 1000 字，请删减。")
    services.answer(by=request.user, feedback=row, text=text)
    messages.success(request, "已答复。")
    return redirect("feedback")
