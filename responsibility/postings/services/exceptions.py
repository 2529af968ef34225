"""Named exceptions: one right over one subtree, with dates, a reason and who gave it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import RIGHT_LABELS, Right
from responsibility.common.scoping import access_of, forget
from responsibility.divisions.models import Division
from responsibility.postings.models import DivisionGrant
from responsibility.postings.rules import GRANTABLE, MAX_EXCEPTION_DAYS, after, dates_wrong


@transaction.atomic
def grant_exception(
    *,
    user: Any,
    right: Right,
    division: Division,
    since: date,
    until: date | None,
    reason: str,
    by: Any,
) -> DivisionGrant:
    """Give one right over a division's subtree from a day to a last day.

    A person's exception needs a last day within a year; a service account's may stay open.
    ``by`` is a security administrator, or None for the command line.
    """
    _check(user, right, since, until, reason, by)
    permission = Permission.objects.get(
        codename=right.value, content_type__app_label="divisions", content_type__model="division"
    )
    span = (since, after(until))
    known = (
        DivisionGrant.objects.select_for_update(of=("self",))
        .filter(user=user, permission=permission, content_object=division)
        .first()
    )
    if known is not None and _overlaps(known, since, until):
        raise Conflict("该用户在这里已有这项例外授权。", where="right")
    row = known or DivisionGrant(user=user, permission=permission, content_object=division)
    row.validity, row.reason, row.granted_by = span, reason.strip(), by
    row.save()
    row.refresh_from_db()
    audit.record(
        by=by, verb="exceptions.grant", target=row, scope_path=division.path, new=facts(row)
    )
    forget(user)
    return row


def grant_exceptions(
    *,
    user: Any,
    rights: Iterable[Right],
    divisions: Iterable[Division],
    since: date,
    until: date | None,
    reason: str,
    by: Any,
) -> list[DivisionGrant]:
    """Give several rights over several divisions, all or none."""
    places, wanted = list(divisions), list(rights)
    with transaction.atomic():
        return [
            grant_exception(
                user=user,
                right=right,
                division=place,
                since=since,
                until=until,
                reason=reason,
                by=by,
            )
            for place in places
            for right in wanted
        ]


def _overlaps(row: DivisionGrant, since: date, until: date | None) -> bool:
    lower, upper = (row.validity.lower, row.validity.upper) if row.validity else (None, None)
    end = after(until)
    return (upper is None or since < upper) and (end is None or lower is None or lower < end)


def _check(user: Any, right: Right, since: date, until: date | None, reason: str, by: Any) -> None:
    if by is not None:
        access_of(by).require(Right.MANAGE_EXCEPTIONS)
        if by.pk == user.pk:
            raise Forbidden("不能给自己授予例外权限。")
    if right not in GRANTABLE:
        raise Forbidden(f"“{RIGHT_LABELS[right]}”不能用例外授权，请授予岗位。")
    if not reason.strip():
        raise Invalid("事由没有填，例如“市委巡察组”。", where="reason")
    wrong = dates_wrong(since, until)
    if wrong:
        raise Invalid(wrong, where="until")
    if user.is_service:
        return
    if until is None or (until - since).days > MAX_EXCEPTION_DAYS:
        raise Invalid("截止日期没有填，或超过一年。", where="until")


@transaction.atomic
def revoke_exception(*, grant: DivisionGrant, reason: str, by: Any) -> None:
    """End an exception at once: from today on it no longer counts. The row and its trail stay."""
    row = DivisionGrant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    if by is not None:
        access_of(by).require(Right.MANAGE_EXCEPTIONS)
    if not reason.strip():
        raise Invalid("原因没有填。", where="reason")
    today = clock.today()
    if row.validity is None or row.validity.isempty or _ended(row, today):
        raise Conflict("这项例外授权已经结束。")
    old = facts(row)
    lower = row.validity.lower
    row.validity = (lower, max(today, lower))
    row.save(update_fields=["validity"])
    row.refresh_from_db(fields=["validity"])
    audit.record(
        by=by,
        verb="exceptions.revoke",
        target=row,
        scope_path=row.content_object.path,
        old=old,
        new=facts(row),
        note=reason.strip()[:200],
    )
    forget(row.user)


def _ended(row: DivisionGrant, today: date) -> bool:
    return row.validity.upper is not None and row.validity.upper <= today


def facts(row: DivisionGrant) -> dict[str, Any]:
    """Return what the audit keeps of an exception."""
    return {
        "user": row.user.get_username(),
        "right": row.permission.codename,
        "division": row.content_object.code,
        "since": str(row.validity.lower if row.validity else ""),
        "until": str(row.last_day or ""),
        "reason": row.reason,
    }
