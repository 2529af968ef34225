"""The mark of one leaf: the rule, the numbers put in, and what was lost."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .measures import holds, interval, marks, percent_of, plain, rate, reached, rounded, shown
from .scheme import (
    AT_LEAST,
    BEGUN,
    DIRECTIONS,
    GIVE_FULL,
    GIVE_ZERO,
    PARTIALS,
    WHOLE,
    ZERO,
    Bands,
    Bonus,
    DataItem,
    Deduction,
    Inputs,
    Leaf,
    Manual,
    PerCase,
    PerGap,
    Ratio,
    Reach,
    Result,
    State,
    Unscored,
)

PLACES = 2


class Unusable(Exception):  # noqa: N818
    """An input that gives no mark: what state, and why in words."""

    def __init__(self, state: State, message: str) -> None:
        self.state, self.message = state, message
        super().__init__(message)


def name_of(leaf: Leaf, key: str) -> str:
    """Return the name of a data item, or its key."""
    return next((item.name for item in leaf.items if item.key == key), key)


def item_of(leaf: Leaf, key: str) -> DataItem:
    """Return a data item; an unnamed one carries its key."""
    return next((item for item in leaf.items if item.key == key), DataItem(key, key))


def needed(leaf: Leaf) -> tuple[str, ...]:
    """Return the keys of the items the rule of a leaf reads."""
    keys = (getattr(leaf.rule, "value", ""), getattr(leaf.rule, "of", ""))
    return tuple(key for key in keys if key)


def given(leaf: Leaf, inputs: Inputs, key: str) -> Decimal:
    """Return a value that is needed; Unusable says which one is missing or below zero."""
    value = inputs.values.get(key)
    if value is None:
        raise Unusable(State.MISSING, f"缺数据：{name_of(leaf, key)}")
    return value


def counted(leaf: Leaf, inputs: Inputs, key: str) -> Decimal:
    """Return a number of cases: never below zero."""
    value = given(leaf, inputs, key)
    if value < 0:
        raise Unusable(State.INVALID, f"{name_of(leaf, key)}为 {plain(value)}，不能小于 0")
    return value


def divisor(leaf: Leaf, inputs: Inputs, key: str) -> Decimal:
    """Return what is divided by; a target of 0 must be stated as no task, never divided by."""
    value = given(leaf, inputs, key)
    if value <= 0:
        name = name_of(leaf, key)
        raise Unusable(State.INVALID, f"{name}为 {plain(value)}，不能作除数；没有任务请标缺项")
    return value


def measured(leaf: Leaf, inputs: Inputs, value: str, of: str) -> tuple[Fraction, str, str]:
    """Return the measured number, its unit, and how it is written before the equals sign."""
    done = given(leaf, inputs, value)
    unit = item_of(leaf, value).unit
    if not of:
        return Fraction(done), unit if unit == "%" else "", name_of(leaf, value)
    whole = divisor(leaf, inputs, of)
    words = f"{name_of(leaf, value)} {plain(done)} / {name_of(leaf, of)} {plain(whole)} ="
    return percent_of(done, whole), "%", words


def bounded(leaf: Leaf, mark: Decimal) -> Decimal:
    """Keep a mark within [0, full]."""
    return max(ZERO, min(leaf.full, mark))


def result(leaf: Leaf, mark: Decimal, working: str, reason: str = "") -> Result:
    """Make a result within bounds."""
    return Result(leaf.key, mark, leaf.full, working, formula(leaf), reason)


def reach(leaf: Leaf, rule: Reach, inputs: Inputs, places: int) -> Result:
    """达标: compared exactly; one short is not reached."""
    value, unit, words = measured(leaf, inputs, rule.value, rule.of)
    ok = reached(value, rule.threshold, rule.direction)
    seen = shown(value, (rule.threshold,))
    sign = {True: "≥", False: "<"} if rule.direction == AT_LEAST else {True: "≤", False: ">"}
    working = f"{words} {seen}{unit} {sign[ok]} {plain(rule.threshold)}{unit}，"
    mark = rounded(leaf.full, places) if ok else rounded(ZERO, places)
    working += f"{'达标，得' if ok else '未达标，该项不得分，得'} {marks(mark)}"
    return result(leaf, mark, working, "" if ok else short_of(leaf, rule, inputs))


def short_of(leaf: Leaf, rule: Reach, inputs: Inputs) -> str:
    """Say by how much a threshold was missed."""
    value = given(leaf, inputs, rule.value)
    base = given(leaf, inputs, rule.of) if rule.of else None
    bound = rule.threshold if base is None else base * rule.threshold / 100
    unit = item_of(leaf, rule.value).unit
    verb = "差" if rule.direction == AT_LEAST else "超"
    return f"{name_of(leaf, rule.value)}{verb} {plain(abs(bound - value))}{unit}，该项不得分"


def ratio(leaf: Leaf, rule: Ratio, inputs: Inputs, places: int) -> Result:
    """比例: the completion to two decimals, capped, times the full mark."""
    value, _, words = measured(leaf, inputs, rule.value, rule.of)
    percent = rate(value)
    working = f"{words} {marks(percent)}%"
    if percent < rule.start:
        working += f"，低于起计线 {plain(rule.start)}%，得 {marks(rounded(ZERO, places))}"
        return result(leaf, rounded(ZERO, places), working, f"完成率低于 {plain(rule.start)}%")
    used = max(ZERO, min(percent, rule.cap))
    if used < percent:
        working += f"，按上限 {plain(used)}% 计"
    mark = rounded(bounded(leaf, leaf.full * used / 100), places)
    used_words = f"{marks(used)}%" if used == percent else f"{plain(used)}%"
    working += (
        f"，{plain(leaf.full)} × {used_words} = {marks(rounded(leaf.full * used / 100, places))}"
    )
    if mark < rounded(leaf.full * used / 100, places):
        working += f"，不超过满分，得 {marks(mark)}"
    reason = (
        "" if mark == leaf.full else f"完成率 {marks(percent)}%，少得 {marks(leaf.full - mark)}"
    )
    return result(leaf, mark, working, reason)


def units_of(rule: PerGap, gap: Fraction) -> Fraction:
    """Return how many steps are deducted for a gap."""
    steps = gap / Fraction(rule.step)
    if rule.partial == WHOLE:
        return Fraction(math.floor(steps))
    return Fraction(math.ceil(steps)) if rule.partial == BEGUN else steps


def per_gap(leaf: Leaf, rule: PerGap, inputs: Inputs, places: int) -> Result:
    """每差扣: per step from the target, down to the floor."""
    value, unit, words = measured(leaf, inputs, rule.value, rule.of)
    target = Fraction(rule.target)
    gap = value - target if rule.direction != AT_LEAST else target - value
    gap = max(Fraction(0), gap)
    steps = units_of(rule, gap)
    off = steps * Fraction(rule.deduct)
    working = f"{words} {shown(value, (rule.target,))}{unit}，要求{DIRECTIONS[rule.direction]}"
    working += f" {plain(rule.target)}{unit}"
    if not gap:
        return result(leaf, rounded(leaf.full, places), f"{working}，不扣分，得 {plain(leaf.full)}")
    mark = rounded(max(Fraction(rule.floor), Fraction(leaf.full) - off), places)
    working += f"，差 {shown(gap)}{unit}，每 {plain(rule.step)}{unit} 扣 {plain(rule.deduct)} 分，"
    working += (
        f"计 {plain(steps)} 个，{plain(leaf.full)} - {plain(steps)} × {plain(rule.deduct)} = "
    )
    working += ended(Fraction(leaf.full) - off, mark, places)
    lost = leaf.full - mark
    return result(
        leaf, mark, working, f"差 {shown(gap)}{unit}，扣 {plain(lost)} 分" if lost else ""
    )


def ended(raw: Fraction, mark: Decimal, places: int) -> str:
    """Write the end of a subtraction, with the floor where it was met."""
    exact = rounded(raw, places)
    return marks(mark) if exact == mark else f"{marks(exact)}，扣完为止，得 {marks(mark)}"


def per_case(leaf: Leaf, rule: PerCase, inputs: Inputs, places: int) -> Result:
    """每例扣: each case above the free ones, down to the floor."""
    cases = counted(leaf, inputs, rule.value)
    over = max(ZERO, cases - rule.free)
    unit = item_of(leaf, rule.value).unit or "例"
    off = over * rule.deduct
    mark = rounded(max(rule.floor, leaf.full - off), places)
    working = f"{name_of(leaf, rule.value)} {plain(cases)} {unit}"
    if rule.free:
        working += f"，{plain(rule.free)} {unit}以内不扣，计 {plain(over)} {unit}"
    working += f"，{plain(leaf.full)} - {plain(over)} × {plain(rule.deduct)} = "
    working += ended(Fraction(leaf.full - off), mark, places)
    lost = leaf.full - mark
    return result(leaf, mark, working, f"{plain(over)} {unit}，扣 {plain(lost)} 分" if lost else "")


def bands(leaf: Leaf, rule: Bands, inputs: Inputs, places: int) -> Result:
    """分档: the first band that holds the exact value; none is an error of the scheme."""
    value, unit, words = measured(leaf, inputs, rule.value, rule.of)
    ends = tuple(end for band in rule.bands for end in (band.low, band.high) if end is not None)
    found = next((band for band in rule.bands if holds(band, value)), None)
    seen = f"{words} {shown(value, ends)}{unit}"
    if found is None:
        raise Unusable(State.INVALID, f"{seen}，不在任何一档，请改分档")
    mark = rounded(bounded(leaf, found.mark), places)
    reason = "" if mark == leaf.full else f"在 {interval(found)} 档，少得 {plain(leaf.full - mark)}"
    return result(leaf, mark, f"{seen}，在 {interval(found)} 档，得 {marks(mark)}", reason)


def manual(leaf: Leaf, rule: Manual, inputs: Inputs, places: int) -> Result:
    """手工评分: within bounds and with a reason, or no mark at all."""
    high = leaf.full if rule.high is None else rule.high
    if inputs.manual is None:
        raise Unusable(State.MISSING, "还没有评分")
    if not rule.low <= inputs.manual <= high:
        limits = f"{plain(rule.low)} 至 {plain(high)}"
        raise Unusable(State.INVALID, f"评分 {plain(inputs.manual)} 不在 {limits} 之内")
    if not inputs.reason.strip():
        raise Unusable(State.INVALID, "手工评分必须写明理由")
    mark = rounded(bounded(leaf, inputs.manual), places)
    limits = f"{plain(rule.low)} 至 {plain(high)} 分之间"
    working = f"在 {limits}评定，得 {marks(mark)}；理由：{inputs.reason.strip()}"
    return result(leaf, mark, working, "" if mark == leaf.full else inputs.reason.strip())


def bonus(leaf: Leaf, rule: Bonus | Deduction, inputs: Inputs, places: int) -> Result:
    """加分 or 总扣分: the size of it (always positive), up to its cap."""
    cases = counted(leaf, inputs, rule.value)
    raw = cases * rule.each
    mark = rounded(min(rule.cap, raw), places)
    unit = item_of(leaf, rule.value).unit or "例"
    verb = rule.label[-2:] if isinstance(rule, Bonus) else "扣分"
    working = f"{name_of(leaf, rule.value)} {plain(cases)} {unit} × {plain(rule.each)} = "
    working += plain(raw) if raw <= rule.cap else f"{plain(raw)}，按上限 {plain(rule.cap)}"
    working += f"，{verb} {marks(mark)}"
    reason = f"{plain(cases)} {unit}，从总分扣 {marks(mark)}" if mark and verb == "扣分" else ""
    return result(leaf, mark, working, reason)


SCORERS: dict[type[Any], Callable[..., Result]] = {
    Reach: reach,
    Ratio: ratio,
    PerGap: per_gap,
    PerCase: per_case,
    Bands: bands,
    Manual: manual,
    Bonus: bonus,
    Deduction: bonus,
}


def absent(leaf: Leaf, places: int) -> Result:
    """No task: left out and rescaled, or full, or nothing, as the leaf says."""
    if leaf.when_absent == GIVE_FULL:
        mark = rounded(leaf.full, places)
        return result(leaf, mark, f"本年没有任务，按规定计满分，得 {marks(mark)}")
    if leaf.when_absent == GIVE_ZERO:
        zero = rounded(ZERO, places)
        return result(leaf, zero, f"本年没有任务，按规定不计分，得 {marks(zero)}", "没有任务")
    return Result(
        leaf.key,
        None,
        leaf.full,
        "本年没有任务，缺项，剔除后折算",
        formula(leaf),
        state=State.ABSENT,
    )


def score_leaf(leaf: Leaf, inputs: Inputs, places: int = PLACES) -> Result:
    """Score one leaf. No mark (None) where it is left out, lacks data, or has unusable data."""
    if isinstance(leaf.rule, Unscored):
        words = f"{leaf.rule.why}，{plain(leaf.full)} 分不计"
        return Result(leaf.key, None, leaf.full, words, "", leaf.rule.why, State.UNSCORED)
    if inputs.absent:
        return absent(leaf, places)
    try:
        return SCORERS[type(leaf.rule)](leaf, leaf.rule, inputs, places)
    except Unusable as error:
        return Result(
            leaf.key, None, leaf.full, error.message, formula(leaf), error.message, error.state
        )


def measure_words(leaf: Leaf, value: str, of: str) -> str:
    """Write what is measured by the names of the items."""
    return f"{name_of(leaf, value)} ÷ {name_of(leaf, of)}" if of else name_of(leaf, value)


def formula(leaf: Leaf) -> str:
    """Write the rule of a leaf as a formula with the names of its items."""
    return FORMULAS[type(leaf.rule)](leaf, leaf.rule)


def percent(of: str, leaf: Leaf, value: str) -> str:
    """Return the unit a bound is written with."""
    unit = item_of(leaf, value).unit
    return "%" if of or unit == "%" else ""


def reach_formula(leaf: Leaf, rule: Reach) -> str:
    """Write 达标."""
    sign = "≥" if rule.direction == AT_LEAST else "≤"
    bound = f"{plain(rule.threshold)}{percent(rule.of, leaf, rule.value)}"
    words = measure_words(leaf, rule.value, rule.of)
    return f"{words} {sign} {bound} 得 {plain(leaf.full)}，否则得 0"


def ratio_formula(leaf: Leaf, rule: Ratio) -> str:
    """Write 比例."""
    words = (
        f"{plain(leaf.full)} × min({measure_words(leaf, rule.value, rule.of)}, {plain(rule.cap)}%)"
    )
    return f"{words}；低于 {plain(rule.start)}% 得 0" if rule.start else words


def per_gap_formula(leaf: Leaf, rule: PerGap) -> str:
    """Write 每差扣."""
    unit = percent(rule.of, leaf, rule.value)
    words = measure_words(leaf, rule.value, rule.of)
    verb = "低" if rule.direction == AT_LEAST else "高"
    return (
        f"{words} 比 {plain(rule.target)}{unit} 每{verb} {plain(rule.step)}{unit} 扣 "
        f"{plain(rule.deduct)} 分（{PARTIALS[rule.partial]}），最低 {plain(rule.floor)} 分"
    )


def per_case_formula(leaf: Leaf, rule: PerCase) -> str:
    """Write 每例扣."""
    cases = name_of(leaf, rule.value)
    over = f"max({cases} - {plain(rule.free)}, 0)" if rule.free else cases
    return f"max({plain(leaf.full)} - {over} × {plain(rule.deduct)}, {plain(rule.floor)})"


def bands_formula(leaf: Leaf, rule: Bands) -> str:
    """Write 分档."""
    unit = percent(rule.of, leaf, rule.value)
    parts = "；".join(f"{interval(band)}{unit} 得 {plain(band.mark)}" for band in rule.bands)
    return f"{measure_words(leaf, rule.value, rule.of)}：{parts}"


def manual_formula(leaf: Leaf, rule: Manual) -> str:
    """Write 手工评分."""
    high = leaf.full if rule.high is None else rule.high
    return f"在 {plain(rule.low)} 至 {plain(high)} 分之间评定，写明理由"


def bonus_formula(leaf: Leaf, rule: Bonus | Deduction) -> str:
    """Write 加分 or 总扣分."""
    sign = "+" if isinstance(rule, Bonus) else "-"
    return f"总分 {sign} min({name_of(leaf, rule.value)} × {plain(rule.each)}, {plain(rule.cap)})"


FORMULAS: dict[type[Any], Callable[..., str]] = {
    Reach: reach_formula,
    Ratio: ratio_formula,
    PerGap: per_gap_formula,
    PerCase: per_case_formula,
    Bands: bands_formula,
    Manual: manual_formula,
    Bonus: bonus_formula,
    Deduction: bonus_formula,
    Unscored: lambda leaf, rule: rule.why,
}
