"""What a user holds today: postings by the rights table, plus the named exceptions."""

from typing import Any

from responsibility.common import clock
from responsibility.common.rights import Right
from responsibility.common.scoping import Grant
from responsibility.postings.models import DivisionGrant, Posting
from responsibility.postings.rules import rights_of


def grants_of(user: Any) -> tuple[Grant, ...]:
    """Return the grants in force today, in two queries."""
    today = clock.today()
    return (*_from_postings(user, today), *_from_exceptions(user, today))


def _from_postings(user: Any, today: Any) -> list[Grant]:
    postings = (
        Posting.objects.filter(user_id=user.pk)
        .current(today)
        .select_related("division", "body")
        .order_by("id")
    )
    return [
        Grant(
            role=posting.role,
            tier=posting.division.tier,
            prefix=posting.division.path,
            rights=rights_of(posting.role, posting.division.tier),
            source=str(posting),
            body_id=posting.body_id,
            division_id=posting.division_id,
            programme_id=posting.programme_id,
            until=posting.validity.upper,
        )
        for posting in postings
    ]


def _from_exceptions(user: Any, today: Any) -> list[Grant]:
    exceptions = (
        DivisionGrant.objects.filter(user_id=user.pk, validity__contains=today)
        .select_related("content_object", "permission")
        .order_by("id")
    )
    return [
        Grant(
            role="api" if user.is_service else "exception",
            tier=exception.content_object.tier,
            prefix=exception.content_object.path,
            rights=frozenset({Right(exception.permission.codename)}),
            source=f"例外授权：{exception.content_object}（{exception.reason}）",
            division_id=exception.content_object_id,
            until=exception.validity.upper,
        )
        for exception in exceptions
    ]
