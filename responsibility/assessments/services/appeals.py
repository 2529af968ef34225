"""Appeals: item by item, within their time, decided with a reason."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from responsibility.assessments.models import Appeal, DataItem, LeafEntry, Subject
from responsibility.assessments.rules import Manual, Unscored
from responsibility.assessments.rules.running import Decision, Stage
from responsibility.assessments.services import scoring, telling
from responsibility.assessments.services.access import (
    is_unit,
    lock_run,
    lock_subject,
    require_office,
    require_stage,
    require_unit,
)
from responsibility.assessments.services.filling import SEND
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid


@transaction.atomic
def file_appeal(*, by: Any, subject: Subject, leaf: str, reason: str) -> Appeal:
    """申诉 one leaf. Raises Conflict after the last day or while one is open."""
    row = lock_subject(subject)
    require_unit(by, row, *SEND)
    require_stage(row.run, Stage.NOTICED)
    today = clock.today()
    if row.run.appeal_due and today > row.run.appeal_due:
        raise Conflict(f"申诉期到 {row.run.appeal_due} 为止，现在不能再申诉。")
    entry = row.entries.filter(leaf=leaf).first()
    if entry is None or isinstance(row.run.scheme.scheme.leaf(leaf).rule, Unscored):
        raise Invalid("这项指标不能申诉。", where="leaf")
    if not reason.strip():
        raise Invalid("申诉理由没有填。", where="reason")
    if len(reason) > 2000:
        raise Invalid(f"申诉理由不超过 2000 字，现在 {len(reason)} 字。", where="reason")
    made = Appeal(subject=row, leaf=leaf, reason=reason.strip(), filed_by=by, filed_on=today)
    made.before = standing(entry)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise Conflict("这项指标的申诉还没有决定，不能重复申诉。") from None
    audit.record(
        by=by,
        verb="assessments.appeal",
        target=made,
        scope_path=row.scope_path,
        new={"leaf": leaf},
    )
    return made


def standing(entry: LeafEntry) -> dict[str, Any]:
    """Return a leaf as it stands: mark, values, no task, mark by hand."""
    items = DataItem.objects.filter(subject=entry.subject_id, leaf=entry.leaf).order_by("id")
    return {
        "mark": _text(entry.mark),
        "absent": entry.absent,
        "manual": _text(entry.manual_mark),
        "values": {item.key: _text(item.counted) for item in items},
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def can_appeal(by: Any, subject: Subject) -> bool:
    """Say whether the page offers appeals to this user today."""
    run = subject.run
    in_time = run.appeal_due is not None and clock.today() <= run.appeal_due
    return run.status == Stage.NOTICED and in_time and is_unit(by, subject, *SEND)


@transaction.atomic
def decide(
    *,
    by: Any,
    appeal: Appeal,
    granted: bool,
    reason: str,
    values: Mapping[str, Decimal | None] | None = None,
    manual: Decimal | None = None,
    absent: bool | None = None,
) -> Appeal:
    """采纳 or 不采纳 an appeal. Granted, it changes a value, a mark by hand, or says no task.

    Never decided by who filed it or verified the leaf. Raises Conflict, Forbidden, Invalid.
    """
    row = Appeal.objects.select_for_update(of=("self",)).get(pk=appeal.pk)
    subject = lock_subject(row.subject)
    run = lock_run(subject.run)
    require_office(by, run)
    require_stage(run, Stage.NOTICED)
    entry = LeafEntry.objects.select_for_update(of=("self",)).get(subject=subject, leaf=row.leaf)
    if row.decision:
        raise Conflict("这项申诉已经决定。")
    if by.pk in (row.filed_by_id, entry.verified_by_id):
        raise Forbidden("申诉人和原核验人不能决定这项申诉，请换人办理。")
    if not reason.strip():
        raise Invalid("决定理由没有填。", where="reason")
    if granted:
        _grant(by, subject, entry, reason, values or {}, manual, absent)
    row.decision = Decision.GRANTED if granted else Decision.REFUSED
    row.decision_reason = reason.strip()[:500]
    row.decided_by, row.decided_at = by, Now()
    entry.refresh_from_db()
    row.after = standing(entry)
    row.save()
    audit.record(
        by=by,
        verb="assessments.appeal.decide",
        target=row,
        scope_path=subject.scope_path,
        old=row.before,
        new={"decision": row.decision, **row.after},
        note=row.decision_reason,
    )
    telling.tell_appeal(row)
    return row


def _grant(
    by: Any,
    subject: Subject,
    entry: LeafEntry,
    reason: str,
    values: Mapping[str, Decimal | None],
    manual: Decimal | None,
    absent: bool | None,
) -> None:
    if not change(by, subject, entry, reason, values, manual, absent):
        raise Invalid("采纳须写明改成什么：数据、评定分，或者没有任务。", where="values")
    scoring.compute(subject.run, [subject])


def change(
    by: Any,
    subject: Subject,
    entry: LeafEntry,
    reason: str,
    values: Mapping[str, Decimal | None],
    manual: Decimal | None,
    absent: bool | None,
) -> bool:
    """Write what a decision changes on a leaf; say whether anything did."""
    moved = False
    for item in DataItem.objects.select_for_update(of=("self",)).filter(
        subject=subject, leaf=entry.leaf
    ):
        new = values.get(item.key)
        if new is None or new == item.counted:
            continue
        item.verified_value, item.verify_note, moved = new, reason[:300], True
        item.save()
    if manual is not None and manual != entry.manual_mark:
        _check_manual(subject, entry, manual)
        entry.manual_mark, entry.manual_reason, moved = manual, reason[:300], True
    if absent is not None and absent != entry.absent:
        entry.absent, moved = absent, True
        entry.absent_reason = reason[:300] if absent else ""
    entry.save()
    return moved


def _check_manual(subject: Subject, entry: LeafEntry, manual: Decimal) -> None:
    leaf = subject.run.scheme.scheme.leaf(entry.leaf)
    if not isinstance(leaf.rule, Manual):
        raise Invalid("这项按规则计分，不能手工评分。", where="manual")
    high = leaf.full if leaf.rule.high is None else leaf.rule.high
    if not leaf.rule.low <= manual <= high:
        raise Invalid(f"分值应在 {leaf.rule.low} 到 {high} 之间。", where="manual")
