"""Numbers that come in from outside, by API or by sheet: what is right and what is not. Pure.

A cell is read as people write it (full-width digits, 1,234, 1.2万, 12户) or refused with what to
do about it; never guessed.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from responsibility.common import periods
from responsibility.figures.rules import MAX, PLACES, shown
from responsibility.figures.rules.units import parse_unit

JUMP = 1000
WHOLE = 2.0**53
BLANK = frozenset({"", "-", "--", "—", "——", "/", "／", "空"})
_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_PLAIN = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)$")
_TAIL = re.compile(r"^([+-]?[\d.,]+)(.*)$")
_LARGE = {"百": 100, "千": 1000, "万": 10_000, "百万": 1_000_000, "亿": 100_000_000}
_DHIS2_MONTH = re.compile(r"^(\d{4})(0[1-9]|1[0-2])$", re.ASCII)
_DHIS2_HALF = re.compile(r"^(\d{4})S([12])$", re.ASCII)


class BadNumberError(ValueError):
    """A cell holds no number; the message is Chinese and says how to mend it."""


@dataclass(frozen=True)
class Facts:
    """What must be known of an indicator."""

    id: int
    key: str
    name: str
    unit: str
    tier: str
    tier_words: str
    period_type: str
    period_words: str
    source_kind: str
    retired: bool = False


@dataclass(frozen=True)
class Place:
    """A place as it was in a period, with the body that stands for it."""

    code: str
    name: str
    tier: str
    body_id: int


@dataclass(frozen=True)
class Item:
    """One number as given: where it stands in the input, and its four parts."""

    where: str
    indicator: str
    place: str
    period: str
    value: Any
    unit: str = ""
    name: str = ""


@dataclass(frozen=True)
class Good:
    """A number that may be entered."""

    where: str
    indicator_id: int
    body_id: int
    period: str
    value: Decimal


@dataclass(frozen=True)
class Mistake:
    """A number that may not, by place in the input: what was given, a code, how to mend it."""

    where: str
    given: str
    code: str
    message: str


@dataclass
class Known:
    """All that checking looks up, loaded once."""

    indicators: Mapping[str, Facts]
    places: Mapping[tuple[str, str], Place]
    """(code, period) → the place of that code as of the period, within the writer's territory"""
    last: Mapping[tuple[int, int], Decimal] = field(default_factory=dict)
    """(indicator id, body id) → the last number before"""
    accept_jumps: bool = False


def read_number(cell: Any, unit: str = "") -> Decimal | None:
    """Return the number of a cell, None for an empty one; raise BadNumberError with advice.

    ``unit`` is what the column is measured in: the same unit after the digits is read, another is
    refused.
    """
    if cell is None:
        return None
    if isinstance(cell, bool):
        raise BadNumberError("是“是/否”，不是数字。")
    if isinstance(cell, datetime | date | time | timedelta):
        raise BadNumberError("是日期格式，请改成数字格式再填。")
    if isinstance(cell, int):
        return _checked(Decimal(cell))
    if isinstance(cell, float):
        if cell.is_integer() and 0 <= cell < WHOLE:
            return Decimal(int(cell))
        return _checked(_of_float(cell))
    if isinstance(cell, Decimal):
        return _checked(cell)
    return _of_text(str(cell), unit)


def _of_float(cell: float) -> Decimal:
    exact = Decimal(repr(cell))
    if not exact.is_finite():
        raise BadNumberError("不是数字，请核对。")
    near = exact.quantize(PLACES, rounding=ROUND_HALF_UP) if abs(exact) < MAX else exact
    return near if abs(near - exact) <= abs(exact) * Decimal("1e-12") else exact


def _of_text(text: str, unit: str) -> Decimal | None:
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if plain in BLANK:
        return None
    if plain.startswith("#"):
        raise BadNumberError("公式出错，请改好公式或直接填数。")
    if plain.startswith("="):
        raise BadNumberError("是公式文字，请填算好的数。")
    match = _TAIL.match(plain)
    if match is None:
        raise BadNumberError(_advice(plain))
    number = _digits(match[1])
    return _checked(number * _factor(match[2], unit))


def _advice(plain: str) -> str:
    if plain in ("无", "没有", "零"):
        return "没有就填 0；不知道就空着。"
    if plain[0] in "约近超" or plain.endswith(("左右", "多", "余")):
        return "请填确数，不写“约”“左右”。"
    return "请填数字，例如 1280 或 12.5。"


def _digits(text: str) -> Decimal:
    if "," in text:
        if not _GROUPED.match(text):
            raise BadNumberError("逗号位置不对，请去掉逗号。")
        text = text.replace(",", "")
    if not _PLAIN.match(text):
        raise BadNumberError("请填数字，例如 1280 或 12.5。")
    return Decimal(text)


def _factor(tail: str, unit: str) -> Decimal:
    if not tail or tail == unit:
        return Decimal(1)
    for word, factor in sorted(_LARGE.items(), key=lambda pair: -len(pair[0])):
        if tail.startswith(word) and tail[len(word) :] in ("", unit):
            return Decimal(factor)
    given, wanted = parse_unit(tail), parse_unit(unit)
    if unit and given.powers == wanted.powers:
        return given.scale / wanted.scale
    if tail.endswith(("左右", "多", "余")):
        raise BadNumberError("请填确数，不写“约”“左右”。")
    if tail[:1] in "eE" or not tail[:1].isalpha():
        raise BadNumberError("请填数字，例如 1280 或 12.5。")
    wants = f"本列单位是“{unit}”。" if unit else "只填数字。"
    raise BadNumberError(f"单位“{tail[:8]}”不对，{wants}")


