"""What the deadlines say on other apps' pages."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest

from responsibility.common.rights import Right
from responsibility.common.scoping import ScopeBy, access_of
from responsibility.deadlines import subjects
from responsibility.deadlines.models import Deadline, DeadlineExplanation, ExplanationQuerySet
from responsibility.deadlines.rules import LIVING
from responsibility.deadlines.services.explanations import may_decide

LABEL = "duties.assignment"
SHOWN = 20


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


def next_of_assignment(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """Return the next open deadline of an assignment, with its basis; one scoped query."""
    row = (
        Deadline.objects.visible_to(request.user)
        .of(LABEL, [obj.public_id])
        .filter(status__in=LIVING)
        .select_related("rule")
        .order_by("due_on", "id")
        .first()
    )
    return ("deadlines/_due.html", {"row": row}) if row else None


def undecided(request: HttpRequest, obj: Any) -> ExplanationQuerySet | None:
    """Return the explanations of others that wait in the user's territory."""
    access = access_of(request.user)
    condition = access.scope(Right.ACCEPT_EXPLANATION).q(ScopeBy("deadline__scope_path"))
    if not condition:
        return None
    return DeadlineExplanation.objects.pending().filter(condition).exclude(by_id=request.user.pk)


def waiting_explanations(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """Return the explanations that this user may decide on; one query."""
    waiting = undecided(request, obj)
    if waiting is None:
        return None
    pending = waiting.select_related("deadline__division", "deadline__body")
    pending = pending.order_by("at", "id")[:SHOWN]
    rows = [row for row in pending if may_decide(row.deadline, request.user)]
    return ("deadlines/_explanations.html", {"rows": rows}) if rows else None
