"""The people and places of the tests: a small true piece of 聊城.

    聊城市 371500
    ├─ 东昌府区 371502 ── 古楼街道 371502001 ── 古楼社区 371502001001
    ├─ 冠县 371525 ── 清泉街道 371525001 ── 清泉社区 371525001001
    └─ 旅游度假区 3715Z3 (a development zone)
        └─ 李海务街道 371502011 ── 宇星社区 371502011001

User names are role-code as in the demo (``recorder-371502011``). ``make_cast()`` builds all of it
in the current transaction; ask for the fixture ``cast``.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import ApiToken, User
from accounts.rules import token_digest
from accounts.services import create_service_account, issue_token
from responsibility.common.rights import Right
from responsibility.divisions.models import Body, BodyKind, Division
from responsibility.divisions.services.tree import create_division
from responsibility.postings.models import DivisionGrant, Posting
from responsibility.postings.rules import Role
from responsibility.regulations.models import Programme

SINCE = date(2015, 1, 1)
PASSWORD = "Liaocheng-2020"

PLACES = [
    ("371500000000", "聊城市", "city", "", "statutory"),
    ("371502000000", "东昌府区", "county", "371500000000", "statutory"),
    ("371525000000", "冠县", "county", "371500000000", "statutory"),
    ("3715Z3000000", "聊城江北水城旅游度假区", "county", "371500000000", "development-zone"),
    ("371502001000", "古楼街道", "township", "371502000000", "statutory"),
    ("371525001000", "清泉街道", "township", "371525000000", "statutory"),
    ("371502011000", "李海务街道", "township", "3715Z3000000", "statutory"),
    ("371502001001", "古楼社区居委会", "village", "371502001000", "statutory"),
    ("371525001001", "清泉社区居委会", "village", "371525001000", "statutory"),
    ("371502011001", "宇星社区居委会", "village", "371502011000", "statutory"),
]
MAIN_KINDS = {
    ("city", "statutory"): ("city.main", "市委、市政府"),
    ("county", "statutory"): ("county.main", "县（市、区）党委、政府"),
    ("county", "development-zone"): ("zone.main", "市属开发区党工委、管委会"),
    ("township", "statutory"): ("township.main", "乡镇（街道）党委、政府"),
    ("village", "statutory"): ("village.committees", "村“两委”"),
}
TIER_ROLES = {
    "city": (Role.OFFICE, Role.RECORDER, Role.REVIEWER, Role.SECRETARY, Role.HEAD, Role.INSPECTOR),
    "county": (
        Role.OFFICE,
        Role.RECORDER,
        Role.REVIEWER,
        Role.SECRETARY,
        Role.HEAD,
        Role.UNIT_ADMIN,
    ),
    "township": (Role.RECORDER, Role.REVIEWER, Role.SECRETARY, Role.HEAD),
    "village": (Role.RECORDER, Role.SECRETARY),
}


@dataclass
class Cast:
    """Places by code, bodies by (code, kind key), users by name."""

    programme: Programme
    places: dict[str, Division] = field(default_factory=dict)
    bodies: dict[tuple[str, str], Body] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def place(self, code: str) -> Division:
        """Return a division by the beginning of its code (``371502011``)."""
        return self.places[code.ljust(12, "0")]

    def main(self, code: str) -> Body:
        """Return the division's own body."""
        place = self.place(code)
        return self.bodies[(place.code, MAIN_KINDS[(place.tier, place.kind)][0])]

    def user(self, name: str) -> User:
        """Return a fresh instance of a user by name, such as ``recorder-371502011``."""
        return User.objects.get(pk=self.users[name].pk)

    def client(self, name: str) -> Client:
        """Return a signed-in browser-like client."""
        client = Client()
        client.force_login(self.user(name), backend="django.contrib.auth.backends.ModelBackend")
        return client

    def token(self, *codes: str, scopes: tuple[str, ...] = ()) -> str:
        """Return a bearer token limited to divisions; all read scopes by default."""
        return make_token([self.place(code) for code in codes], scopes)


READ_SCOPES = (
    "assessment:read",
    "duties:read",
    "figures:read",
    "reports:read",
    "letters:read",
    "plans:read",
    "progress:read",
    "divisions:read",
)
_serial = iter(range(1, 1_000_000))


