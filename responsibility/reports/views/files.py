"""Attachments of a report: put there, taken off, sent in scope."""

from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from responsibility.common.errors import DomainError, Missing
from responsibility.common.views import get_visible
from responsibility.files import serving
from responsibility.files.services import store_upload
from responsibility.reports.models import ReportFile
from responsibility.reports.services import attachments, filling
from responsibility.reports.views.reports import _report


def _link(request: HttpRequest, public_id: UUID) -> ReportFile:
    rows = ReportFile.objects.filter(voided_at=None)
    return get_visible(rows.select_related("file", "section", "report__body"), request, public_id)


@require_POST
def attach(request: HttpRequest, public_id: UUID, key: str) -> HttpResponse:
    """Take files for a section; each that cannot be taken is named with its reason."""
    row = _report(request, public_id)
    if not filling.may_write(request.user, row.body):
        raise Missing("没有找到，或不在您的填报范围内。")
    section = get_object_or_404(row.kind.sections.filter(section_kind="files"), key=key)
    filling.check_open(row, request.user)
    given = [item for item in request.FILES.getlist("files") if isinstance(item, UploadedFile)]
    if not given:
        messages.error(request, "请先选择文件。")
    for upload in given[: attachments.MOST]:
        name = upload.name or "附件"
        try:
            stored, _ = store_upload(by=request.user, upload=upload)
            attachments.attach(by=request.user, report=row, section=section, file=stored, name=name)
        except DomainError as error:
            messages.error(request, f"{name[:40]}：{error.message}")
        else:
            messages.success(request, f"已附上{name[:40]}。")
    return redirect("report_edit", row.public_id)


@require_POST
def detach(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a file off."""
    link = _link(request, public_id)
    attachments.detach(by=request.user, link=link)
    messages.success(request, "已移除附件。")
    return redirect("report_edit", link.report.public_id)


@require_GET
def download(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Send an attachment that lies in the user's scope."""
    link = _link(request, public_id)
    return serving.respond(link.file, link.name)
