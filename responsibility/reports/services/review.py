"""Reviewing a report item by item, archiving it, correcting what was archived."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, DomainError, Forbidden, Invalid, Stale
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines.services import lifecycle
from responsibility.figures.rules import parse_value
from responsibility.flow import services as flow
from responsibility.flow.rules import Action, State
from responsibility.reports import rules
from responsibility.reports.models import Report, ReportRemark, ReportSlip, ReportStep
from responsibility.reports.services import rounds, tiers, typed
from responsibility.reports.services.filling import (
    LABEL,
    OWNER,
    collect_cells,
    content_of,
    freeze,
    item_value,
    may_write,
)
from responsibility.reports.services.following import follow_duty


def _act(row: Report, action: Action, by: Any, **extra: Any) -> Report:
    row = flow.act(submission=row, action=action, by=by, steps=ReportStep, right=OWNER, **extra)
    follow_duty(row, by)
    return row


@transaction.atomic
def take_up(*, by: Any, report: Report) -> Report:
    """受理: from now on it cannot be withdrawn."""
    return _act(report, Action.TAKE_UP, by)


@transaction.atomic
def return_report(
    *,
    by: Any,
    report: Report,
    remarks: Mapping[str, str],
    reason: str = "",
    revision: int | None = None,
) -> Report:
    """Return a report: only the remarked items open again, the rest stays passed."""
    known = {key: text.strip() for key, text in remarks.items() if text.strip()}
    reason = reason.strip() or "；".join(known.values())
    row = _act(report, Action.RETURN, by, reason=reason[:500], revision=revision)
    content = content_of(row)
    round_ = row.steps.filter(action=Action.RETURN).count()
    for item, text in known.items():
        ReportRemark.objects.create(
            submission=row,
            item=item,
            text=text[:500],
            by=by,
            round=round_,
            old_value=item_value(content, item),
        )
    if figures := rules.open_figures(frozenset(known)):
        collect_cells(row, figures)
    lifecycle.resume(label=LABEL, subject_ids=[row.public_id], by=by)
    return row


@transaction.atomic
def pass_report(*, by: Any, report: Report, revision: int | None = None) -> Report:
    """Pass a report as it was handed in: on to the next tier of its kind, or for good."""
    after = tiers.following(flow.lock(report))
    row = _act(report, Action.FORWARD if after else Action.PASS, by, revision=revision)
    if after:
        row.reviewing_division_id = after
        row.save(update_fields=["reviewing_division_id"])
        return row
    if not row.no_data_reason:
        typed.enter(row)
    lifecycle.settle(label=LABEL, subject_ids=[row.public_id], by=by)
    return row


@dataclass(frozen=True)
class Refusal:
    """A report that was not passed with the others, and why."""

    report: Report
    message: str


def pass_many(*, by: Any, reports: Iterable[Report]) -> tuple[int, list[Refusal]]:
    """Pass clean reports together, each by itself; return how many, and those refused."""
    passed, refused = 0, []
    for report in reports:
        if unclear := rounds.unclear(report):
            refused.append(Refusal(report, unclear))
            continue
        try:
            pass_report(by=by, report=report, revision=report.revision)
        except DomainError as error:
            refused.append(Refusal(report, error.message))
        else:
            passed += 1
    return passed, refused


@transaction.atomic
def archive(*, by: Any, report: Report) -> Report:
    """Archive a passed report: a frozen snapshot; later only a correction slip changes it."""
    row = _act(report, Action.ARCHIVE, by)
    row.content_hash = freeze(row, "archived")
    row.save(update_fields=["content_hash"])
    return row


@transaction.atomic
def request_slip(*, by: Any, report: Report, item: str, new_value: str, reason: str) -> ReportSlip:
    """Ask for the correction of one item of an archived report."""
    row = flow.lock(report)
    if not may_write(by, row.body):
        access_of(by).require(Right.VIEW, row)
        raise Forbidden("只能更正本单位的报告。")
    if row.status not in (State.PASSED, State.ARCHIVED):
        raise Conflict("只有已通过、已归档的报告需要更正单。")
    if not reason.strip():
        raise Invalid("请写明更正原因。", where="reason")
    old = item_value(content_of(row), item)
    _parse(row, item, new_value)
    if old == new_value.strip():
        raise Invalid("更正后的内容与原来相同。", where="new_value")
    if row.slips.filter(item=item, decided_at=None).exists():
        raise Conflict("这一项已有待审批的更正单。")
    slip = ReportSlip.objects.create(
        submission=row,
        item=item,
        old_value=old,
        new_value=new_value.strip(),
        reason=reason.strip()[:500],
        requested_by=by,
    )
    audit.record(by=by, verb="reports.slip", target=slip, scope_path=row.scope_path)
    return slip


def _parse(row: Report, item: str, text: str) -> Decimal | str:
    if item.startswith("figure:"):
        key = item.removeprefix("figure:")
        if not row.cells.filter(definition__indicator__key=key).exists():
            raise Invalid("没有这一项，请重新选择。", where="item")
        try:
            return parse_value(text)
        except ValueError as error:
            raise Invalid(str(error), where="new_value") from None
    if not row.texts.filter(section__key=item).exists():
        raise Invalid("没有这一项，请重新选择。", where="item")
    if not text.strip():
        raise Invalid("请填写更正后的内容。", where="new_value")
    return text.strip()


@transaction.atomic
def decide_slip(*, by: Any, slip: ReportSlip, approve: bool, decision: str = "") -> ReportSlip:
    """Approve or decline a slip; the archived snapshot stays as it was."""
    row = flow.lock(slip.submission)
    access_of(by).require(Right.CORRECT, row)
    locked = ReportSlip.objects.select_for_update(of=("self",)).get(pk=slip.pk)
    if by.pk == locked.requested_by_id:
        raise Forbidden("不能审批自己提的更正单。")
    if locked.decided_at is not None:
        raise Conflict("这张更正单已经审批过。")
    if approve:
        _apply(row, locked)
    elif not decision.strip():
        raise Invalid("请写明不同意的原因。", where="decision")
    locked.decided_by, locked.approved = by, approve
    locked.decided_at, locked.decision = Now(), decision.strip()[:500]
    locked.save()
    audit.record(
        by=by,
        verb="reports.slip.approve" if approve else "reports.slip.decline",
        target=locked,
        scope_path=row.scope_path,
    )
    return locked


def _apply(row: Report, slip: ReportSlip) -> None:
    if item_value(content_of(row), slip.item) != slip.old_value:
        raise Stale("原值已变动，请申请人按现值重提更正单。")
    value = _parse(row, slip.item, slip.new_value)
    if slip.item.startswith("figure:"):
        key = slip.item.removeprefix("figure:")
        row.cells.filter(definition__indicator__key=key).update(value=value, how="slip")
        typed.enter(row, [key])
    else:
        row.texts.filter(section__key=slip.item).update(text=value)
    freeze(row, "corrected")
