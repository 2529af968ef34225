"""What the deadlines say on other apps' pages."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest

from responsibility.deadlines.models import Deadline


def of_assignment(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """Return the deadlines of an assignment, soonest first; one scoped query."""
    rows = list(
        Deadline.objects.visible_to(request.user)
        .of("duties.assignment", [obj.public_id])
        .select_related("rule")
        .annotate(waiting=Count("explanations", filter=Q(explanations__accepted=None)))
        .order_by("due_on", "id")
    )
    return ("deadlines/_panel.html", {"rows": rows}) if rows else None
