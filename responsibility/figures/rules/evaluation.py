"""Working out a formula: exact fractions within, one rounding at the end. Pure.

No value stands without a number behind it, and none is missing without its reason.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from responsibility.common import periods
from responsibility.figures.rules import MAX, PLACES, shown
from responsibility.figures.rules.formulas import (
    CHINESE,
    SHIFTS,
    Binary,
    Call,
    Negative,
    Node,
    Number,
    Ref,
    parts,
    render,
)
from responsibility.figures.rules.units import parse_unit

CONTEXT = Context(prec=50, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Reading:
    """A number as it is read: or none, with the reason why."""

    value: Decimal | None
    how: str = ""
    reported: int = 0
    expected: int = 0
    reason: str = ""
    note: str = ""

    @property
    def is_complete(self) -> bool:
        """Say whether everybody below has reported."""
        return self.reported >= self.expected


Look = Callable[[str, str], Reading]


class NoValueError(Exception):
    """There is no value; the text says why."""


@dataclass
class Dictionary:
    """What formulas need to know of indicators: names, units, and the formulas themselves."""

    names: Mapping[str, str]
    units: Mapping[str, str]
    formulas: Mapping[str, Node] = field(default_factory=dict)


def shift(name: str, period: str) -> list[str]:
    """Return the codes of the periods that prev, yoy or cumulative reads."""
    here = periods.parse(period)
    if name == "cumulative":
        return [item.code for item in periods.year_to_date(here)]
    found = periods.previous(here) if name == "prev" else periods.year_before(here)
    return [found.code]


@lru_cache(maxsize=4096)
def needed(node: Node, period: str) -> frozenset[tuple[str, str]]:
    """Return the (key, period) pairs that a formula reads for a period."""
    if isinstance(node, Ref):
        return frozenset({(node.key, period)})
    if isinstance(node, Call) and node.name in SHIFTS:
        try:
            codes = shift(node.name, period)
        except ValueError:
            return frozenset()
        return frozenset(pair for code in codes for pair in needed(node.arguments[0], code))
    return frozenset(pair for part in parts(node) for pair in needed(part, period))


def leaves(
    wanted: set[tuple[str, str]], formulas: Mapping[str, Node]
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return (what is stored, what is worked out) among all that the wanted pairs rest on."""
    stored: set[tuple[str, str]] = set()
    worked: set[tuple[str, str]] = set()
    todo = list(wanted)
    while todo:
        pair = todo.pop()
        if pair in stored or pair in worked:
            continue
        key, period = pair
        if key in formulas:
            worked.add(pair)
            todo += needed(formulas[key], period)
        else:
            stored.add(pair)
    return stored, worked


