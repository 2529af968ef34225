"""Whether a check of a kind holds for the numbers and texts of a report. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from responsibility.reports.rules.kinds import CheckRule

Numbers = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Facts:
    """What a report says: figures now, last period and planned by indicator, texts by section.

    ``now`` also holds figures of other reports under ``kind-key/indicator-key``.
    """

    now: Numbers
    last: Numbers
    plan: Numbers
    texts: Mapping[str, str]


def breaks(rule: str, params: Mapping[str, Any], facts: Facts) -> bool:
    """Say whether a check is broken; what is not there cannot be compared and breaks nothing."""
    if rule == CheckRule.TEXT_EMPTY:
        return not facts.texts.get(str(params.get("section")), "-").strip()
    if rule in (CheckRule.EQUAL, CheckRule.AT_MOST):
        left, right = _of(facts, params, "left"), _of(facts, params, "right")
        if left is None or right is None:
            return False
        return left != right if rule == CheckRule.EQUAL else left > right
    if rule == CheckRule.SUM:
        return _sum_breaks(params, facts)
    value = _of(facts, params, "cell")
    if value is None:
        return False
    if rule == CheckRule.RANGE:
        low, high = _number(params.get("min")), _number(params.get("max"))
        return (low is not None and value < low) or (high is not None and value > high)
    return _share_breaks(rule, str(params["cell"]), value, _number(params.get("percent")), facts)


def _of(facts: Facts, params: Mapping[str, Any], name: str) -> Decimal | None:
    return facts.now.get(str(params.get(name)))


def _number(text: Any) -> Decimal | None:
    try:
        return None if text in (None, "") else Decimal(str(text))
    except InvalidOperation:
        return None


def _sum_breaks(params: Mapping[str, Any], facts: Facts) -> bool:
    total = _of(facts, params, "total")
    parts = [facts.now.get(str(key)) for key in params.get("parts", [])]
    known = [part for part in parts if part is not None]
    return total is not None and bool(parts) and len(known) == len(parts) and sum(known) != total


def _share_breaks(
    rule: str, key: str, value: Decimal, percent: Decimal | None, facts: Facts
) -> bool:
    base = (facts.last if rule == CheckRule.JUMP else facts.plan).get(key)
    if percent is None or not base:
        return False
    if rule == CheckRule.JUMP:
        return abs(value - base) * 100 > abs(base) * percent
    return value * 100 > base * percent
