"""What progress shows on an assignment's page, and the review badge."""

from typing import Any

from django.http import HttpRequest

from responsibility.common.scoping import access_of
from responsibility.duties.models import Assignment
from responsibility.flow.access import review_places
from responsibility.progress.models import ProgressEntry

SHOWN = 50


def on_assignment(request: HttpRequest, assignment: Assignment) -> tuple[str, dict[str, Any]]:
    """The whole history of what was logged on an assignment."""
    rows = (
        ProgressEntry.objects.visible_to(request.user)
        .living()
        .filter(assignment=assignment)
        .select_related("recorder", "reviewer")
        .order_by("-created_at", "-id")[:SHOWN]
    )
    return "progress/_on_assignment.html", {"entries": rows, "assignment": assignment}


def waiting(request: HttpRequest) -> int:
    """Return how many entries wait for this user's review, up to 99."""
    places = review_places(access_of(request.user))
    if not places:
        return 0
    return ProgressEntry.objects.living().waiting_at(places, request.user)[:99].count()
