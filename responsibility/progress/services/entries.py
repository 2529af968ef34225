"""Logging: start a draft, keep it as it is typed, attach evidence, submit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock, periods
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import check_inside
from responsibility.duties import checks
from responsibility.duties.models import Assignment
from responsibility.duties.rules import Standing
from responsibility.duties.status import set_status
from responsibility.figures.models import Indicator
from responsibility.figures.services.ledger import is_entered_at, last_known
from responsibility.files.models import StoredFile
from responsibility.flow import services as flow
from responsibility.flow.rules import Action, State
from responsibility.progress import rules
from responsibility.progress.models import (
    Evidence,
    ProgressEntry,
    ProgressFigure,
    ProgressStep,
)
from responsibility.progress.signals import entry_submitted, entry_withdrawn

OWNER = Right.LOG_PROGRESS


@dataclass
class Content:
    """What a form or an API client gives; None leaves a field as it is."""

    text: str | None = None
    done_on: date | None = None
    needs_help: str | None = None
    figures: Mapping[str, Decimal | None] = field(default_factory=dict)
    clear_done_on: bool = False


@transaction.atomic
def start(*, by: Any, assignment: Assignment, period: str | None = None) -> ProgressEntry:
    """Return the user's open draft on an assignment and period, made now if there is none.

    The figures that the duty asks for are filled with the last known values and their source.
    Raises Invalid for a period the duty does not have, Conflict for an assignment that does not
    bind (未列明, 待认定, 不适用).
    """
    duty = assignment.duty
    if assignment.standing != Standing.ACTIVE:
        raise Conflict(f"该事项为“{assignment.get_standing_display()}”，不需填报。")
    chosen = _period(assignment, period)
    found = _open_draft(by, assignment, chosen.code)
    if found:
        return found
    entry = ProgressEntry(assignment=assignment, period=chosen.code)
    flow.place_submission(submission=entry, body=assignment.body, by=by, right=OWNER)
    today = clock.today()
    entry.done_on = today if chosen.start <= today <= chosen.end else None
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:
        raced = _open_draft(by, assignment, chosen.code)
        if raced is None:
            raise
        return raced
    for indicator in duty.indicators.filter(retired_on=None).order_by("position"):
        _prefill(entry, indicator)
    audit.record(by=by, verb="progress.start", target=entry, new={"period": entry.period})
    refresh_status(assignment)
    return entry


def _period(assignment: Assignment, code: str | None) -> periods.Period:
    rhythm, year = assignment.duty.rhythm, assignment.year
    if not code:
        return rules.default_period(rhythm, year, clock.today())
    known = {period.code: period for period in rules.periods_of(rhythm, year)}
    if code not in known:
        raise Invalid(f"所属期应为：{'、'.join(known)}。", where="period")
    return known[code]


def _open_draft(by: Any, assignment: Assignment, period: str) -> ProgressEntry | None:
    return (
        ProgressEntry.objects.living()
        .filter(assignment=assignment, period=period, recorder=by, status=State.DRAFT)
        .first()
    )


def _prefill(entry: ProgressEntry, indicator: Indicator) -> None:
    if not is_entered_at(indicator, entry.division.tier):
        return
    last = last_known(entry.body, indicator, entry.period)
    ProgressFigure.objects.create(
        entry=entry,
        indicator=indicator,
        value=last.value if last else None,
        prefilled=last is not None,
        source_note=f"{periods.parse(last.period).label}已报数" if last else "",
    )


@transaction.atomic
def save_draft(
    *, by: Any, entry: ProgressEntry, content: Content, revision: int | None = None
) -> ProgressEntry:
    """Keep what was typed, complete or not. On a returned entry only returned items change."""
    row = flow.lock(entry, revision=revision)
    flow.check_editable(row, by, OWNER)
    old = content_of(row)
    allowed = rules.open_items(row.status, _remarked(row))
    _write(row, content, allowed)
    new = content_of(row)
    if new == old:
        return row
    row.revision += 1
    row.save()
    check_inside(row, by)
    audit.record(by=by, verb="progress.save", target=row, old=old, new=new)
    return row


def _remarked(entry: ProgressEntry) -> list[str]:
    return list(entry.remarks.filter(settled_at=None).values_list("item", flat=True))


def _write(row: ProgressEntry, content: Content, allowed: frozenset[str] | None) -> None:
    def may(item: str) -> bool:
        return allowed is None or item in allowed

    if content.text is not None and may("text"):
        row.text = content.text.strip()
        if len(row.text) > rules.TEXT_LIMIT:
            raise Invalid(
                f"最多 {rules.TEXT_LIMIT} 字，现在 {len(row.text)} 字，请删减。", where="text"
            )
    if (content.done_on is not None or content.clear_done_on) and may("done_on"):
        row.done_on = content.done_on
    if content.needs_help is not None:
        row.needs_help = content.needs_help.strip()[:500]
    wanted = {figure.indicator.key: figure for figure in _figures(row)}
    for key, value in content.figures.items():
        if key not in wanted:
            raise Invalid("这项责任不报送该指标。", where=f"figure:{key}")
        figure = wanted[key]
        if figure.value != value and may(f"figure:{key}"):
            figure.value, figure.prefilled, figure.source_note = value, False, ""
            figure.save()


def _figures(entry: ProgressEntry) -> list[ProgressFigure]:
    return list(entry.figures.select_related("indicator").order_by("indicator__position", "id"))


def content_of(entry: ProgressEntry) -> dict[str, Any]:
    """Return the whole content of an entry in canonical form (what is hashed and approved)."""
    return {
        "period": entry.period,
        "text": entry.text,
        "done_on": entry.done_on.isoformat() if entry.done_on else None,
        "needs_help": entry.needs_help,
        "figures": {
            figure.indicator.key: None if figure.value is None else f"{figure.value.normalize():f}"
            for figure in _figures(entry)
        },
        "evidence": sorted(
            entry.evidence.filter(voided_at=None).values_list("file__sha256", flat=True)
        ),
    }


@transaction.atomic
def submit(
    *,
    by: Any,
    entry: ProgressEntry,
    answers: Mapping[str, str] | None = None,
    revision: int | None = None,
) -> ProgressEntry:
    """Submit an entry one administrative tier up.

    ``answers`` gives the recorder's reply to remarks by item. Raises Invalid naming the first item
    that is missing or wrong; nothing typed is lost.
    """
    row = flow.lock(entry, revision=revision)
    flow.check_editable(row, by, OWNER)
    _check_complete(row)
    _settle_remarks(row, answers or {})
    content = content_of(row)
    row = flow.act(
        submission=row,
        action=Action.SUBMIT,
        by=by,
        steps=ProgressStep,
        right=OWNER,
        content_hash=rules.content_hash(content),
    )
    refresh_status(row.assignment)
    entry_submitted.send(ProgressEntry, entry=row, by=by)
    return row


def _check_complete(row: ProgressEntry) -> None:
    wrong = rules.mistakes(
        text=row.text,
        done_on=row.done_on,
        period=periods.parse(row.period),
        today=clock.today(),
    )
    for figure in _figures(row):
        if figure.value is None:
            wrong[f"figure:{figure.indicator.key}"] = f"请填写“{figure.indicator.name}”。"
    if wrong:
        where, message = next(iter(wrong.items()))
        raise Invalid(message, where=where)


def _settle_remarks(row: ProgressEntry, answers: Mapping[str, str]) -> None:
    content = content_of(row)
    for remark in row.remarks.filter(settled_at=None):
        remark.answer = answers.get(remark.item, "").strip()[:500]
        remark.new_value = value_of(content, remark.item)
        remark.settled_at = Now()
        remark.save()


def value_of(content: Mapping[str, Any], item: str) -> str:
    """Return one item of a content as text."""
    if item.startswith("figure:"):
        return str(content["figures"].get(item.removeprefix("figure:")) or "")
    if item == "evidence":
        return f"{len(content['evidence'])} 件"
    return str(content.get(item) or "")[:2000]


@transaction.atomic
def withdraw(*, by: Any, entry: ProgressEntry) -> ProgressEntry:
    """Take back what nobody has taken up for review yet."""
    row = flow.act(submission=entry, action=Action.WITHDRAW, by=by, steps=ProgressStep, right=OWNER)
    refresh_status(row.assignment)
    entry_withdrawn.send(ProgressEntry, entry=row, by=by)
    return row


@transaction.atomic
def discard(*, by: Any, entry: ProgressEntry) -> None:
    """Void a draft that was never submitted."""
    row = flow.lock(entry)
    flow.check_editable(row, by, OWNER)
    if row.status != State.DRAFT:
        raise Conflict("只有草稿可以作废。")
    row.voided_at, row.voided_by, row.void_reason = Now(), by, "弃用草稿"
    row.save()
    audit.record(by=by, verb="progress.discard", target=row)
    refresh_status(row.assignment)


@transaction.atomic
def attach(
    *, by: Any, entry: ProgressEntry, file: StoredFile, name: str, fact_on: date | None = None
) -> tuple[Evidence, bool]:
    """Attach a stored file; return the link and whether it is new (the same file is reused)."""
    row = flow.lock(entry)
    flow.check_editable(row, by, OWNER)
    found = row.evidence.filter(file=file, voided_at=None).first()
    if found:
        return found, False
    link = Evidence.objects.create(
        entry=row, file=file, name=name[:200], fact_on=fact_on, uploaded_by=by
    )
    audit.record(
        by=by,
        verb="evidence.attach",
        target=link,
        scope_path=row.scope_path,
        new={"sha256": file.sha256, "entry": str(row.public_id)},
    )
    return link, True


@transaction.atomic
def detach(*, by: Any, evidence: Evidence) -> None:
    """Void a file link while the entry may still be changed."""
    row = flow.lock(evidence.entry)
    flow.check_editable(row, by, OWNER)
    Evidence.objects.filter(pk=evidence.pk, voided_at=None).update(
        voided_at=Now(), voided_by=by, void_reason="移除附件"
    )
    audit.record(by=by, verb="evidence.detach", target=evidence, scope_path=row.scope_path)


def refresh_status(assignment: Assignment) -> None:
    """Write the assignment's status from its living entries, in the current transaction."""
    entries = list(
        ProgressEntry.objects.living().filter(assignment=assignment).values_list("period", "status")
    )
    logged = rules.assignment_status(assignment.duty.rhythm, entries)
    set_status(assignment.pk, checks.status_of(assignment, logged))
