"""The one transition service. Owners give it their models; it locks, checks, writes, audits."""

from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, Forbidden, Invalid, Stale
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Body
from responsibility.flow import reviewing
from responsibility.flow.models import Submission
from responsibility.flow.rules import (
    ACTION_LABELS,
    TRANSITIONS,
    Action,
    Party,
    State,
    allowed,
    is_editable,
)

S = TypeVar("S", bound=Submission)
REFUSALS = {
    Party.OWNER: "只有本单位填报人员可以办理。",
    Party.PRINCIPAL: "须由本单位书记或行政正职审签。",
    Party.REVIEWER: "须由上一级审核人员办理，填报人不能审核自己填报的内容。",
    Party.ARCHIVIST: "您没有归档权限。",
}


def lock(submission: S, *, revision: int | None = None) -> S:
    """Return the row locked and fresh; raise Stale when another revision stands."""
    model = type(submission)
    locked: S = (
        model._default_manager.select_for_update(of=("self",))
        .select_related("body__division")
        .get(pk=submission.pk)
    )
    if revision is not None and locked.revision != revision:
        raise Stale("内容已被他人更新，请核对后重新提交；您填写的内容仍在页面上。")
    return locked


def place_submission(*, submission: Submission, body: Body, by: Any, right: Right) -> None:
    """Fill in body, place, recorder and capacity of a new submission; refuse who may not write."""
    access = access_of(by)
    grant, on_behalf = reviewing.owner_grant(access, body, right)
    if grant is None:
        access.require(Right.VIEW, body)
        raise Forbidden("只能为本单位填报；代下级填报须有代填权限。")
    submission.body = body
    submission.place(body.division)
    submission.recorder = by
    submission.recorder_role = grant.source[:200]
    submission.on_behalf = on_behalf


def check_editable(submission: Submission, by: Any, right: Right) -> None:
    """Raise unless the user may change the content now."""
    if not reviewing.is_party(submission, Party.OWNER, by, right):
        access_of(by).require(Right.VIEW, submission)
        raise Forbidden(REFUSALS[Party.OWNER])
    if not is_editable(submission.status):
        raise Conflict(f"当前为“{submission.get_status_display()}”，不能修改。")


@transaction.atomic
def act(
    *,
    submission: S,
    action: Action,
    by: Any,
    steps: type[models.Model],
    right: Right,
    reason: str = "",
    content_hash: str = "",
    needs_approval: bool = False,
    revision: int | None = None,
) -> S:
    """Make one transition; return the locked, saved row.

    ``steps`` is the owner's Step model, ``right`` what its owners need. Raises Forbidden, Conflict,
    Stale, Invalid (a reason is asked but missing).
    """
    row = lock(submission, revision=revision)
    rule = TRANSITIONS[action]
    if not reviewing.is_party(row, rule.party, by, right):
        access_of(by).require(Right.VIEW, row)
        raise Forbidden(REFUSALS[rule.party])
    if not allowed(action, row.status, needs_approval):
        raise Conflict(f"当前为“{row.get_status_display()}”，不能{ACTION_LABELS[action]}。")
    reason = reason.strip()
    if rule.needs_reason and not reason:
        raise Invalid("请写明退回原因。", where="reason")
    source = row.status
    _apply(row, action, by, reason, content_hash)
    row.save()
    role = audit.capacity_of(access_of(by))
    steps._default_manager.create(
        submission=row,
        action=action.value,
        source=source,
        target=row.status,
        by=by,
        role=role,
        reason=reason,
        content_hash=row.content_hash,
    )
    audit.record(
        by=by,
        verb=f"{row._meta.app_label}.{action.value}",
        target=row,
        old={"status": source},
        new={"status": row.status, "hash": row.content_hash},
        note=reason,
    )
    return row


def _apply(row: Submission, action: Action, by: Any, reason: str, content_hash: str) -> None:
    row.status = TRANSITIONS[action].target
    row.revision += 1
    if content_hash:
        row.content_hash = content_hash
    if action is Action.FORWARD:
        row.reviewer, row.reviewed_at, row.reviewer_role = None, None, ""
    elif row.status == State.SUBMITTED:
        row.submitted_at = Now()
        row.reviewing_division_id = reviewing.reviewing_division(row.body)
        row.reviewer, row.reviewed_at, row.reviewer_role = None, None, ""
    if action in (Action.RETURN, Action.PASS):
        row.reviewer, row.reviewed_at = by, Now()
        row.reviewer_role = audit.capacity_of(access_of(by))
    if action in (Action.RETURN, Action.DECLINE):
        row.reason = reason
    if action is Action.PASS:
        row.reason, row.approved_hash = "", row.content_hash
    if action is Action.WITHDRAW:
        row.reviewing_division_id = None
