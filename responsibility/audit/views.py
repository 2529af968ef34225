"""操作记录: the log, its export, the state of the chain."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from responsibility.audit import reading, services
from responsibility.audit.forms import FilterForm
from responsibility.audit.models import Event
from responsibility.common.rights import Right
from responsibility.common.views import access, number_page, page

EXPORT_LIMIT = 100_000


def _given(request: HttpRequest) -> FilterForm:
    access(request).require(Right.VIEW_AUDIT)
    return FilterForm(request.GET)


def _page(request: HttpRequest, form: FilterForm) -> HttpResponse:
    good = form.is_valid()
    rows = Event.objects.visible_to(request.user)
    rows = reading.filtered(rows, form.cleaned_data) if good else rows.none()
    found = number_page(request, rows)
    context: dict[str, Any] = {
        "form": form,
        "page": found,
        "lines": [reading.line(event, access(request)) for event in found.rows],
        "chain": reading.chain_state(),
        "proof": services.last_proof(),
    }
    return page(request, "audit/log.html", context, status=200 if good else 400)


@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """The events, newest first."""
    return _page(request, _given(request))


@require_GET
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The same events as CSV, with the same filters; the export is itself an event."""
    form = _given(request)
    if not form.is_valid():
        return _page(request, form)
    rows = reading.filtered(Event.objects.visible_to(request.user), form.cleaned_data)
    newest = services.note_export(by=request.user, filters=form.cleaned_data)
    events = rows.filter(pk__lt=newest.pk)[:EXPORT_LIMIT].iterator(chunk_size=2000)
    response = StreamingHttpResponse(
        reading.csv_lines(events, access(request)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def prove(request: HttpRequest) -> HttpResponse:
    """Ask for a walk of the whole chain; the finding appears on the page."""
    access(request).require(Right.VIEW_AUDIT)
    services.ask_proof(by=request.user)
    messages.success(request, "已开始核验，结果稍后显示在本页。")
    return redirect("audit_log")
