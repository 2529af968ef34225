"""What posts say on a place's page, and hand-overs on the successor's workbench."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest

from responsibility.common import clock
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.postings.models import HandOver, Post, Tenure


def on_division(request: HttpRequest, division: Any) -> tuple[str, dict[str, Any]] | None:
    """Return the posts of a place with who holds them; vacant ones shown as such."""
    access = access_of(request.user)
    held = Tenure.objects.current(clock.today()).select_related("person__user")
    rows = list(
        Post.objects.living()
        .filter(division=division)
        .visible_to(request.user)
        .select_related("body")
        .prefetch_related(Prefetch("tenures", held, to_attr="holders"))
        .order_by("body__kind__position", "position", "id")
    )
    may_manage = access.allows(Right.MANAGE_POSTINGS, division)
    if not rows and not may_manage:
        return None
    return "postings/_on_division.html", {"rows": rows, "may_manage": may_manage}


def unconfirmed(request: HttpRequest, obj: Any) -> "QuerySet[HandOver]":
    """Return the hand-overs that wait for the user's own confirmation."""
    return HandOver.objects.filter(successor_id=request.user.pk, confirmed_at=None)


def to_confirm(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """Return the hand-overs that wait for the user's own confirmation."""
    rows = list(
        unconfirmed(request, obj).select_related("post__body").order_by("effective_on", "id")
    )
    return ("postings/_to_confirm.html", {"rows": rows}) if rows else None
