"""Who owns, approves and reviews a submission, from the grants of a user."""

from collections.abc import Collection
from typing import Any, TypeVar

from responsibility.common import clock
from responsibility.common.rights import Right
from responsibility.common.scoping import Access, Grant, Somebody, access_of
from responsibility.divisions.models import Body, Division
from responsibility.flow.access import review_places
from responsibility.flow.models import Submission, SubmissionQuerySet
from responsibility.flow.rules import Party, nearest_with_reviewer, reviewing_places
from responsibility.postings.models import Posting
from responsibility.postings.rules import Role

M = TypeVar("M", bound=Submission)
REVIEWERS = (Role.REVIEWER, Role.OFFICE)


def waiting_for(queryset: SubmissionQuerySet[M], user: Somebody) -> SubmissionQuerySet[M]:
    """Return what waits for this user's review."""
    return queryset.waiting_at(review_places(access_of(user)), user)


def reviewing_division(body: Body) -> int | None:
    """Return the division that reviews a body's submissions; an unstaffed tier is skipped."""
    places = reviewing_places(body.scope_path, body.division.tier)
    staffed = (
        Posting.objects.current(clock.today())
        .filter(division_id__in=places, role__in=REVIEWERS, body=None, user__is_active=True)
        .values_list("division_id", flat=True)
    )
    return nearest_with_reviewer(places, staffed)


def reviewing_chain(body: Body, tiers: Collection[str]) -> list[int]:
    """Return the divisions that review one after the other, nearest first: the staffed ``tiers``.

    Without tiers, or where none of them has a reviewer, the nearest place alone.
    """
    places = reviewing_places(body.scope_path, body.division.tier)
    found = Division.objects.filter(pk__in=places, tier__in=tiers)
    wanted = list(found.values_list("pk", flat=True)) if tiers else []
    staffed = set(
        Posting.objects.current(clock.today())
        .filter(division_id__in=wanted, role__in=REVIEWERS, body=None, user__is_active=True)
        .values_list("division_id", flat=True)
    )
    nearest = reviewing_division(body) if not staffed else None
    return [place for place in places if place in staffed or place == nearest]


def is_own(grant: Grant, body: Body) -> bool:
    """Say whether a grant is of the body itself or of its own division."""
    if grant.body_id is not None:
        return grant.body_id == body.pk
    return grant.division_id == body.division_id


def owner_grant(access: Access, body: Body, right: Right) -> tuple[Grant | None, bool]:
    """Return the grant by which the user writes for a body, and whether it is 代填."""
    for grant in access.with_right(right):
        if is_own(grant, body):
            return grant, False
    for grant in access.with_right(Right.LOG_FOR_LOWER):
        if grant.body_id is None and body.scope_path.startswith(grant.prefix):
            return grant, grant.division_id != body.division_id
    return None, False


def is_party(submission: Submission, party: Party, by: Any, right: Right) -> bool:
    """Say whether a user is that party of a submission (``right``: the owner's)."""
    access = access_of(by)
    if party is Party.OWNER:
        return owner_grant(access, submission.body, right)[0] is not None
    if party is Party.PRINCIPAL:
        return any(is_own(g, submission.body) for g in access.with_right(Right.APPROVE))
    if party is Party.REVIEWER:
        return (
            submission.reviewing_division_id in review_places(access)
            and submission.recorder_id != by.pk
        )
    return access.allows(Right.ARCHIVE, submission)
