"""Saving a report item by item: several people and an API client at once, no update lost."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Invalid
from responsibility.figures.rules import parse_value
from responsibility.flow import services as flow
from responsibility.reports import rules
from responsibility.reports.models import Report, ReportCell, ReportText
from responsibility.reports.rules import FIGURE
from responsibility.reports.services.filling import check_open, open_now
from responsibility.reports.services.typed import TYPED, text_of

SAVED, SAME, CONFLICT, REFUSED = "saved", "same", "conflict", "refused"
WORDS = {SAVED: "已存", SAME: "没有变化", CONFLICT: "与他人的修改冲突", REFUSED: "没有存"}


@dataclass(frozen=True)
class Change:
    """What somebody wants an item to be; ``seal`` names the content he had before him."""

    text: str
    seal: str | None = None


@dataclass(frozen=True)
class Item:
    """One item that people fill: a section's text, or a figure typed in this report."""

    key: str
    title: str
    text: str
    seal: str
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one change; on a conflict ``now`` is what stands."""

    item: str
    state: str
    now: Item | None = None
    message: str = ""

    @property
    def words(self) -> str:
        """Return the state in words."""
        return WORDS[self.state]


def seal(text: str) -> str:
    """Name a content, so that who writes can say what he had before him."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def items_of(report: Report) -> dict[str, Item]:
    """Return the items that people fill, in their order."""
    texts = report.texts.select_related("section", "edited_by").order_by("section__position")
    return {
        **{f"{FIGURE}{row.definition.indicator.key}": _of_cell(row) for row in _cells(report)},
        **{row.section.key: _of_text(row) for row in texts},
    }


def _cells(report: Report) -> Any:
    rows = report.cells.filter(definition__typed=True)
    rows = rows.select_related("definition__indicator", "edited_by")
    return rows.order_by("definition__section__position", "definition__position")


def _who(user: Any) -> str:
    return (user.label or user.username) if user else ""


def _of_text(row: ReportText) -> Item:
    at = row.edited_at if row.edited_by_id else None
    return Item(
        row.section.key, row.section.title, row.text, seal(row.text), _who(row.edited_by), at
    )


def _of_cell(row: ReportCell) -> Item:
    item, text = row.definition.indicator, text_of(row.value) or ""
    return Item(
        f"{FIGURE}{item.key}", item.name, text, seal(text), _who(row.edited_by), row.edited_at
    )


@transaction.atomic
def save_items(
    *, by: Any, report: Report, changes: Mapping[str, Change], dry_run: bool = False
) -> tuple[Report, list[Outcome]]:
    """Write what does not clash; say of each item what became of it.

    An item whose seal is not the present one is left as it stands and comes back with it. What is
    refused (not returned, too long, no number) is said so; the rest is saved. Raises Conflict or
    Forbidden where nothing of the report may be changed.
    """
    row = flow.lock(report)
    check_open(row, by)
    allowed = open_now(row)
    texts = {item.section.key: item for item in row.texts.select_related("section", "edited_by")}
    cells = {f"{FIGURE}{cell.definition.indicator.key}": cell for cell in _cells(row)}
    made: list[Outcome] = []
    old: dict[str, Any] = {}
    for key, change in changes.items():
        there: Any = texts.get(key) or cells.get(key)
        outcome = _judge(key, there, change, allowed)
        if outcome.state == SAVED and not dry_run:
            assert outcome.now is not None
            old[key] = outcome.now.text
            outcome = Outcome(key, SAVED, _write(there, change, by))
        made.append(outcome)
    if old:
        row.revision += 1
        row.no_data_reason = ""
        row.save()
        new = {item.item: item.now.text for item in made if item.state == SAVED and item.now}
        audit.record(by=by, verb="reports.save", target=row, old=old, new=new)
    return row, made


def _judge(key: str, there: Any, change: Change, allowed: frozenset[str] | None) -> Outcome:
    """Say what a change would come to."""
    if there is None:
        return Outcome(key, REFUSED, message="没有这一项，请对照本报告的各项。")
    now = _of_text(there) if isinstance(there, ReportText) else _of_cell(there)
    try:
        text = _clean(there, change.text)
    except Invalid as error:
        return Outcome(key, REFUSED, now, error.message)
    if text == now.text:
        return Outcome(key, SAME, now)
    if allowed is not None and key not in allowed:
        return Outcome(key, REFUSED, now, "这一项没有退回，不能改。")
    if change.seal is not None and change.seal != now.seal:
        return Outcome(key, CONFLICT, now, f"{now.by or '他人'}刚改过，请对照后再存。")
    return Outcome(key, SAVED, now)


def _clean(there: Any, text: str) -> str:
    """Return a text as it would be kept; a number in its plain form."""
    if isinstance(there, ReportText):
        if len(text) > rules.TEXT_LIMIT:
            raise Invalid(f"最多 {rules.TEXT_LIMIT} 字，现在 {len(text)} 字。")
        return text
    if not text.strip():
        return ""
    try:
        return text_of(parse_value(text)) or ""
    except ValueError as error:
        raise Invalid(str(error)) from None


def _write(there: Any, change: Change, by: Any) -> Item:
    there.edited_by, there.edited_at = by, Now()
    if isinstance(there, ReportText):
        there.text = change.text
        there.save()
        there.refresh_from_db(fields=["edited_at"])
        return _of_text(there)
    text = _clean(there, change.text)
    there.value = parse_value(text) if text else None
    there.how = TYPED if text else "missing"
    there.reported = there.expected = int(bool(text))
    there.save()
    there.refresh_from_db(fields=["edited_at"])
    return _of_cell(there)
