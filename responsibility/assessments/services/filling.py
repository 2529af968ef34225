"""What the assessed unit does itself: missing numbers, no task, self-assessment, evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.assessments.models import DataItem, LeafEntry, LeafEvidence, Subject
from responsibility.assessments.rules.running import Stage
from responsibility.assessments.services import timing
from responsibility.assessments.services.access import (
    is_unit,
    lock_subject,
    require_stage,
    require_unit,
)
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.files.models import StoredFile

WRITE = (Right.LOG_PROGRESS, Right.SUBMIT)
SEND = (Right.SUBMIT, Right.APPROVE)
NOTE = 2000


@dataclass(frozen=True)
class Answer:
    """What a unit says of one leaf; ``values`` are the asked items by key (None: cleared)."""

    values: Mapping[str, Decimal | None]
    self_mark: Decimal | None = None
    note: str = ""
    absent: bool = False
    absent_reason: str = ""


def _writable(by: Any, subject: Subject) -> Subject:
    row = lock_subject(subject)
    require_unit(by, row, *WRITE)
    require_stage(row.run, Stage.COLLECTING, Stage.SELF)
    if row.self_at:
        raise Conflict("自评已报送。要改先撤回。")
    return row


def can_write(by: Any, subject: Subject) -> bool:
    """Say whether the page offers the form to this user now."""
    open_now = subject.run.status in (Stage.COLLECTING, Stage.SELF) and subject.self_at is None
    return open_now and subject.run.voided_at is None and is_unit(by, subject, *WRITE)


@transaction.atomic
def answer(*, by: Any, subject: Subject, leaf: str, given: Answer) -> LeafEntry:
    """Keep what a unit says of one leaf. Numbers that a ledger holds are not taken."""
    row = _writable(by, subject)
    entry = row.entries.select_for_update(of=("self",)).filter(leaf=leaf).first()
    if entry is None:
        raise Invalid("方案里没有这项指标。", where="leaf")
    _check(entry, given)
    _type_values(by, row, leaf, given.values)
    before = _said(entry)
    entry.self_mark, entry.self_note, entry.self_by = given.self_mark, given.note.strip(), by
    if not (entry.absent and entry.absent_reason.startswith("台账里没有任务：")):
        entry.absent, entry.absent_reason = given.absent, given.absent_reason.strip()
        entry.absent_reason = entry.absent_reason if given.absent else ""
    entry.save()
    audit.record(
        by=by,
        verb="assessments.self",
        target=entry,
        scope_path=row.scope_path,
        old=before,
        new=_said(entry),
    )
    return entry


def _check(entry: LeafEntry, given: Answer) -> None:
    if given.self_mark is not None and not 0 <= given.self_mark <= entry.full:
        raise Invalid(f"自评分应在 0 到 {entry.full.normalize():f} 之间。", where="self_mark")
    if len(given.note) > NOTE:
        raise Invalid(f"自评说明不超过 {NOTE} 字，现在 {len(given.note)} 字。", where="note")
    if given.absent and not given.absent_reason.strip():
        raise Invalid("没有任务的原因没有填。", where="absent_reason")
    if len(given.absent_reason) > 300:
        raise Invalid("没有任务的原因不超过 300 字。", where="absent_reason")


def _said(entry: LeafEntry) -> dict[str, Any]:
    return {
        "self_mark": None if entry.self_mark is None else f"{entry.self_mark:f}",
        "self_note": entry.self_note,
        "absent": entry.absent,
        "absent_reason": entry.absent_reason,
    }


def _type_values(by: Any, row: Subject, leaf: str, values: Mapping[str, Decimal | None]) -> None:
    for item in DataItem.objects.select_for_update(of=("self",)).filter(
        subject=row, leaf=leaf, key__in=values
    ):
        new = values[item.key]
        if item.how == "source":
            if new is not None and new != item.value:
                raise Invalid(f"“{item.name}”取自台账，不能改；有误请更正台账。", where=item.key)
            continue
        if new == item.value:
            continue
        _type(by, row, item, new)


def _type(by: Any, row: Subject, item: DataItem, new: Decimal | None) -> None:
    if new is not None and abs(new) >= Decimal(10) ** 15:
        raise Invalid(f"“{item.name}”的数太大，请核对单位。", where=item.key)
    old = {"value": None if item.value is None else f"{item.value:f}"}
    item.value, item.how = new, "missing" if new is None else "typed"
    item.typed_by, item.as_of = (None, None) if new is None else (by, clock.now())
    item.save()
    audit.record(
        by=by,
        verb="assessments.data",
        target=item,
        scope_path=row.scope_path,
        old=old,
        new={"value": None if new is None else f"{new:f}"},
    )


@transaction.atomic
def submit(*, by: Any, subject: Subject, statement: str = "") -> Subject:
    """报送 the self-assessment; refused while an asked number is missing and no task is stated."""
    row = lock_subject(subject)
    require_unit(by, row, *SEND)
    require_stage(row.run, Stage.SELF)
    if row.self_at:
        raise Conflict("自评已经报送过了。")
    left = missing(row)
    if left:
        names = "、".join(item.name for item in left[:3])
        raise Invalid(f"还缺 {len(left)} 个数：{names}。没有任务的请注明原因。")
    if len(statement) > 5000:
        raise Invalid("自评说明不超过 5000 字。", where="statement")
    row.statement, row.self_by, row.self_at = statement.strip(), by, Now()
    row.save()
    timing.handed_in(by=by, subject=row)
    audit.record(by=by, verb="assessments.self.submit", target=row)
    row.refresh_from_db(fields=["self_at"])
    return row


def missing(subject: Subject) -> list[DataItem]:
    """Return the numbers still to be typed, of leaves that have a task."""
    absent = subject.entries.filter(absent=True).values("leaf")
    rows = DataItem.objects.filter(subject=subject, how="missing", source_kind="typed")
    return list(rows.exclude(leaf__in=absent).order_by("id"))


@transaction.atomic
def withdraw(*, by: Any, subject: Subject) -> Subject:
    """Take a self-assessment back while the run still collects them."""
    row = lock_subject(subject)
    require_unit(by, row, *SEND)
    require_stage(row.run, Stage.SELF)
    if row.self_at is None:
        raise Conflict("自评还没有报送。")
    row.self_by, row.self_at = None, None
    row.save()
    timing.taken_back(by=by, subject=row)
    audit.record(by=by, verb="assessments.self.withdraw", target=row)
    return row


@transaction.atomic
def attach(*, by: Any, entry: LeafEntry, file: StoredFile, name: str) -> LeafEvidence:
    """Offer a file for a leaf; the same file again is the same link. Also after the notice."""
    row = lock_subject(entry.subject)
    require_unit(by, row, *WRITE)
    require_stage(row.run, Stage.COLLECTING, Stage.SELF, Stage.NOTICED)
    found = entry.evidence.filter(file=file, voided_at=None).first()
    if found:
        return found
    link = LeafEvidence.objects.create(entry=entry, file=file, name=name[:200], uploaded_by=by)
    audit.record(
        by=by,
        verb="assessments.evidence",
        target=link,
        scope_path=row.scope_path,
        new={"sha256": file.sha256, "leaf": entry.leaf},
    )
    return link


def may_see_marks(by: Any, subject: Subject) -> bool:
    """Say whether the marks of a unit may be shown: to whoever sees the run's own place always, to
    the unit itself from the notice on.
    """
    run = subject.run
    return run.is_told or access_of(by).scope().covers(run.scope_path)
