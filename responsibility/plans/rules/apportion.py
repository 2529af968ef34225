"""Dividing a whole into parts that always add up to it: by largest remainder. Pure."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
CENT = Decimal("0.01")


class BadSplit(Exception):  # noqa: N818 - reads as a word
    """A division that cannot be made; the message is for the office."""


def step_of(total: Decimal) -> Decimal:
    """Return the smallest unit in which a whole is divided: its own last place, at most 1.

    >>> step_of(Decimal("4267.000000")), step_of(Decimal("12.50"))
    (Decimal('1'), Decimal('0.1'))
    """
    exponent = total.normalize().as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return Decimal(1).scaleb(-min(places, 6))


def apportion(
    total: Decimal,
    weights: Mapping[K, Decimal | Fraction],
    step: Decimal | None = None,
    caps: Mapping[K, Decimal] | None = None,
) -> dict[K, Decimal]:
    """Return parts in proportion to the weights that add up to the whole exactly.

    What rounding leaves over goes, one step each, to the largest remainders (ties: the order of the
    mapping). A part never exceeds its cap; what a cap cuts off goes to the others in proportion.
    Raises BadSplit without weights, for a negative one, or where the caps hold less than the whole.
    """
    step = step or step_of(total)
    exact = {key: Fraction(weight) for key, weight in weights.items()}
    if not exact:
        raise BadSplit("没有下级单位，不能分解。")
    if any(weight < 0 for weight in exact.values()):
        raise BadSplit("有负数，不能按它占比分解。")
    if sum(exact.values()) == 0:
        raise BadSplit("各单位都没有数，不能按占比分解。")
    units = Fraction(total) / Fraction(step)
    if units.denominator != 1:
        raise BadSplit("总数的小数位比分解的最小单位多。")
    limits = {
        key: Fraction(floor(Fraction(cap) / Fraction(step))) for key, cap in (caps or {}).items()
    }
    parts = _fill(units, exact, limits)
    return {key: Decimal(count) * step for key, count in _round(units, parts, limits).items()}


def _fill(
    units: Fraction, weights: Mapping[K, Fraction], limits: Mapping[K, Fraction]
) -> dict[K, Fraction]:
    """Return exact parts, each at most its limit: who is full drops out of the division."""
    full: dict[K, Fraction] = {}
    while True:
        rest = units - sum(full.values())
        free = {key: weight for key, weight in weights.items() if key not in full}
        whole = sum(free.values())
        if rest > 0 and whole == 0:
            raise BadSplit("上限之和小于总数，分不下去，请调高上限。")
        shares = {key: rest * weight / whole if whole else rest for key, weight in free.items()}
        over = [key for key, share in shares.items() if key in limits and share > limits[key]]
        if not over:
            return {key: full.get(key, shares.get(key, Fraction(0))) for key in weights}
        full |= {key: limits[key] for key in over}


def _round(
    units: Fraction, parts: Mapping[K, Fraction], limits: Mapping[K, Fraction]
) -> dict[K, int]:
    counts = {key: floor(part) for key, part in parts.items()}
    left = int(units) - sum(counts.values())
    order = sorted(parts, key=lambda key: counts[key] - parts[key])
    while left > 0:
        open_to = [key for key in order if key not in limits or counts[key] < limits[key]]
        if not open_to:
            raise BadSplit("上限之和小于总数，分不下去，请调高上限。")
        for key in open_to[:left]:
            counts[key] += 1
        left = int(units) - sum(counts.values())
    return counts


def by_factors(
    weights: Mapping[str, Decimal], values: Mapping[str, Mapping[K, Decimal]]
) -> dict[K, Fraction]:
    """Return each one's exact share of the whole (all add up to 1): Σ weight × factor share.

    ``weights`` are points of any sum; ``values`` hold each factor's number by place. Raises
    BadSplit for a factor without numbers, naming it.
    """
    points = sum(weights.values())
    if points <= 0 or any(weight < 0 for weight in weights.values()):
        raise BadSplit("权重应为正数，请核对。")
    shares: dict[K, Fraction] = {}
    for factor, weight in weights.items():
        whole = sum((Fraction(value) for value in values[factor].values()), Fraction(0))
        if whole <= 0:
            raise BadSplit(f"“{factor}”各单位都没有数，请换一个因素。")
        for key, value in values[factor].items():
            part = Fraction(weight) / Fraction(points) * Fraction(value) / whole
            shares[key] = shares.get(key, Fraction(0)) + part
    return shares


def remainder_words(left: Decimal) -> str:
    """Return what a split still lacks or has too much, in words.

    >>> remainder_words(Decimal("1.000000")), remainder_words(Decimal(-3))
    ('差 1', '超 3')
    """
    if left == 0:
        return "已分平"
    amount = f"{abs(left):,f}"
    amount = amount.rstrip("0").rstrip(".") if "." in amount else amount
    return f"{'差' if left > 0 else '超'} {amount}"
