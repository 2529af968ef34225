"""Background runs as their starter sees them: how far, what came of it, stop."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from responsibility.common.views import get_visible, number_page, page
from responsibility.jobs import services
from responsibility.jobs.models import Run
from responsibility.jobs.receipts import run_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200


@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    """One's own runs, newest first (the system administrator: everybody's)."""
    rows = Run.objects.visible_to(request.user).select_related("started_by").defer("receipt")
    ordered = rows.order_by("-created_at", "-id")
    return page(request, "jobs/runs.html", {"page": number_page(request, ordered)})


@require_GET
def run_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One run; htmx asks for its progress alone while it goes on."""
    run = get_visible(Run.objects.select_related("started_by"), request, public_id)
    part = request.headers.get("HX-Request") == "true"
    template = "jobs/_run.html" if part else "jobs/run.html"
    open_first = sorted(run.receipt, key=lambda line: bool(line["done"]))
    lines, more = open_first[:SHOWN], max(0, len(open_first) - SHOWN)
    return page(request, template, {"run": run, "lines": lines, "more": more})


@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask a run to end."""
    run = get_visible(Run.objects.all(), request, public_id)
    services.request_cancel(by=request.user, run=run)
    messages.success(request, "已要求取消，任务会在下一步停下。")
    return redirect("run", run.public_id)


@require_GET
def run_sheet(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The receipt as a workbook."""
    run = get_visible(Run.objects.all(), request, public_id)
    headers = {
        "Content-Disposition": f'attachment; filename="run-{str(run.public_id)[:8]}.xlsx"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(run_xlsx(run), content_type=XLSX, headers=headers)
