"""说明情况: said by who bears it, accepted one tier up by somebody else, kept on file."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines import recipients
from responsibility.deadlines.models import Deadline, DeadlineExplanation
from responsibility.deadlines.recipients import Addressed
from responsibility.deadlines.rules import LIVING, Colour, Status, Step
from responsibility.divisions.rules import Tier
from responsibility.outbox import services as outbox

LONGEST = 1000
TO_SUPERIOR = Step(0, Colour.NONE, to=(), escalate=True, up=("reviewer", "office"))


@transaction.atomic
def explain(*, deadline: Deadline, text: str, by: Any) -> DeadlineExplanation:
    """Put an explanation on file and ask the tier above to accept it.

    The red item leaves the daily digest. Raises Conflict when one is waiting or nothing is due.
    """
    access = access_of(by)
    access.require(Right.EXPLAIN, deadline)
    text = text.strip()
    if not text:
        raise Invalid("情况说明没有填。请写明原因和打算何时办结。", where="text")
    if len(text) > LONGEST:
        raise Invalid(f"情况说明有 {len(text)} 字，最多 {LONGEST} 字。", where="text")
    row = Deadline.objects.select_for_update(of=("self",)).get(pk=deadline.pk)
    if row.status not in (*LIVING, Status.MISSED_MET):
        raise Conflict("这项时限已经结束，不用再说明。")
    if row.explanations.pending().exists():
        raise Conflict("已有一份说明在等上级受理，受理后可再补充。")
    made: DeadlineExplanation = row.explanations.create(
        text=text, by=by, capacity=audit.capacity_of(access)
    )
    outbox.settle(sources=[row.source])
    audit.record(by=by, verb="deadlines.explained", target=row, new={"text": text})
    _tell_superiors(row, made)
    return made


def _tell_superiors(row: Deadline, made: DeadlineExplanation) -> None:
    batch = [Addressed(row, TO_SUPERIOR)]
    users = recipients.of_batch(batch, clock.today())[row.pk] - {made.by_id}
    outbox.notify(
        users=users,
        key=f"explanation:{made.public_id}",
        title=f"待受理的情况说明：{row.title}",
        text=made.text[:200],
        url=f"/deadlines/{row.public_id}/",
        source=f"explanation:{made.public_id}",
    )


def may_decide(deadline: Deadline, by: Any) -> bool:
    """Say whether somebody may accept explanations of this deadline: one tier up or higher.

    For what the city itself bears, its own office decides.
    """
    return any(
        deadline.scope_path.startswith(grant.prefix)
        and grant.body_id is None
        and (grant.prefix != deadline.scope_path or grant.tier == Tier.CITY)
        for grant in access_of(by).with_right(Right.ACCEPT_EXPLANATION)
    )


@transaction.atomic
def decide_explanation(
    *, explanation: DeadlineExplanation, accepted: bool, by: Any, remark: str = ""
) -> DeadlineExplanation:
    """Accept an explanation or send it back (a remark is then needed); never one's own."""
    row = (
        DeadlineExplanation.objects.select_for_update(of=("self",))
        .select_related("deadline")
        .get(pk=explanation.pk)
    )
    deadline = row.deadline
    access_of(by).require(Right.VIEW, deadline)
    if not may_decide(deadline, by):
        raise Forbidden("情况说明由上一级受理。")
    if row.by_id == by.pk:
        raise Forbidden("不能受理自己写的说明，请由他人受理。")
    if row.accepted is not None:
        raise Conflict("这份说明已经受理过了。")
    if not accepted and not remark.strip():
        raise Invalid("退回说明时请写明原因。", where="remark")
    row.accepted, row.decided_by, row.remark = accepted, by, remark.strip()[:500]
    row.decided_at = Now()
    row.save(update_fields=["accepted", "decided_by", "decided_at", "remark", "updated_at"])
    row.refresh_from_db()
    verb = "accepted" if accepted else "refused"
    audit.record(
        by=by, verb=f"deadlines.explanation_{verb}", target=deadline, new={"remark": row.remark}
    )
    _tell_author(row, deadline)
    return row


def _tell_author(row: DeadlineExplanation, deadline: Deadline) -> None:
    outbox.settle(sources=[f"explanation:{row.public_id}"])
    if not row.accepted and deadline.is_living:
        outbox.unsettle(sources=[deadline.source])
    word = "已采纳" if row.accepted else "已退回"
    outbox.notify(
        users=[row.by_id],
        key=f"explanation:{row.public_id}:decided",
        title=f"情况说明{word}：{deadline.title}",
        text=row.remark,
        url=f"/deadlines/{deadline.public_id}/",
    )
