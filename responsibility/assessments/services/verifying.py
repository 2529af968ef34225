"""Verification item by item, marks by hand, red lines, results from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from responsibility.assessments.models import (
    AssessmentRun,
    DataItem,
    LeafEntry,
    PartMark,
    RedLineHit,
    Subject,
)
from responsibility.assessments.rules import Manual
from responsibility.assessments.rules.running import Finding, Stage, verifier_problem
from responsibility.assessments.services.access import (
    lock_run,
    lock_subject,
    require_office,
    require_stage,
)
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.postings.models import Posting


@dataclass(frozen=True)
class Checked:
    """What a verifier found: values to correct (with the note as reason), a mark by hand."""

    values: Mapping[str, Decimal | None]
    note: str = ""
    manual: Decimal | None = None
    manual_reason: str = ""
    absent: bool | None = None


def problem(by: Any, entry: LeafEntry) -> str:
    """Say why the user may not verify a leaf of a unit, or an empty string."""
    subject = entry.subject
    named = subject.run.verifiers.filter(Q(leaf="") | Q(leaf=entry.leaf), user_id=by.pk).exists()
    if not named:
        return "您没有被指定核验这项指标。"
    typed = DataItem.objects.filter(subject=subject, leaf=entry.leaf).exclude(typed_by=None)
    recorders = {entry.self_by_id, subject.self_by_id, *typed.values_list("typed_by", flat=True)}
    return verifier_problem(
        verifier=by.pk,
        recorders={pk for pk in recorders if pk},
        own_paths=_own_paths(by, subject),
        path=subject.scope_path,
    )


def _own_paths(by: Any, subject: Subject) -> list[str]:
    """Return the places of the user's posts; one at the assessed body counts as its place."""
    rows = Posting.objects.current(clock.today()).filter(user=by)
    if not subject.body.is_main:
        rows = rows.filter(body=subject.body_id)
    return list(rows.values_list("division__path", flat=True))


@transaction.atomic
def verify(*, by: Any, entry: LeafEntry, checked: Checked) -> LeafEntry:
    """Record what was found on one leaf. Values from ledgers may be corrected, with the reason.

    Raises Forbidden for who is of the same unit, recorded the data or was not named; Invalid for
    bounds and missing reasons; Conflict outside the step of verification.
    """
    row = _locked(entry)
    require_stage(row.subject.run, Stage.VERIFYING)
    access_of(by).require(Right.VIEW, row)
    why = problem(by, row)
    if why:
        raise Forbidden(why)
    moved = _correct(by, row, checked)
    _manual(row, checked)
    if checked.absent is not None and checked.absent != row.absent:
        row.absent, moved = checked.absent, True
        row.absent_reason = checked.note.strip()[:300] if checked.absent else ""
    if moved and not checked.note.strip():
        raise Invalid("调整了数据，请写明原因。", where="note")
    row.finding = Finding.ADJUSTED if moved else Finding.AGREED
    row.finding_note = checked.note.strip()[:500]
    row.verified_by, row.verified_at = by, Now()
    row.save()
    audit.record(
        by=by,
        verb="assessments.verify",
        target=row,
        scope_path=row.subject.scope_path,
        new={"finding": row.finding, "manual": _text(row.manual_mark), "absent": row.absent},
        note=row.finding_note,
    )
    return row


def _locked(entry: LeafEntry) -> LeafEntry:
    rows = LeafEntry.objects.select_for_update(of=("self",)).with_names()
    return rows.get(pk=entry.pk)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _correct(by: Any, row: LeafEntry, checked: Checked) -> bool:
    """Write corrected values; say whether anything differs from what was collected."""
    moved = False
    items = DataItem.objects.select_for_update(of=("self",)).filter(
        subject=row.subject_id, leaf=row.leaf
    )
    for item in items:
        if item.key not in checked.values:
            continue
        new = checked.values[item.key]
        verified = None if new is None or new == item.value else new
        moved = moved or verified is not None
        if verified is not None and not checked.note.strip():
            raise Invalid(f"“{item.name}”改了数，请写明原因。", where="note")
        if verified == item.verified_value:
            continue
        old = {"verified_value": _text(item.verified_value)}
        item.verified_value = verified
        item.verify_note = checked.note.strip()[:300] if verified is not None else ""
        item.save()
        audit.record(
            by=by,
            verb="assessments.data.verify",
            target=item,
            scope_path=row.subject.scope_path,
            old=old,
            new={"verified_value": _text(verified)},
            note=item.verify_note,
        )
    return moved