def make_token(divisions: list[Division], scopes: tuple[str, ...] = ()) -> str:
    """Return a token of a new service account that sees these subtrees."""
    number = next(_serial)
    user = create_service_account(username=f"api-{number}", label=f"接口{number}")
    rights = [Right.VIEW, Right.API_READ]
    if any(scope.endswith(":write") for scope in scopes):
        rights += [Right.API_WRITE, Right.LOG_PROGRESS, Right.SUBMIT]
    for division in divisions:
        for right in rights:
            grant(user, right, division)
    _, token = issue_token(user=user, name="测试", scopes=list(scopes or READ_SCOPES), by=None)
    return token


def grant(
    user: User, right: Right, division: Division, since: date = SINCE, until: date | None = None
) -> DivisionGrant:
    """Give a named exception."""
    permission = Permission.objects.get(
        codename=right.value, content_type__app_label="divisions", content_type__model="division"
    )
    return DivisionGrant.objects.create(
        user=user,
        permission=permission,
        content_object=division,
        validity=(since, until),
        reason="测试",
    )


def make_user(name: str, **extra: Any) -> User:
    """Return a user whose password is PASSWORD (set cheaply: no hashing per user)."""
    user = User(username=name, label=extra.pop("label", name), **extra)
    user.set_unusable_password()
    user.save()
    return user


def post(
    user: User,
    role: Role,
    division: Division,
    body: Body | None = None,
    since: date = SINCE,
    until: date | None = None,
) -> Posting:
    """Give a user a role at a division."""
    posting = Posting(user=user, role=role, body=body, validity=(since, until))
    posting.place(division)
    posting.save()
    return posting


def make_body(division: Division, key: str, name: str, **extra: Any) -> Body:
    """Return a body of a kind (made when missing) at a division."""
    kind, _ = BodyKind.objects.get_or_create(
        key=key,
        defaults={
            "name": name,
            "pattern": name,
            "tier": division.tier,
            "is_main": extra.get("is_main", False),
            "is_office": key.endswith(".office"),
        },
    )
    body = Body(kind=kind, name=f"{division.name}{name}", **extra)
    body.place(division)
    body.save()
    return body


def make_cast() -> Cast:
    """Build the places, their bodies and one user for each role and place."""
    programme, _ = Programme.objects.get_or_create(
        key="poverty-alleviation",
        defaults={
            "name": "脱贫攻坚责任制",
            "product_name": "脱贫攻坚责任制管理系统",
            "office_name": "市扶贫开发领导小组办公室",
        },
    )
    cast = Cast(programme)
    for code, name, tier, parent, kind in PLACES:
        place = create_division(
            code=code,
            name=name,
            tier=tier,
            parent=cast.places.get(parent),
            kind=kind,
            since=SINCE,
        )
        cast.places[code] = place
        _bodies_of(cast, place)
        _users_of(cast, place)
    return cast


def _bodies_of(cast: Cast, place: Division) -> None:
    key, name = MAIN_KINDS[(place.tier, place.kind)]
    cast.bodies[(place.code, key)] = make_body(place, key, name, is_main=True)
    if place.tier in ("city", "county"):
        stem = "zone" if place.is_zone else place.tier
        key = f"{stem}.office"
        cast.bodies[(place.code, key)] = make_body(place, key, "扶贫开发领导小组办公室")
    if place.tier == "city":
        cast.bodies[(place.code, "city.finance")] = make_body(place, "city.finance", "财政局")


def _users_of(cast: Cast, place: Division) -> None:
    for role in TIER_ROLES[place.tier]:
        user = make_user(f"{role.value}-{place.short_code}")
        post(user, role, place)
        cast.users[user.username] = user
    if place.tier != "city":
        return
    member = make_user("member-3715")
    post(member, Role.MEMBER, place, body=cast.bodies[(place.code, "city.finance")])
    cast.users[member.username] = member
    for role in (Role.SYSTEM, Role.SECURITY, Role.AUDIT):
        user = make_user(f"{role.value}-3715")
        post(user, role, place)
        cast.users[user.username] = user


def token_row(token: str) -> ApiToken:
    """Return the stored row of a whole token."""
    return ApiToken.objects.get(digest=token_digest(token))