class Evaluator:
    """Works formulas out for one body: ``look`` gives what is stored."""

    def __init__(self, dictionary: Dictionary, look: Look) -> None:
        """Keep what is known."""
        self.dictionary, self._look = dictionary, look
        self._known: dict[tuple[str, str], Reading] = {}
        self._open: set[tuple[str, str]] = set()

    def read(self, key: str, period: str) -> Reading:
        """Return an indicator's reading of a period."""
        node = self.dictionary.formulas.get(key)
        if node is None:
            return self._look(key, period)
        pair = (key, period)
        if pair in self._open:
            return Reading(None, "formula", reason="公式互相引用")
        if pair not in self._known:
            self._open.add(pair)
            self._known[pair] = self.work(node, self.dictionary.units[key], period)
            self._open.discard(pair)
        return self._known[pair]

    def work(self, node: Node, unit: str, period: str) -> Reading:
        """Return a formula's value in its declared unit, six places, or the reason for none."""
        inputs = [self.read(key, code) for key, code in sorted(needed(node, period))]
        counts = min(
            ((item.reported, item.expected) for item in inputs if item.expected),
            key=lambda pair: (Decimal(pair[0]) / pair[1], pair),
            default=(0, 0),
        )
        inner, places = _outermost(node)
        try:
            value = self._value(inner, period) / Fraction(parse_unit(unit).scale)
            if abs(value) >= Fraction(MAX):
                raise NoValueError("算出来的数过大，请核对单位")
            uneven = len({item.reported for item in inputs if item.expected > 1}) > 1
            note = "各项已报的单位数不同，只作参考" if uneven else ""
            return Reading(_rounded(value, places), "formula", *counts, note=note)
        except NoValueError as error:
            return Reading(None, "formula", *counts, reason=str(error))

    def _value(self, node: Node, period: str) -> Fraction:
        if isinstance(node, Number):
            return Fraction(node.value)
        if isinstance(node, Ref):
            return self._stored(node.key, period)
        if isinstance(node, Negative):
            return -self._value(node.inner, period)
        if isinstance(node, Call):
            return self._called(node, period)
        return self._joined(node, period)

    def _stored(self, key: str, period: str) -> Fraction:
        found = self.read(key, period)
        name = self.dictionary.names.get(key, key)
        if found.value is None:
            why = f"（{found.reason}）" if found.how == "formula" and found.reason else ""
            raise NoValueError(f"缺{periods.parse(period).label}的“{name}”{why}")
        return Fraction(found.value) * Fraction(parse_unit(self.dictionary.units[key]).scale)

    def _joined(self, node: Binary, period: str) -> Fraction:
        left, right = self._value(node.left, period), self._value(node.right, period)
        if node.mark == "+":
            return left + right
        if node.mark == "-":
            return left - right
        if node.mark == "*":
            return left * right
        if right == 0:
            words = render(node.right, CHINESE, lambda ref: self.dictionary.names[ref.key])
            raise NoValueError(f"除数为 0：{words}")
        return left / right

    def _called(self, node: Call, period: str) -> Fraction:
        if node.name in SHIFTS:
            try:
                codes = shift(node.name, period)
            except ValueError:
                raise NoValueError("没有更早的周期") from None
            return sum((self._value(node.arguments[0], code) for code in codes), Fraction(0))
        found = [self._value(part, period) for part in node.arguments]
        if node.name == "sum":
            return sum(found, Fraction(0))
        return min(found) if node.name == "min" else max(found)

    def with_numbers(self, key: str, period: str) -> str:
        """Return the formula of an indicator in words, with its numbers put in.

        What is read from another period names it; a cumulative is written as the sum it is.
        """
        return self.numbers_of(self.dictionary.formulas[key], period)

    def numbers_of(self, node: Node, period: str) -> str:
        """Return any formula in words, with its numbers put in."""

        def leaf(ref: Ref) -> str:
            key, _, code = ref.key.partition("@")
            found = self.read(key, code)
            name, unit = self.dictionary.names[key], self.dictionary.units[key]
            when = "" if code == period else periods.parse(code).label
            number = "无数" if found.value is None else f"{shown(found.value)} {unit}"
            return f"{when}{name} {number}"

        text = render(_dated(node, period), CHINESE, leaf)
        return text.replace("(", "（").replace(")", "）")


def _outermost(node: Node) -> tuple[Node, Decimal]:
    """Return what is to be worked out, and to which places it is rounded at the end."""
    if isinstance(node, Call) and node.name == "round":
        places = node.arguments[1]
        digits = int(places.value) if isinstance(places, Number) else 6
        return node.arguments[0], Decimal(1).scaleb(-digits)
    return node, PLACES


def _dated(node: Node, period: str) -> Node:
    """Return the formula with each indicator's period put to its key: ``key@2019``."""
    if isinstance(node, Ref):
        return Ref(f"{node.key}@{period}")
    if isinstance(node, Number):
        return node
    if isinstance(node, Negative):
        return Negative(_dated(node.inner, period))
    if isinstance(node, Binary):
        return Binary(node.mark, _dated(node.left, period), _dated(node.right, period))
    if node.name not in SHIFTS:
        return Call(node.name, tuple(_dated(part, period) for part in node.arguments))
    try:
        codes = shift(node.name, period)
    except ValueError:
        return node.arguments[0] if isinstance(node.arguments[0], Number) else Number(Decimal(0))
    found = [_dated(node.arguments[0], code) for code in codes]
    return found[0] if len(found) == 1 else Call("sum", tuple(found))


def _rounded(value: Fraction, places: Decimal) -> Decimal:
    quotient = CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))
    return quotient.quantize(places, rounding=ROUND_HALF_UP, context=CONTEXT)
