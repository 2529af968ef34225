"""What the deadlines say on other apps' pages."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest

from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines import subjects
from responsibility.deadlines.models import Deadline

LABEL = "duties.assignment"


def of_assignment(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """Return the deadlines of an assignment, soonest first; one scoped query."""
    rows = list(
        Deadline.objects.visible_to(request.user)
        .of(LABEL, [obj.public_id])
        .select_related("rule")
        .annotate(waiting=Count("explanations", filter=Q(explanations__accepted=None)))
        .order_by("due_on", "id")
    )
    takes = bool(subjects.event_rule(LABEL, obj)) and access_of(request.user).allows(
        Right.LOG_PROGRESS, obj
    )
    if not rows and not takes:
        return None
    return "deadlines/_panel.html", {"rows": rows, "label": LABEL, "takes": takes, "subject": obj}
