"""Service accounts and their tokens: limited to divisions and scopes, shown once, revocable."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts import services as accounts
from accounts.models import ApiToken, User
from accounts.rules import SCOPES
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Division
from responsibility.postings.services.exceptions import grant_exceptions

READ = (Right.VIEW, Right.API_READ)
WRITE = (Right.API_WRITE, Right.LOG_PROGRESS, Right.SUBMIT)
MAX_DAYS = 3660


def rights_for(scopes: Iterable[str]) -> tuple[Right, ...]:
    """Return the rights on divisions that scopes need."""
    return READ + (WRITE if any(scope.endswith(":write") for scope in scopes) else ())


@transaction.atomic
def issue(
    *, name: str, divisions: Iterable[Division], scopes: Iterable[str], days: int | None, by: Any
) -> tuple[ApiToken, str]:
    """Make a service account for a client, limit it, and issue its token (returned once).

    ``days`` None means without expiry. ``by`` None is the command line.
    """
    places, wanted = list(divisions), sorted(set(scopes))
    _check(name, places, wanted, days, by)
    user = accounts.create_service_account(username=_username(), label=name.strip())
    grant_exceptions(
        user=user,
        rights=rights_for(wanted),
        divisions=places,
        since=clock.today(),
        until=None,
        reason="接口令牌",
        by=by,
    )
    row, token = accounts.issue_token(user=user, name=name.strip(), scopes=wanted, by=by, days=days)
    audit.record(
        by=by,
        verb="tokens.issue",
        target=row,
        new={
            "name": row.name,
            "prefix": row.prefix,
            "scopes": wanted,
            "divisions": [place.code for place in places],
            "expires_at": str(row.expires_at or ""),
        },
    )
    return row, token


def _check(name: str, places: list[Division], scopes: list[str], days: int | None, by: Any) -> None:
    if by is not None:
        access_of(by).require(Right.MANAGE_TOKENS)
    if not name.strip() or len(name) > 100:
        raise Invalid("名称没有填，或超过 100 字。", where="name")
    if not places:
        raise Invalid("没有选区划，令牌要限定到区划。", where="divisions")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Invalid(f"没有这种权限范围：{'、'.join(unknown) or '（空）'}。"[:60], where="scopes")
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise Invalid("有效天数应在 1 到 3660 之间。", where="days")


def _username() -> str:
    taken = User.objects.filter(is_service=True).count()
    while User.objects.filter(username=f"api-{taken + 1}").exists():
        taken += 1
    return f"api-{taken + 1}"


@transaction.atomic
def revoke(*, token: ApiToken, by: Any) -> None:
    """Revoke a token at once."""
    row = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
    access_of(by).require(Right.MANAGE_TOKENS)
    if row.revoked_at is not None:
        raise Conflict("这个令牌已经吊销。")
    accounts.revoke_token(token=row)
    audit.record(
        by=by, verb="tokens.revoke", target=row, old={"revoked": False}, new={"revoked": True}
    )
