"""Look-ahead: what a subject would get today, what is at risk, what can still be done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from .leaves import name_of, needed, score_leaf
from .measures import plain
from .scheme import (
    AT_LEAST,
    HUNDRED,
    ZERO,
    Bands,
    Deduction,
    Inputs,
    Leaf,
    Manual,
    PerCase,
    PerGap,
    Ratio,
    Reach,
    Result,
    Scheme,
    ScoreResult,
    Stage,
    State,
)
from .totals import score_scheme

SOON = timedelta(days=30)


@dataclass(frozen=True)
class Risk:
    """One leaf that loses marks today: how many, why, by when, and what would help."""

    leaf: str
    name: str
    at_stake: Decimal
    kind: str
    why: str
    advice: str
    due: date | None = None
    days_left: int | None = None
    can_recover: bool = True


@dataclass(frozen=True)
class Outlook:
    """The estimate of today, the best that can still be reached, and the risks, largest first."""

    score: ScoreResult
    best: Decimal
    risks: tuple[Risk, ...]


def due_date(stage: Stage, year: int) -> date | None:
    """Return a stage's last day: ``12-31``, or ``+1 02-28`` of the following year."""
    words = stage.due.split()
    if not words:
        return None
    ahead = int(words[0]) if words[0].startswith("+") else 0
    try:
        month, day = (int(part) for part in words[-1].split("-"))
        return date(year + ahead, month, day)
    except ValueError:
        return None


def outlook(
    scheme: Scheme,
    inputs: Mapping[str, Inputs],
    today: date,
    *,
    parts: Mapping[str, Decimal] | None = None,
    red_lines: Collection[str] = (),
) -> Outlook:
    """Say what the subject would get on ``today`` and what it can still do; nothing is written."""
    score = score_scheme(scheme, inputs, parts=parts, red_lines=red_lines)
    stages = {stage.key: due_date(stage, scheme.year) for stage in scheme.stages}
    risks = [
        risk_of(leaf, score.leaves[leaf.key], inputs.get(leaf.key, Inputs()), today, stages)
        for leaf in scheme.leaves()
        if at_stake(leaf, score.leaves[leaf.key])
    ]
    risks.sort(key=lambda risk: -risk.at_stake)
    better = {risk.leaf: hoped(scheme.leaf(risk.leaf)) for risk in risks if risk.can_recover}
    best = score_scheme(scheme, {**inputs, **better}, parts=parts, red_lines=red_lines)
    return Outlook(score, max(best.total, score.total), tuple(risks))


def simulate(
    scheme: Scheme,
    inputs: Mapping[str, Inputs],
    changes: Mapping[str, Mapping[str, Decimal | None]],
    *,
    parts: Mapping[str, Decimal] | None = None,
    red_lines: Collection[str] = (),
) -> ScoreResult:
    """Score with some values changed ({leaf: {item: value}}); the given inputs stay as they are."""
    changed = dict(inputs)
    for key, values in changes.items():
        old = changed.get(key, Inputs())
        changed[key] = replace(old, values={**old.values, **values}, absent=False)
    return score_scheme(scheme, changed, parts=parts, red_lines=red_lines)


def at_stake(leaf: Leaf, result: Result) -> Decimal:
    """Return the marks a leaf costs today."""
    if isinstance(leaf.rule, Deduction):
        return result.mark or ZERO
    return ZERO if leaf.rule.kind == "bonus" else result.lost


def risk_of(
    leaf: Leaf, result: Result, inputs: Inputs, today: date, stages: Mapping[str, date | None]
) -> Risk:
    """Make the risk of a leaf."""
    due = stages.get(leaf.stage)
    left = None if due is None else (due - today).days
    over = left is not None and left < 0
    missing = result.state == State.MISSING
    kind = "missing" if missing else "overdue" if over else "shortfall"
    advice = f"期限 {due} 已过，只能说明情况" if over else advised(leaf, inputs, result)
    if not over and due is not None and due - today <= SOON:
        advice = f"{advice}（{due} 前，还有 {left} 天）"
    spent = isinstance(leaf.rule, PerCase | Deduction) and not missing
    why = result.reason or result.working
    stake = at_stake(leaf, result)
    return Risk(leaf.key, leaf.name, stake, kind, why, advice, due, left, not over and not spent)


def advised(leaf: Leaf, inputs: Inputs, result: Result) -> str:
    """Say what would give the marks back."""
    if result.state == State.INVALID:
        return "先改正数据"
    if isinstance(leaf.rule, Manual):
        return "等待评定，备好说明和佐证" if inputs.manual is None else "可以补充说明和佐证"
    missing = [name_of(leaf, key) for key in needed(leaf) if inputs.values.get(key) is None]
    if missing:
        return f"请补报：{'、'.join(missing)}"
    if isinstance(leaf.rule, PerCase | Deduction):
        return "已发生的不能撤回，防止再发生；有误的可以申诉"
    return more_needed(leaf, leaf.rule, inputs)


def more_needed(leaf: Leaf, rule: object, inputs: Inputs) -> str:
    """Say by how much the value must move for the full mark."""
    assert isinstance(rule, Reach | Ratio | PerGap | Bands)
    value = inputs.values[rule.value] or ZERO
    base = inputs.values[rule.of] if rule.of else None
    bound, up = goal(leaf, rule)
    aim = bound if base is None else base * bound / HUNDRED
    unit = next((item.unit for item in leaf.items if item.key == rule.value), "")
    name = name_of(leaf, rule.value)
    if up:
        return (
            f"{name}再增加 {plain(max(ZERO, aim - value))}{unit}（到 {plain(aim)}{unit}）可得满分"
        )
    return f"{name}再减少 {plain(max(ZERO, value - aim))}{unit}（到 {plain(aim)}{unit}）可得满分"


def goal(leaf: Leaf, rule: Reach | Ratio | PerGap | Bands) -> tuple[Decimal, bool]:
    """Return the bound that gives the full mark, and whether the value must rise to it."""
    if isinstance(rule, Ratio):
        return min(HUNDRED, rule.cap), True
    if isinstance(rule, Reach):
        return rule.threshold, rule.direction == AT_LEAST
    if isinstance(rule, PerGap):
        return rule.target, rule.direction == AT_LEAST
    best = max(rule.bands, key=lambda band: band.mark)
    worst = min(rule.bands, key=lambda band: band.mark)
    rising = (best.low or ZERO) >= (worst.low or ZERO)
    bound = best.low if rising else best.high
    return bound or ZERO, rising


def hoped(leaf: Leaf) -> Inputs:
    """Return inputs that give a leaf its best mark, for the best total still within reach."""
    rule = leaf.rule
    if isinstance(rule, Manual):
        high = leaf.full if rule.high is None else rule.high
        return Inputs(manual=high, reason="假设评满")
    if not isinstance(rule, Reach | Ratio | PerGap | Bands):
        return Inputs(values=dict.fromkeys(needed(leaf), ZERO))
    bound, _ = goal(leaf, rule)
    values = {rule.value: bound, rule.of: HUNDRED} if rule.of else {rule.value: bound}
    made = Inputs(values=values)
    if isinstance(rule, Bands) and score_leaf(leaf, made).lost:
        best = max(rule.bands, key=lambda band: band.mark)
        low = best.low if best.low is not None else (best.high or ZERO) - 2
        high = best.high if best.high is not None else low + 2
        made = Inputs(values={**values, rule.value: (low + high) / 2})
    return made
