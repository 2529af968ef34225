"""整改: each deduction of a frozen result becomes a thing to mend, with its owner and date."""

from typing import Any

from django.db import transaction

from responsibility.assessments.models import AssessmentRun, LeafEntry, Rectification
from responsibility.assessments.rules.running import Mending
from responsibility.assessments.services import telling, timing
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.flow.reviewing import is_own


def open_list(*, by: Any, run: AssessmentRun) -> int:
    """Open the list of a run's deductions; return how many."""
    due, basis = timing.due(timing.MEND, clock.today())
    names = {leaf.key: leaf.name for leaf in run.scheme.scheme.leaves()}
    entries = (
        LeafEntry.objects.filter(subject__run=run)
        .select_related("subject__division", "subject__body")
        .order_by("subject__position", "position")
    )
    made = []
    for entry in entries:
        if entry.lost is None or entry.lost <= 0:
            continue
        row = Rectification(
            subject=entry.subject,
            body=entry.subject.body,
            leaf=entry.leaf,
            name=names[entry.leaf][:200],
            problem=entry.lost_reason or entry.working,
            lost=entry.lost,
            due_on=due,
            due_basis=basis,
            is_demo=run.is_demo,
        )
        row.place(entry.subject.division)
        made.append(row)
    Rectification.objects.bulk_create(made)
    timing.ask_mending(by=by, rows=made)
    audit.record(by=by, verb="assessments.mend.open", target=run, new={"count": len(made)})
    return len(made)


def _lock(row: Rectification) -> Rectification:
    rows = Rectification.objects.select_for_update(of=("self",))
    return rows.select_related("subject__run", "subject__body", "body", "division").get(pk=row.pk)


def may_report(by: Any, row: Rectification) -> bool:
    """Say whether the user reports for the owner of a rectification."""
    held = access_of(by).with_right(Right.LOG_PROGRESS)
    held = [*held, *access_of(by).with_right(Right.SUBMIT)]
    return row.status in (Mending.OPEN, Mending.RETURNED) and any(
        is_own(grant, row.body) for grant in held
    )


def may_close(by: Any, row: Rectification) -> bool:
    """Say whether the user decides on a reported rectification."""
    office = access_of(by).allows(Right.MANAGE_ASSESSMENTS, row.subject.run)
    return office and row.status == Mending.REPORTED


@transaction.atomic
def report(*, by: Any, row: Rectification, text: str) -> Rectification:
    """Say what was done; it then waits for 销号."""
    found = _lock(row)
    access_of(by).require(Right.VIEW, found)
    if found.status not in (Mending.OPEN, Mending.RETURNED):
        raise Conflict(f"这件事{found.get_status_display()}，不用再报。")
    if not may_report(by, found):
        raise Forbidden("须由责任单位自己报送整改情况。")
    if not text.strip() or len(text) > 2000:
        raise Invalid("整改情况应在 1 到 2000 字之间。", where="text")
    found.report, found.status = text.strip(), Mending.REPORTED
    found.reported_by, found.reported_at = by, clock.now()
    timing.mending_moved(by=by, row=found)
    found.save()
    audit.record(by=by, verb="assessments.mend.report", target=found)
    return found


@transaction.atomic
def decide(*, by: Any, row: Rectification, closed: bool, answer: str) -> Rectification:
    """销号 or 退回 what was reported; never by who reported it."""
    found = _lock(row)
    access_of(by).require(Right.VIEW, found)
    if not access_of(by).allows(Right.MANAGE_ASSESSMENTS, found.subject.run):
        raise Forbidden("销号由组织考核的领导小组办公室办理。")
    if found.status != Mending.REPORTED:
        raise Conflict("责任单位还没有报送整改情况。")
    if by.pk == found.reported_by_id:
        raise Forbidden("报送人不能为自己销号。")
    if not closed and not answer.strip():
        raise Invalid("退回的原因没有填。", where="answer")
    found.answer = answer.strip()[:500]
    found.status = Mending.CLOSED if closed else Mending.RETURNED
    if closed:
        found.closed_by, found.closed_on = by, clock.today()
    found.due_on = timing.mending_moved(by=by, row=found)
    found.save()
    found.refresh_from_db(fields=["updated_at"])
    verb = "assessments.mend.close" if closed else "assessments.mend.return"
    audit.record(by=by, verb=verb, target=found, note=found.answer)
    telling.tell_mending(found, "整改已销号" if closed else "整改被退回")
    return found