def _checked(value: Decimal) -> Decimal:
    if abs(value) >= MAX:
        raise BadNumberError("数值过大，请核对单位。")
    if value < 0:
        raise BadNumberError("不能为负数，请核对。")
    if value != value.quantize(PLACES):
        raise BadNumberError("小数最多 6 位。")
    return value.quantize(PLACES)


@lru_cache(maxsize=4096)
def read_period(text: str) -> str:
    """Return the code of a period, also from DHIS2's forms (202003, 2020S1); raise ValueError."""
    if match := _DHIS2_MONTH.match(text):
        text = f"{match[1]}M{match[2]}"
    elif match := _DHIS2_HALF.match(text):
        text = f"{match[1]}H{match[2]}"
    return periods.parse(text).code


def dhis2_period(code: str) -> str:
    """Return a period's code as DHIS2 writes it; one that it has not stays as it is."""
    if "M" in code:
        return code.replace("M", "")
    return code.replace("H", "S")


@lru_cache(maxsize=16_384)
def full_code(text: str) -> str:
    """Return a division's code with its zeros, from one that was cut to its tier."""
    plain = text.strip().upper()
    return plain.ljust(12, "0") if len(plain) in (2, 4, 6, 9) else plain


def check(items: Iterable[Item], known: Known) -> tuple[list[Good], list[Mistake]]:
    """Return the numbers that may be entered and the mistakes, in the order of the input.

    Empty cells are neither. Of numbers given twice none is taken.
    """
    good: list[Good] = []
    mistakes: list[Mistake] = []
    seen: dict[tuple[int, int, str], list[str]] = {}
    for item in items:
        try:
            found = _check(item, known)
        except _RefusedError as error:
            mistakes.append(Mistake(item.where, _given(item, error.code), error.code, str(error)))
            continue
        if found is not None:
            good.append(found)
            seen.setdefault((found.indicator_id, found.body_id, found.period), []).append(
                found.where
            )
    return _without_twice(good, mistakes, seen)


class _RefusedError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _given(item: Item, code: str) -> str:
    part = {"indicator": item.indicator, "place": item.place, "period": item.period}.get(code)
    return str(item.value if part is None else part)[:60]


def _check(item: Item, known: Known) -> Good | None:
    facts = known.indicators.get(item.indicator)
    if facts is None:
        raise _RefusedError("indicator", "没有这个指标，请对照指标库。")
    _check_source(facts)
    period = _check_period(item.period, facts)
    place = known.places.get((full_code(item.place), period))
    if place is None:
        raise _RefusedError("place", "没有这个区划代码，或不在您的范围内。")
    if item.name and not same_name(item.name, place.name):
        raise _RefusedError("place", f"这个代码是“{place.name[:20]}”，与名称不符。")
    if place.tier != facts.tier:
        raise _RefusedError("tier", f"“{facts.name[:12]}”由{facts.tier_words}填，上级自动汇总。")
    try:
        value = read_number(item.value, item.unit or facts.unit)
        if value is not None and item.unit and item.unit != facts.unit:
            value = _converted(value, item.unit, facts.unit)
    except BadNumberError as error:
        raise _RefusedError("value", str(error)) from None
    if value is None:
        return None
    if not known.accept_jumps:
        _check_jump(value, known.last.get((facts.id, place.body_id)), facts.unit)
    return Good(item.where, facts.id, place.body_id, period, value)


def _check_source(facts: Facts) -> None:
    if facts.retired:
        raise _RefusedError("indicator", f"“{facts.name[:20]}”已停用。")
    if facts.source_kind != "typed":
        raise _RefusedError("indicator", f"“{facts.name[:20]}”由系统算出，不用填。")


def _check_period(text: str, facts: Facts) -> str:
    try:
        found = periods.parse(read_period(text))
    except ValueError:
        raise _RefusedError("period", "所属期写法不对，应如 2020、2020M03。") from None
    if found.type != facts.period_type:
        raise _RefusedError("period", f"“{facts.name[:12]}”按{facts.period_words}填。")
    return found.code


def _converted(value: Decimal, given: str, wanted: str) -> Decimal:
    left, right = parse_unit(given), parse_unit(wanted)
    if left.powers != right.powers:
        raise BadNumberError(f"单位“{given[:8]}”不对，应为“{wanted}”。")
    return _checked(value * left.scale / right.scale)


def _check_jump(value: Decimal, last: Decimal | None, unit: str) -> None:
    if not last or not value:
        return
    if value < last * JUMP and last < value * JUMP:
        return
    hint = ""
    if parse_unit(unit).powers == (("元", 1),):
        if unit == "元" and value < last:
            hint = "，像是按万元填的"
        elif unit == "万元" and value > last:
            hint = "，像是按元填的"
    raise _RefusedError("jump", f"上期是 {shown(last)} {unit}，相差千倍{hint}，请核对。")


@lru_cache(maxsize=16_384)
def same_name(given: str, known: str) -> bool:
    """Say whether a name in a sheet means the place (居委会, 村委会 and spaces aside)."""
    left, right = _bare(given), _bare(known)
    return left == right or (len(left) > 1 and (right.startswith(left) or left.endswith(right)))


def _bare(name: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", name).split())
    for ending in ("居民委员会", "村民委员会", "居委会", "村委会", "委会"):
        plain = plain.removesuffix(ending)
    return plain


def _without_twice(
    good: list[Good], mistakes: list[Mistake], seen: Mapping[Any, Sequence[str]]
) -> tuple[list[Good], list[Mistake]]:
    twice = {
        where: next(other for other in places if other != where)
        for places in seen.values()
        if len(places) > 1
        for where in places
    }
    for item in good:
        if item.where in twice:
            message = f"与 {twice[item.where]} 重复，请只留一个。"
            mistakes.append(Mistake(item.where, shown(item.value), "twice", message))
    return [item for item in good if item.where not in twice], mistakes
