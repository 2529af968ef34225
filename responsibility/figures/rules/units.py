"""Units of measure: what may be added, and what a formula's result is measured in. Pure.

Every unit is a dimension and a scale: 万元 is 元 times 10,000, % is a plain number divided by 100.
So 万元 and 元 may be added, 元 ÷ 人 is 元/人, and 户 ÷ 户 is shown as %.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from responsibility.figures.rules.formulas import (
    CHOOSERS,
    Binary,
    Call,
    FormulaError,
    Negative,
    Node,
    Number,
    Ref,
)

Powers = tuple[tuple[str, int], ...]
_PLAIN = {
    "%": Decimal("0.01"),
    "％": Decimal("0.01"),
    "百分点": Decimal("0.01"),
    "个百分点": Decimal("0.01"),
    "‰": Decimal("0.001"),
    "倍": Decimal(1),
    "比值": Decimal(1),
    "": Decimal(1),
}
_LARGE = (("万", Decimal(10_000)), ("亿", Decimal(100_000_000)), ("千元", Decimal(1000)))


@dataclass(frozen=True)
class Unit:
    """A dimension (powers of base units, sorted) and the scale of one of it."""

    powers: Powers = ()
    scale: Decimal = Decimal(1)


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> Unit:
    """Return the unit of a name such as 户, 万元, 元/人, %."""
    powers: dict[str, int] = {}
    scale = Decimal(1)
    for number, part in enumerate(text.replace("／", "/").split("/")):
        sign = -1 if number else 1
        base, factor = _base(part.strip())
        if base:
            powers[base] = powers.get(base, 0) + sign
        scale = scale * factor if sign > 0 else scale / factor
    return Unit(_sorted(powers), scale)


def _base(name: str) -> tuple[str, Decimal]:
    if name in _PLAIN:
        return "", _PLAIN[name]
    if name == "千元":
        return "元", Decimal(1000)
    for prefix, factor in _LARGE[:2]:
        if name.startswith(prefix) and len(name) > 1:
            return name[1:], factor
    return name, Decimal(1)


def _sorted(powers: Mapping[str, int]) -> Powers:
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _times(left: Powers, right: Powers, sign: int) -> Powers:
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + sign * power
    return _sorted(powers)


def words(powers: Powers) -> str:
    """Return a dimension in words: 元/人, 户, 无单位."""
    above = [name for name, power in powers for _ in range(max(power, 0))]
    below = [name for name, power in powers for _ in range(max(-power, 0))]
    if not powers:
        return "无单位"
    return "·".join(above or ["1"]) + "".join(f"/{name}" for name in below)


def dimension(node: Node, units: Mapping[str, str]) -> Powers | None:
    """Return the dimension of a formula; None for the constant 0, which fits anywhere.

    Raises FormulaError where unlike things are added or compared.
    """
    if isinstance(node, Number):
        return () if node.value else None
    if isinstance(node, Ref):
        return parse_unit(units[node.key]).powers
    if isinstance(node, Negative):
        return dimension(node.inner, units)
    if isinstance(node, Call):
        if node.name in CHOOSERS:
            return _alike([dimension(part, units) for part in node.arguments])
        return dimension(node.arguments[0], units)
    left, right = dimension(node.left, units), dimension(node.right, units)
    if node.mark in "+-":
        return _alike([left, right])
    if right is None and node.mark == "/":
        raise FormulaError("除数不能是 0。")
    return _times(left or (), right or (), 1 if node.mark == "*" else -1)


def _alike(found: list[Powers | None]) -> Powers | None:
    known = [powers for powers in found if powers is not None]
    for powers in known[1:]:
        if powers != known[0]:
            raise FormulaError(
                f"单位不同，不能相加减或比大小：{words(known[0])} 与 {words(powers)}。"
            )
    return known[0] if known else None


def check_units(node: Node, declared: str, units: Mapping[str, str]) -> None:
    """Raise FormulaError unless the formula gives what the declared unit measures."""
    found = dimension(node, units) or ()
    wanted = parse_unit(declared)
    if found != wanted.powers:
        raise FormulaError(f"算出来是“{words(found)}”，与计量单位“{declared}”不符。")
    if not wanted.powers and wanted.scale != 1 and _times_by(node, 1 / wanted.scale):
        raise FormulaError(f"单位是 {declared} 时系统自动换算，请去掉 × {1 / wanted.scale:f}。")


def _times_by(node: Node, factor: Decimal) -> bool:
    if isinstance(node, Number):
        return node.value == factor
    if isinstance(node, Binary) and node.mark in "*/":
        return _times_by(node.left, factor) or (node.mark == "*" and _times_by(node.right, factor))
    return False
