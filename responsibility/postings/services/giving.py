"""Giving and ending postings: never above the granter's own reach."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of, forget
from responsibility.divisions.models import Body, Division
from responsibility.postings.models import Posting, Tenure
from responsibility.postings.rules import (
    DEPUTY_DAYS,
    ROLE_LABELS,
    Role,
    after,
    dates_wrong,
    may_appoint,
    rights_of,
)
from responsibility.regulations.models import Programme


def held_over(by: Any, path: str) -> frozenset[Right]:
    """Return the rights that somebody holds over a place, from all his grants."""
    grants = access_of(by).grants
    return frozenset().union(
        *(
            grant.rights
            for grant in grants
            if grant.body_id is None and path.startswith(grant.prefix)
        )
    )


def can_appoint(by: Any, role: str, tier: str, path: str) -> bool:
    """Say whether somebody may hand out a role at a place (unit administration only below)."""
    if not may_appoint(held_over(by, path), role, tier):
        return False
    if role != Role.UNIT_ADMIN:
        return True
    held = access_of(by).with_right(Right.MANAGE_POSTINGS)
    return any(
        path.startswith(grant.prefix) and (path != grant.prefix or grant.role == Role.OFFICE)
        for grant in held
    )


def require_may_appoint(by: Any, role: str, division: Division) -> None:
    """Raise Missing outside the territory, Forbidden above the granter's own reach."""
    if by is None:
        return
    access_of(by).require(Right.MANAGE_POSTINGS, division)
    if not can_appoint(by, role, division.tier, division.path):
        raise Forbidden(f"您不能授予{division.name}的“{ROLE_LABELS[Role(role)]}”，请由上一级办理。")


@transaction.atomic
def give_posting(
    *,
    user: Any,
    role: str,
    division: Division,
    body: Body | None = None,
    since: date | None = None,
    until: date | None = None,
    tenure: Tenure | None = None,
    programme: Programme | None = None,
    reason: str = "",
    by: Any,
) -> Posting:
    """Give a user a role at a division (or at one body of it) from a day to a last day.

    Raises Forbidden above the granter's own reach, Invalid for what does not fit, Conflict when
    the user has this role there already.
    """
    since = since or clock.today()
    require_may_appoint(by, role, division)
    _check(user, role, division, body, since, until, by)
    span = (since, after(until))
    same = Posting.objects.select_for_update(of=("self",)).filter(
        user=user, role=role, division=division, body=body, voided_at=None
    )
    if same.filter(validity__overlap=span):
        raise Conflict("该用户在这段时间已有这个角色，不用再授。", where="role")
    posting = Posting(
        user=user,
        role=role,
        body=body,
        programme=programme,
        validity=span,
        tenure=tenure,
        reason=reason.strip(),
    )
    posting.place(division)
    posting.save()
    posting.refresh_from_db(fields=["validity"])
    audit.record(by=by, verb="postings.give", target=posting, new=facts(posting))
    forget(user)
    return posting


def _check(
    user: Any,
    role: str,
    division: Division,
    body: Body | None,
    since: date,
    until: date | None,
    by: Any,
) -> None:
    if by is not None and user.pk == by.pk:
        raise Forbidden("不能给自己授权，请由其他管理员办理。")
    if user.is_service:
        raise Invalid("接口账号不担任角色，请用例外授权。", where="user")
    if not user.is_active:
        raise Invalid("该账号已停用，请先启用。", where="user")
    if not rights_of(role, division.tier):
        label = ROLE_LABELS[Role(role)]
        raise Invalid(f"{division.get_tier_display()}级没有“{label}”这个角色。", where="role")
    if role == Role.MEMBER and body is None:
        raise Invalid("成员单位要选到具体单位。", where="body")
    if body is not None and (body.division_id != division.pk or body.ended_on is not None):
        raise Invalid("所选单位不在这个区划，或已撤销。", where="body")
    wrong = dates_wrong(since, until)
    if wrong:
        raise Invalid(wrong, where="until")


@transaction.atomic
def give_deputy(
    *, posting: Posting, deputy: Any, since: date, until: date | None = None, reason: str, by: Any
) -> Posting:
    """Let somebody stand in for the holder of a posting; a fortnight unless told otherwise."""
    last = until or since + timedelta(days=DEPUTY_DAYS - 1)
    if not reason.strip():
        raise Invalid("代理事由没有填，例如“公出”。", where="reason")
    if deputy.pk == posting.user_id:
        raise Invalid("不能由本人代理本人。", where="user")
    return give_posting(
        user=deputy,
        role=posting.role,
        division=posting.division,
        body=posting.body,
        since=since,
        until=last,
        programme=posting.programme,
        reason=f"代理：{reason.strip()}"[:200],
        by=by,
    )


@transaction.atomic
def end_posting(*, posting: Posting, last_day: date, reason: str, by: Any) -> None:
    """End a posting with a last day; one that would end before it began is voided instead."""
    row = Posting.objects.select_for_update(of=("self",)).get(pk=posting.pk)
    require_may_appoint(by, row.role, row.division)
    if row.is_voided:
        raise Conflict("这条授权已作废。")
    if not reason.strip():
        raise Invalid("原因没有填。", where="reason")
    if row.last_day is not None and row.last_day <= last_day:
        raise Conflict("这条授权在此之前已到期。", where="last_day")
    old = facts(row)
    if last_day < row.validity.lower:
        Posting.objects.filter(pk=row.pk).update(
            voided_at=Now(), voided_by=by, void_reason=reason.strip()[:200]
        )
    else:
        Posting.objects.filter(pk=row.pk).update(validity=(row.validity.lower, after(last_day)))
    row.refresh_from_db()
    audit.record(
        by=by, verb="postings.end", target=row, old=old, new=facts(row), note=reason.strip()[:200]
    )
    forget(row.user)


def facts(posting: Posting) -> dict[str, Any]:
    """Return what the audit keeps of a posting."""
    return {
        "user": posting.user.get_username(),
        "role": posting.role,
        "division": posting.division.code,
        "body": str(posting.body or ""),
        "since": str(posting.validity.lower),
        "until": str(posting.last_day or ""),
        "voided": posting.is_voided,
        "reason": posting.reason,
    }
