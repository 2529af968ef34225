"""What the pages of assessments share: objects in scope, numbers typed, refusals shown."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from responsibility.assessments.models import AssessmentRun, LeafEntry, SchemeVersion, Subject
from responsibility.common.errors import DomainError, Invalid
from responsibility.common.views import get_visible
from responsibility.figures.rules import parse_value

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Page = Callable[[str, int], HttpResponse]


def scheme_of(request: HttpRequest, public_id: UUID) -> SchemeVersion:
    """Return a scheme that the user sees."""
    return get_visible(SchemeVersion.objects.select_related("division"), request, public_id)


def run_of(request: HttpRequest, public_id: UUID) -> AssessmentRun:
    """Return a run that the user sees."""
    return get_visible(
        AssessmentRun.objects.select_related("scheme", "division"), request, public_id
    )


def subject_of(request: HttpRequest, public_id: UUID) -> Subject:
    """Return an assessed unit that the user sees."""
    return get_visible(Subject.objects.with_names(), request, public_id)


def entry_of(request: HttpRequest, public_id: UUID) -> LeafEntry:
    """Return a leaf of a unit that the user sees."""
    return get_visible(LeafEntry.objects.with_names(), request, public_id)


def number(text: str, where: str, name: str = "") -> Decimal | None:
    """Read a number as typed (full-width digits, commas); empty is None; Invalid says which."""
    if not text.strip():
        return None
    try:
        value = parse_value(text)
    except (ValueError, ArithmeticError, DomainError):
        raise Invalid(f"{name or '这里'}“{text[:20]}”不是数字，请只填数字。", where=where) from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 15:
        raise Invalid(f"{name or '这里'}的数太大，请核对单位。", where=where)
    return value.quantize(Decimal("0.000001")) if value % 1 else value


def mark(text: str, where: str, name: str) -> Decimal | None:
    """Read a mark of at most four decimals."""
    value = number(text, where, name)
    if value is not None and (abs(value) >= 10_000 or value != round(value, 4)):
        raise Invalid(f"{name}应为最多四位小数的分值。", where=where)
    return value


def acted(request: HttpRequest, work: Callable[[], str], done: str, again: Page) -> HttpResponse:
    """Run one service call: to its address when done, back to the page with the refusal else."""
    try:
        address = work()
    except DomainError as error:
        if error.status in (403, 404):
            raise
        return again(error.message, error.status)
    messages.success(request, done)
    return redirect(address)


def revision(request: HttpRequest) -> int | None:
    """Return the revision that the form was read at."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def download(data: bytes, name: str, media: str = XLSX) -> HttpResponse:
    """Return bytes as a file to keep."""
    answer = HttpResponse(data, content_type=media)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def text(request: HttpRequest, name: str, limit: int = 5000) -> str:
    """Return a posted text without NUL, at most one over its limit so that rules can refuse."""
    value: Any = request.POST.get(name, "")
    return str(value).replace("\0", "")[: limit + 1]
