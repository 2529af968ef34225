"""What an entry must hold, its periods, and what it makes of its assignment. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from responsibility.common.periods import Period, PeriodType, containing, of_year

TEXT_LIMIT = 2000
WHOLE = "whole"

PERIOD_OF_RHYTHM = {
    "half_yearly": PeriodType.HALF,
    "quarterly": PeriodType.QUARTER,
    "monthly": PeriodType.MONTH,
}
ITEM_LABELS = {
    WHOLE: "整条",
    "text": "做了什么",
    "done_on": "办理日期",
    "evidence": "附件",
}


def period_type(rhythm: str) -> PeriodType:
    """Return how long a period of this rhythm is (a year unless it says otherwise)."""
    return PERIOD_OF_RHYTHM.get(rhythm, PeriodType.YEAR)


def periods_of(rhythm: str, year: int) -> list[Period]:
    """Return the periods of a year for which a duty of this rhythm is logged."""
    return of_year(year, period_type(rhythm))


def default_period(rhythm: str, year: int, today: date) -> Period:
    """Return the period that a new entry most likely belongs to."""
    day = min(max(today, date(year, 1, 1)), date(year, 12, 31))
    return containing(day, period_type(rhythm))


def mistakes(*, text: str, done_on: date | None, period: Period, today: date) -> dict[str, str]:
    """Return what must be mended before an entry can be submitted: {item: message}."""
    found: dict[str, str] = {}
    if not text.strip():
        found["text"] = "请写一两句话，说明做了什么。"
    elif len(text) > TEXT_LIMIT:
        found["text"] = f"最多 {TEXT_LIMIT} 字，现在 {len(text)} 字，请删减。"
    if done_on is None:
        found["done_on"] = "请填写办理日期。"
    elif done_on > today:
        found["done_on"] = "办理日期不能晚于今天。"
    elif not period.start <= done_on <= period.end:
        found["done_on"] = f"办理日期须在{period.label}内。"
    return found


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the digest of what is submitted and approved."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def item_label(item: str, names: Mapping[str, str]) -> str:
    """Return the Chinese name of an item (``figure:key`` by the indicator's name)."""
    if item.startswith("figure:"):
        return names.get(item.removeprefix("figure:"), "数据")
    return ITEM_LABELS.get(item, item)


def open_items(status: str, remarked: Iterable[str]) -> frozenset[str] | None:
    """Return which items may be changed: None for all, else only what was returned."""
    items = frozenset(remarked)
    if status != "returned" or not items or WHOLE in items:
        return None
    return items


_WANTED = {"half_yearly": 2, "quarterly": 4, "monthly": 12}


def assignment_status(rhythm: str, entries: Iterable[tuple[str, str]]) -> str:
    """Return the status of an assignment from (period, state) of its living entries."""
    rows = list(entries)
    passed = {period for period, state in rows if state in ("passed", "archived")}
    states = {state for _, state in rows}
    if len(passed) >= _WANTED.get(rhythm, 1):
        return "done"
    if "returned" in states:
        return "returned"
    if states & {"submitted", "in_review", "awaiting_approval"}:
        return "submitted"
    return "in_progress" if rows else "not_started"
