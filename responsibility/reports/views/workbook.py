"""A report out as xlsx or docx, and a filled sheet back with its receipt."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from responsibility.common.documents import MIME as DOCX
from responsibility.common.errors import DomainError, Invalid, Missing
from responsibility.common.sheets import read_upload
from responsibility.common.views import get_visible
from responsibility.flow.rules import State
from responsibility.reports.models import Report
from responsibility.reports.services import filling, paper, workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _report(request: HttpRequest, public_id: UUID) -> Report:
    rows = Report.objects.select_related("kind", "body__division", "division")
    return get_visible(rows, request, public_id)


def _file(data: bytes, mime: str, row: Report, ending: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=mime)
    name = quote(f"{row.body.name}{row.period}{row.kind.title}.{ending}")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@require_GET
def docx(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The report as an official document."""
    row = _report(request, public_id)
    return _file(paper.report_docx(row), DOCX, row, "docx")


@require_GET
def xlsx(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The report as a sheet, what may be typed unlocked."""
    row = _report(request, public_id)
    return _file(workbook.template(row), XLSX, row, "xlsx")


@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Download, fill offline, upload: the receipt stands on the same page."""
    row = _report(request, public_id)
    if not filling.may_write(request.user, row.body):
        raise Missing("没有找到，或不在您的填报范围内。")
    context: dict[str, Any] = {
        "report": row,
        "is_open": row.status in (State.DRAFT, State.RETURNED),
    }
    status = 200
    if request.method == "POST":
        try:
            context["receipt"] = _load(request, row)
        except DomainError as error:
            context["error"], status = error.message, error.status
    return render(request, "reports/sheet.html", context, status=status)


def _load(request: HttpRequest, row: Report) -> Any:
    upload = request.FILES.get("file")
    if upload is None:
        raise Invalid("请选择要上传的表。", where="file")
    return workbook.load(
        by=request.user,
        report=row,
        data=read_upload(upload),
        file_name=upload.name or "",
        load_good=request.POST.get("load_good") == "1",
    )
