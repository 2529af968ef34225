"""Accounts within a territory: made, reset, disabled; never one that reaches beyond oneself."""

from datetime import date
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import services as accounts
from accounts.models import User
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of, forget
from responsibility.divisions.models import Body, Division
from responsibility.postings.models import DivisionGrant, Posting
from responsibility.postings.services.giving import can_appoint, give_posting

SHEET = 500


def sees_all(by: Any) -> bool:
    """Say whether somebody keeps every account (the security administrator)."""
    return access_of(by).has(Right.MANAGE_EXCEPTIONS)


def visible_accounts(by: Any) -> "QuerySet[User]":
    """Return the accounts of persons that somebody keeps: those with a posting in his territory."""
    people = User.objects.filter(is_service=False)
    if sees_all(by):
        return people
    held = Posting.objects.visible_to(by, Right.MANAGE_ACCOUNTS).filter(voided_at=None)
    return people.filter(pk__in=held.values("user"))


def may_manage(by: Any, account: User) -> bool:
    """Say whether somebody may reset or disable an account: all it can do lies within his reach."""
    if by.pk == account.pk or account.is_service or account.is_superuser:
        return False
    if sees_all(by):
        return True
    scope, today = access_of(by).scope(Right.MANAGE_ACCOUNTS), clock.today()
    held = list(
        Posting.objects.filter(user=account, voided_at=None)
        .filter(Q(validity__endswith__gt=today) | Q(validity__upper_inf=True))
        .select_related("division")
    )
    if not all(
        scope.covers(row.scope_path)
        and can_appoint(by, row.role, row.division.tier, row.scope_path)
        for row in held
    ):
        return False
    paths = DivisionGrant.objects.filter(user=account, validity__contains=today).values_list(
        "content_object__path", flat=True
    )
    return all(scope.covers(path) for path in paths)


def require_manage(by: Any, account: User) -> None:
    """Raise Missing outside the territory, Forbidden for one that reaches further."""
    access_of(by).require(Right.MANAGE_ACCOUNTS)
    if not visible_accounts(by).filter(pk=account.pk).exists():
        raise Missing("没有找到，或不在您的管理范围内。")
    if not may_manage(by, account):
        raise Forbidden("这个账号的权限超出您的范围，请找安全管理员。")


@transaction.atomic
def create_account(
    *,
    username: str,
    label: str,
    role: str,
    division: Division,
    body: Body | None = None,
    since: date | None = None,
    until: date | None = None,
    by: Any,
) -> tuple[User, str]:
    """Create an account with its first posting; return it and its one-time password."""
    if by is not None:
        access_of(by).require(Right.MANAGE_ACCOUNTS)
    user = User(username=User.normalize_username(username.strip()), label=label.strip())
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise Invalid("用户名只能用字母、数字和 @ . + - _。", where="username") from error
    if User.objects.filter(username__iexact=user.username).exists():
        raise Conflict("该用户名已存在，请换一个。", where="username")
    made, password = accounts.create_user(username=user.username, label=user.label)
    give_posting(
        user=made, role=role, division=division, body=body, since=since, until=until, by=by
    )
    audit.record(
        by=by,
        verb="accounts.create",
        target=made,
        scope_path=division.path,
        new={"username": made.username, "label": made.label},
    )
    return made, password


@transaction.atomic
def reset_password(*, account: User, by: Any) -> str:
    """Give an account a new one-time password, shown once; no e-mail is involved."""
    require_manage(by, account)
    if not account.is_active:
        raise Conflict("该账号已停用，请先启用。")
    password = accounts.reset_password(user=account)
    audit.record(by=by, verb="accounts.reset_password", target=account)
    return password


@transaction.atomic
def set_active(*, account: User, active: bool, by: Any) -> None:
    """Enable or disable an account; a disabled one sees nothing from its next request on."""
    require_manage(by, account)
    if account.is_active == active:
        return
    accounts.set_active(user=account, active=active)
    audit.record(
        by=by,
        verb="accounts.enable" if active else "accounts.disable",
        target=account,
        old={"is_active": not active},
        new={"is_active": active},
    )
    forget(account)


def without_password(division: Division) -> "QuerySet[User]":
    """Return the accounts in a subtree that have never been given a password."""
    held = Posting.objects.filter(voided_at=None).under(division.path)
    unusable = {"password__startswith": UNUSABLE_PASSWORD_PREFIX}
    return User.objects.filter(
        pk__in=held.values("user"), is_active=True, is_service=False, **unusable
    ).order_by("username")


@transaction.atomic
def print_passwords(*, division: Division, by: Any) -> list[tuple[User, str]]:
    """Give one-time passwords to the accounts of a subtree that have none yet (500 at a time).

    Returns (user, password); the passwords are shown on this one sheet and stored nowhere.
    """
    access_of(by).require(Right.MANAGE_ACCOUNTS, division)
    waiting = without_password(division).select_for_update(of=("self",))
    users = [user for user in waiting[:SHEET] if may_manage(by, user)]
    if not users:
        return []
    found = accounts.print_passwords(users=users)
    audit.record(
        by=by,
        verb="accounts.print_passwords",
        target=division,
        scope_path=division.path,
        new={"count": len(found), "users": [user.username for user in users]},
    )
    return found
