"""Pages of rectification: the list, one thing to mend."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from responsibility.assessments.models import Rectification
from responsibility.assessments.rules.running import MENDINGS
from responsibility.assessments.services import mending
from responsibility.assessments.views.common import acted, text
from responsibility.common.views import get_visible, number_page


@require_GET
def rectifications(request: HttpRequest) -> HttpResponse:
    """整改清单: what deductions ask to be mended, by date."""
    status = request.GET.get("status", "")
    rows = Rectification.objects.visible_to(request.user).select_related("body", "subject__run")
    if status in MENDINGS:
        rows = rows.filter(status=status)
    context = {
        "page": number_page(request, rows.order_by("due_on", "scope_path", "id")),
        "status": status,
        "states": list(MENDINGS.items()),
    }
    return render(request, "assessments/mendings.html", context)


@require_http_methods(["GET", "POST"])
def rectification(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One thing to mend: the deduction, its owner and date, what was done, 销号."""
    rows = Rectification.objects.select_related("body", "subject__run", "subject__body")
    row = get_visible(rows, request, public_id)

    def again(refused: str = "", status: int = 200) -> HttpResponse:
        entry = row.subject.entries.filter(leaf=row.leaf).first()
        context = {
            "row": row,
            "entry": entry,
            "refused": refused,
            "can_report": mending.may_report(request.user, row),
            "can_close": mending.may_close(request.user, row),
            "typed": request.POST,
        }
        return render(request, "assessments/mending.html", context, status=status)

    def work() -> str:
        if request.POST.get("do") == "report":
            mending.report(by=request.user, row=row, text=text(request, "text", 2000))
        else:
            closed = request.POST.get("do") == "close"
            answer = text(request, "answer", 500)
            mending.decide(by=request.user, row=row, closed=closed, answer=answer)
        return reverse("rectification", args=[row.public_id])

    return acted(request, work, "已办理。", again) if request.method == "POST" else again()
