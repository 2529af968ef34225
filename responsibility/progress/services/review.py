"""Reviewing: pass, return item by item, pass many; and correction slips on what was passed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, DomainError, Forbidden, Invalid, Stale
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.figures.models import Indicator
from responsibility.figures.rules import parse_value
from responsibility.figures.services.ledger import set_values
from responsibility.flow import reviewing
from responsibility.flow import services as flow
from responsibility.flow.access import review_places
from responsibility.flow.rules import Action, Party, State
from responsibility.progress import rules
from responsibility.progress.models import (
    ProgressEntry,
    ProgressFigure,
    ProgressRemark,
    ProgressSlip,
    ProgressStep,
)
from responsibility.progress.services.entries import OWNER, content_of, refresh_status, value_of
from responsibility.progress.signals import entry_passed, entry_returned

DONE = (State.PASSED, State.ARCHIVED)


@transaction.atomic
def pass_entry(
    *, by: Any, entry: ProgressEntry, note: str = "", revision: int | None = None
) -> ProgressEntry:
    """Pass an entry: its content is frozen by hash, its figures go to the ledger."""
    row = flow.lock(entry, revision=revision)
    content = content_of(row)
    row.approved_content = content
    row.save(update_fields=["approved_content"])
    row = flow.act(
        submission=row,
        action=Action.PASS,
        by=by,
        steps=ProgressStep,
        right=OWNER,
        reason=note,
        content_hash=rules.content_hash(content),
    )
    _to_ledger(row)
    refresh_status(row.assignment)
    entry_passed.send(ProgressEntry, entry=row, by=by)
    return row


def _to_ledger(row: ProgressEntry) -> None:
    values = {
        figure.indicator: figure.value
        for figure in row.figures.select_related("indicator").order_by("indicator_id")
        if figure.value is not None
    }
    if values:
        set_values(by=row.recorder, body=row.body, period=row.period, values=values, source=row)


@transaction.atomic
def return_entry(
    *,
    by: Any,
    entry: ProgressEntry,
    reason: str,
    remarks: Mapping[str, str] | None = None,
    revision: int | None = None,
) -> ProgressEntry:
    """Return an entry with a reason, and remarks by item; only remarked items open again."""
    row = flow.act(
        submission=entry,
        action=Action.RETURN,
        by=by,
        steps=ProgressStep,
        right=OWNER,
        reason=reason,
        revision=revision,
    )
    content, round_ = content_of(row), row.steps.filter(action=Action.RETURN).count()
    for item, text in (remarks or {}).items():
        if text.strip():
            ProgressRemark.objects.create(
                submission=row,
                item=item,
                text=text.strip()[:500],
                by=by,
                round=round_,
                old_value=value_of(content, item),
            )
    refresh_status(row.assignment)
    entry_returned.send(ProgressEntry, entry=row, by=by, reason=reason)
    return row


@dataclass(frozen=True)
class Refusal:
    """Why one of many was not passed."""

    entry: ProgressEntry
    message: str


def pass_many(*, by: Any, entries: Iterable[ProgressEntry]) -> tuple[int, list[Refusal]]:
    """Pass each by the same service; return how many went through and why the others did not."""
    passed, refused = 0, []
    for entry in entries:
        try:
            pass_entry(by=by, entry=entry, revision=entry.revision)
        except DomainError as error:
            refused.append(Refusal(entry, error.message))
        else:
            passed += 1
    return passed, refused


@transaction.atomic
def request_slip(
    *, by: Any, entry: ProgressEntry, item: str, new_value: str, reason: str
) -> ProgressSlip:
    """Ask for the correction of one item of a passed entry (更正单)."""
    row = flow.lock(entry)
    if not reviewing.is_party(row, Party.OWNER, by, OWNER):
        access_of(by).require(Right.VIEW, row)
        raise Forbidden("只有本单位填报人员可以提更正单。")
    if row.status not in DONE:
        raise Conflict("只有已通过的内容需要更正单；其他状态可直接修改。")
    if not reason.strip():
        raise Invalid("请写明更正原因。", where="reason")
    content = content_of(row)
    _parse(row, item, new_value)
    old = value_of(content, item)
    if old == new_value.strip():
        raise Invalid("更正后的内容与原来相同。", where="new_value")
    if row.slips.filter(item=item, decided_at=None).exists():
        raise Conflict("这一项已有待审批的更正单。")
    slip = ProgressSlip.objects.create(
        submission=row,
        item=item,
        old_value=old,
        new_value=new_value.strip(),
        reason=reason.strip()[:500],
        requested_by=by,
    )
    audit.record(
        by=by,
        verb="progress.slip",
        target=slip,
        scope_path=row.scope_path,
        old={item: old},
        new={item: slip.new_value},
        note=slip.reason,
    )
    return slip


def _parse(row: ProgressEntry, item: str, text: str) -> Any:
    """Return the typed new value of an item; raise Invalid when it is none."""
    text = text.strip()
    if item == "text":
        if not 0 < len(text) <= rules.TEXT_LIMIT:
            raise Invalid(f"请填写 1 至 {rules.TEXT_LIMIT} 字。", where="new_value")
        return text
    if item == "done_on":
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise Invalid("请填写日期，例如 2020-12-25。", where="new_value") from None
    key = item.removeprefix("figure:")
    figure = row.figures.filter(indicator__key=key).first()
    if not item.startswith("figure:") or figure is None:
        raise Invalid("没有这一项，请重新选择。", where="item")
    try:
        return parse_value(text)
    except ValueError as error:
        raise Invalid(str(error), where="new_value") from None


@transaction.atomic
def decide_slip(*, by: Any, slip: ProgressSlip, approve: bool, decision: str = "") -> ProgressSlip:
    """Approve or decline a slip; refused when the value has moved since.

    The content that was approved at the time stays as it was; the ledger gets a new version.
    """
    row = flow.lock(slip.submission)
    locked = ProgressSlip.objects.select_for_update(of=("self",)).get(pk=slip.pk)
    if row.reviewing_division_id not in review_places(access_of(by)):
        access_of(by).require(Right.VIEW, row)
        raise Forbidden("更正单由原审核单位审批。")
    if by.pk == locked.requested_by_id:
        raise Forbidden("不能审批自己提的更正单。")
    if locked.decided_at is not None:
        raise Conflict("这张更正单已经审批过。")
    if not approve and not decision.strip():
        raise Invalid("请写明不同意的原因。", where="decision")
    if approve:
        _apply(row, locked)
    locked.decided_by, locked.approved = by, approve
    locked.decided_at, locked.decision = Now(), decision.strip()[:500]
    locked.save()
    audit.record(
        by=by,
        verb="progress.slip.approve" if approve else "progress.slip.decline",
        target=locked,
        scope_path=row.scope_path,
        old={locked.item: locked.old_value},
        new={locked.item: locked.new_value} if approve else {locked.item: locked.old_value},
        note=locked.decision,
    )
    return locked


def _apply(row: ProgressEntry, slip: ProgressSlip) -> None:
    if value_of(content_of(row), slip.item) != slip.old_value:
        raise Stale("原值已变动，请申请人按现值重提更正单。")
    value = _parse(row, slip.item, slip.new_value)
    if slip.item == "text":
        row.text = value
    elif slip.item == "done_on":
        row.done_on = value
    else:
        key = slip.item.removeprefix("figure:")
        ProgressFigure.objects.filter(entry=row, indicator__key=key).update(
            value=value, prefilled=False, source_note="更正单"
        )
        set_values(
            by=slip.requested_by,
            body=row.body,
            period=row.period,
            values={Indicator.objects.get(key=key): value},
            source=slip,
        )
    row.revision += 1
    row.save()
