"""Demo accounts and the posts behind them. No persons' names: posts stand for people."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.models import User
from responsibility.common.bulk import copy_rows
from responsibility.divisions.models import Body, Division
from responsibility.divisions.rules import Tier
from responsibility.postings.models import Person, Post, Posting, Tenure
from responsibility.postings.rules import ROLE_LABELS, PrincipalKind, Role

BATCH = 2000
SINCE = date(2018, 1, 1)
ROLES: dict[str, tuple[Role, ...]] = {
    Tier.CITY: (
        Role.OFFICE,
        Role.REVIEWER,
        Role.RECORDER,
        Role.SECRETARY,
        Role.HEAD,
        Role.MEMBER,
        Role.INSPECTOR,
        Role.SECURITY,
        Role.AUDIT,
        Role.SYSTEM,
    ),
    Tier.COUNTY: (
        Role.SECRETARY,
        Role.HEAD,
        Role.OFFICE,
        Role.REVIEWER,
        Role.RECORDER,
        Role.UNIT_ADMIN,
    ),
    Tier.TOWNSHIP: (Role.SECRETARY, Role.HEAD, Role.REVIEWER, Role.RECORDER),
    Tier.VILLAGE: (Role.SECRETARY, Role.HEAD, Role.REVIEWER, Role.RECORDER),
}
TITLES = {
    Tier.CITY: ("市委书记", "市长"),
    Tier.COUNTY: ("党委书记", "行政正职"),
    Tier.TOWNSHIP: ("党（工）委书记", "乡镇长（主任）"),
    Tier.VILLAGE: ("村党组织书记", "村委会主任"),
}
VACANT_EVERY = 211
WHOLE_VILLAGES = ("371502", "371525")


@dataclass(frozen=True)
class Wanted:
    """One account to make."""

    name: str
    role: Role
    division: Division


def wanted(divisions: list[Division]) -> list[Wanted]:
    """Return the accounts: user name = role, hyphen, code cut to its tier."""
    return [
        Wanted(f"{role.value}-{division.short_code}", role, division)
        for division in divisions
        for role in _roles(division)
    ]


def _roles(division: Division) -> tuple[Role, ...]:
    """Return the roles with an account; most villages need only their recorder."""
    if division.tier == Tier.VILLAGE and not division.code.startswith(WHOLE_VILLAGES):
        return (Role.RECORDER,)
    return ROLES.get(division.tier, ())


def make_people(divisions: list[Division], password: str) -> dict[str, User]:
    """Make the missing demo accounts and their postings; return all users by name."""
    rows = wanted(divisions)
    known = {user.username: user for user in User.objects.filter(is_demo=True)}
    secret = make_password(password)
    fresh = [
        User(
            username=row.name,
            label=f"{row.division.name} {ROLE_LABELS[row.role]}",
            password=secret,
            is_demo=True,
        )
        for row in rows
        if row.name not in known
    ]
    copy_rows(fresh)
    User.objects.filter(is_demo=True).update(password=secret)
    known |= {user.username: user for user in fresh}
    made = {user.username for user in fresh}
    _make_postings([row for row in rows if row.name in made], known)
    return known


def _make_postings(rows: list[Wanted], users: dict[str, User]) -> None:
    finance = Body.objects.filter(kind__key="city.finance", ended_on=None).first()
    postings = []
    for row in rows:
        posting = Posting(
            user=users[row.name], role=row.role, validity=(SINCE, None), reason="演示数据"
        )
        posting.place(row.division)
        if row.role == Role.MEMBER:
            posting.body = finance
        postings.append(posting)
    Posting.objects.bulk_create(postings, batch_size=BATCH)


def make_posts(users: dict[str, User]) -> int:
    """Make the two principals' posts of every division's own body, a few of them vacant."""
    if Post.objects.exists():
        return 0
    bodies = Body.objects.filter(is_main=True, ended_on=None).select_related("division")
    posts = []
    for body in bodies.order_by("id"):
        for position, (title, kind) in enumerate(
            zip(TITLES[Tier(body.division.tier)], _PRINCIPALS, strict=True)
        ):
            post = Post(body=body, title=title, principal=kind, position=position)
            post.place(body.division)
            posts.append(post)
    copy_rows(posts)
    filled = [post for number, post in enumerate(posts, 1) if number % VACANT_EVERY]
    people = [Person(placeholder=_who(post)[:100], user=_user(post, users)) for post in filled]
    Person.objects.bulk_create(people, batch_size=BATCH)
    Tenure.objects.bulk_create(
        [
            Tenure(post=post, person=person, validity=(SINCE, None), document="演示数据")
            for post, person in zip(filled, people, strict=True)
        ],
        batch_size=BATCH,
    )
    return len(posts)


_PRINCIPALS = (PrincipalKind.SECRETARY, PrincipalKind.HEAD)


def _who(post: Post) -> str:
    return f"{post.division.name}{post.title}（演示）"


def _user(post: Post, users: dict[str, User]) -> Any:
    return users.get(f"{post.principal}-{post.division.short_code}")
