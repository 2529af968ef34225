"""The rules that look down: each returns what is amiss today, in a query or two."""

from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from responsibility.alerts.rules import Finding, Kind
from responsibility.deadlines.models import Deadline
from responsibility.divisions.models import Division
from responsibility.divisions.rules import Tier
from responsibility.postings.models import Post, Posting, Tenure
from responsibility.postings.rules import PrincipalKind, Role

Scan = Callable[[date], Iterable[Finding]]
_scans: dict[str, Scan] = {}


def register(kind: str, scan: Scan) -> None:
    """Add a rule."""
    _scans[kind] = scan


def all_scans() -> dict[str, Scan]:
    """Return the rules by kind."""
    return dict(_scans)


def principal_vacant(today: date) -> Iterable[Finding]:
    """Return the posts of principals that nobody holds."""
    held = Tenure.objects.current(today).filter(post=OuterRef("pk"))
    posts = (
        Post.objects.living()
        .filter(
            ~Exists(held),
            principal__in=[PrincipalKind.SECRETARY, PrincipalKind.HEAD],
            body__ended_on=None,
        )
        .select_related("body")
    )
    return [
        Finding("postings.post", post.public_id, post.division_id, f"{post}空缺", post.body_id)
        for post in posts
    ]


def _without(role: Role, divisions: "QuerySet[Division]", today: date, word: str) -> list[Finding]:
    posted = Posting.objects.current(today).filter(
        division=OuterRef("pk"), role=role, user__is_active=True
    )
    return [
        Finding("divisions.division", place.public_id, place.pk, f"{place.name}{word}")
        for place in divisions.filter(~Exists(posted))
    ]


def _with_something_due() -> "QuerySet[Division]":
    due = Deadline.objects.living().order_by().values("division_id").distinct()
    return Division.objects.living().filter(pk__in=due)


def no_recorder(today: date) -> Iterable[Finding]:
    """Return the divisions that bear something due and have nobody to log it."""
    return _without(Role.RECORDER, _with_something_due(), today, "有责任事项，没有填报员")


def no_reviewer(today: date) -> Iterable[Finding]:
    """Return the counties and townships with something due below and nobody to review it."""
    above = _with_something_due().order_by().values("parent_id").distinct()
    places = Division.objects.living().filter(pk__in=above, tier__in=[Tier.COUNTY, Tier.TOWNSHIP])
    return _without(Role.REVIEWER, places, today, "的下级有责任事项，没有审核员")


def no_contact_leader(today: date) -> Iterable[Finding]:
    """Return the counties without a leader in contact, where such posts are recorded at all."""
    leaders = Post.objects.living().filter(title__contains="联系领导")
    if not leaders.exists():
        return []
    held = Tenure.objects.current(today).filter(
        post__division=OuterRef("pk"), post__title__contains="联系领导"
    )
    counties = Division.objects.living().filter(~Exists(held), tier=Tier.COUNTY)
    return [
        Finding("divisions.division", place.public_id, place.pk, f"{place.name}没有联系领导")
        for place in counties
    ]


def register_shipped() -> None:
    """Register the rules that ship."""
    register(Kind.PRINCIPAL_VACANT, principal_vacant)
    register(Kind.NO_RECORDER, no_recorder)
    register(Kind.NO_REVIEWER, no_reviewer)
    register(Kind.NO_CONTACT_LEADER, no_contact_leader)
