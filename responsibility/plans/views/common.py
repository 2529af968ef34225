"""What the pages of plans share."""

from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from responsibility.common.views import get_visible
from responsibility.plans.models import Plan


def plan_of(request: HttpRequest, public_id: UUID) -> Plan:
    """Return a plan in the user's territory, or raise Missing."""
    rows = Plan.objects.with_names().select_related("reviewer", "issued_by", "previous")
    return get_visible(rows, request, public_id)


def url_of(row: Plan, name: str = "plan") -> str:
    """Return the address of one of a plan's pages."""
    return reverse(name, args=[row.public_id])


def revision_of(request: HttpRequest) -> int | None:
    """Return the revision that the user had before his eyes."""
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
