"""Pages over everything: workbench, menu, help, one's own account, feedback."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from responsibility.assessments.models import AssessmentRun
from responsibility.common import panels
from responsibility.common.dictionary import all_endpoints
from responsibility.common.errors import Invalid
from responsibility.common.rights import RIGHT_LABELS, Right
from responsibility.common.sheets import write_table
from responsibility.common.views import access, get_visible, number_page
from responsibility.dashboard import marks_page, principal, services, workbench
from responsibility.dashboard.forms import FeedbackForm
from responsibility.dashboard.models import Feedback

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """工作台: what I owe, what came back and why, what waits for my review; a principal's own."""
    if not access(request).grants:
        return render(request, "dashboard/no_posting.html", status=200)
    if principal.is_only(access(request)):
        return principal.page(request)
    blocks = panels.render_slots(["workbench", "workbench.checked"], request, request.user)
    context = {
        "bench": workbench.of(request),
        "waiting": blocks["workbench"],
        "checked": blocks["workbench.checked"],
    }
    return render(request, "dashboard/workbench.html", context)


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


@require_GET
def data_dictionary(request: HttpRequest) -> HttpResponse:
    """Every field that other systems can read, in words; as a sheet with ``?format=xlsx``."""
    found = all_endpoints()
    if request.GET.get("format") != "xlsx":
        return render(request, "dashboard/dictionary.html", {"endpoints": found})
    head = ("接口", "内容", "字段", "含义", "单位", "类型", "取值", "来源")
    rows = [
        (
            *(one.name, one.words, field.name, field.words),
            *(field.unit, field.type, field.choices, field.source),
        )
        for one in found
        for field in one.fields
    ]
    answer = HttpResponse(write_table("数据字典", head, rows), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="data-dictionary.xlsx"'
    return answer


@require_GET
def assessment_picture(
    request: HttpRequest, public_id: UUID
) -> HttpResponse | StreamingHttpResponse:
    """得分总图: items by unit in the standard order, published grades on the map; or as xlsx."""
    rows = AssessmentRun.objects.select_related("scheme", "division")
    run = get_visible(rows, request, public_id)
    if request.GET.get("format") == "xlsx":
        return marks_page.export(request, run)
    units = marks_page.units_of(run, request.user)
    page = number_page(request, units, size=marks_page.UNITS)
    context = marks_page.context(request, run, list(page.rows))
    return render(request, "dashboard/marks.html", {**context, "page": page})