def _manual(row: LeafEntry, checked: Checked) -> None:
    leaf = row.subject.run.scheme.scheme.leaf(row.leaf)
    if not isinstance(leaf.rule, Manual):
        if checked.manual is not None:
            raise Invalid("这项按规则计分，不能手工评分。", where="manual")
        return
    if checked.manual is None:
        if not row.absent and checked.absent is not True:
            raise Invalid("这项须手工评分，请填分值。", where="manual")
        return
    high = leaf.full if leaf.rule.high is None else leaf.rule.high
    if not leaf.rule.low <= checked.manual <= high:
        raise Invalid(f"分值应在 {leaf.rule.low} 到 {high} 之间。", where="manual")
    if not checked.manual_reason.strip():
        raise Invalid("评分理由没有填。", where="manual_reason")
    row.manual_mark, row.manual_reason = checked.manual, checked.manual_reason.strip()[:300]


def queue(by: Any, run: AssessmentRun) -> "Any":
    """Return the leaves that the user is named for, sampled ones not yet verified first."""
    named = list(run.verifiers.filter(user_id=by.pk).values_list("leaf", flat=True))
    rows = LeafEntry.objects.visible_to(by).filter(subject__run=run)
    if not named:
        return rows.none()
    if "" not in named:
        rows = rows.filter(leaf__in=named)
    return rows.with_names().order_by("-sampled", "finding", "subject__position", "position")


@transaction.atomic
def cross_red_line(*, by: Any, subject: Subject, key: str, reason: str) -> RedLineHit:
    """Record that a unit crossed a red line, with the fact and its basis."""
    row = lock_subject(subject)
    run = lock_run(row.run)
    require_office(by, run)
    require_stage(run, Stage.COLLECTING, Stage.SELF, Stage.VERIFYING)
    if key not in {line.key for line in run.scheme.scheme.red_lines}:
        raise Invalid("方案里没有这条红线。", where="key")
    if not reason.strip():
        raise Invalid("事实和依据没有填。", where="reason")
    if row.red_lines.filter(key=key, voided_at=None).exists():
        raise Conflict("已经登记过这条红线。")
    made = RedLineHit.objects.create(subject=row, key=key, reason=reason.strip()[:500], by=by)
    audit.record(
        by=by,
        verb="assessments.red_line",
        target=made,
        scope_path=row.scope_path,
        new={"key": key},
        note=made.reason,
    )
    return made


@transaction.atomic
def set_part(*, by: Any, subject: Subject, part: str, mark: Decimal, note: str) -> PartMark:
    """Write a part of the composite from outside (daily supervision, third party), with source."""
    row = lock_subject(subject)
    run = lock_run(row.run)
    require_office(by, run)
    require_stage(run, Stage.COLLECTING, Stage.SELF, Stage.VERIFYING)
    return write_part(by=by, run=run, subject=row, part=part, mark=mark, note=note)


def write_part(
    *, by: Any, run: AssessmentRun, subject: Subject, part: str, mark: Decimal, note: str
) -> PartMark:
    """Check and write one part mark in the current transaction (the run is locked)."""
    scheme = run.scheme.scheme
    if part not in {item.key for item in scheme.parts}:
        raise Invalid("方案里没有这一部分。", where="part")
    if not mark.is_finite() or not 0 <= mark <= scheme.full:
        raise Invalid(f"分值应在 0 到 {scheme.full.normalize():f} 之间。", where="mark")
    if not note.strip():
        raise Invalid("结果的来源没有填。", where="note")
    made, _ = PartMark.objects.update_or_create(
        subject=subject,
        part=part,
        defaults={"mark": mark, "note": note.strip()[:300], "by": by, "at": Now()},
    )
    audit.record(
        by=by,
        verb="assessments.part",
        target=subject,
        new={"part": part, "mark": _text(mark)},
        note=note[:300],
    )
    return made
