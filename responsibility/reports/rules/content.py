"""What a report must hold, what may be changed when, and its frozen form. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from responsibility.common.periods import PERIOD_LABELS, Period
from responsibility.reports.rules.kinds import PERIODS, Rhythm

TEXT_LIMIT = 5000
WHOLE = "whole"
FIGURE = "figure:"


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a content in canonical form."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def change(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """Return the difference to the last period, or None where one of the two is missing."""
    return None if now is None or before is None else now - before


def missing(texts: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return {item: message} of the text sections that are empty or too long.

    ``texts`` maps the item to (section title, text).
    """
    found = {}
    for item, (title, text) in texts.items():
        if not text.strip():
            found[item] = f"“{title}”还没有写；没有内容的写“无”。"
        elif len(text) > TEXT_LIMIT:
            found[item] = f"“{title}”最多 {TEXT_LIMIT} 字，现在 {len(text)} 字。"
    return found


def period_problem(rhythm: str, period: Period, today: date) -> str | None:
    """Return what is wrong with a report's period, or None."""
    wanted = PERIODS[Rhythm(rhythm)]
    if period.type is not wanted:
        return f"这种报告按{PERIOD_LABELS[wanted]}报送，所属期不对。"
    if period.start > today:
        return "所属期还没有开始，不能填报。"
    return None


def open_items(remarked: Iterable[str]) -> frozenset[str] | None:
    """Return which items may be changed: None for all, else only what was last returned.

    ``remarked`` are the items of the last return; withdrawing or a principal's refusal afterwards
    opens nothing more.
    """
    items = frozenset(remarked)
    return None if not items or WHOLE in items else items


def open_figures(items: frozenset[str] | None) -> frozenset[str] | None:
    """Return the keys of the indicators that may be taken anew: None for all."""
    if items is None:
        return None
    return frozenset(item.removeprefix(FIGURE) for item in items if item.startswith(FIGURE))
