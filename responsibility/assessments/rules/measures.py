"""Exact numbers: fractions inside, decimals outside, rounded half up once and where stated."""

import math
from decimal import Decimal
from fractions import Fraction

from .scheme import AT_LEAST, Band

Number = Decimal | Fraction | int


def rounded(value: Number, places: int = 2) -> Decimal:
    """Round half up (away from zero) to ``places`` decimals, from an exact number."""
    scaled = abs(Fraction(value)) * 10**places
    whole = math.floor(scaled + Fraction(1, 2))
    sign = -1 if value < 0 else 1
    return Decimal(sign * whole).scaleb(-places)


def plain(value: Number) -> str:
    """Write a number as a person does: 4,180; 97.5; no trailing zeros."""
    decimal = value if isinstance(value, Decimal) else rounded(value, 6)
    text = f"{decimal:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def marks(value: Decimal) -> str:
    """Write a mark: at least without an exponent, zeros as rounded."""
    return f"{value:f}"


def percent_of(value: Decimal, of: Decimal) -> Fraction:
    """Return ``value`` in percent of ``of``, exactly; ``of`` is above zero."""
    return Fraction(value) / Fraction(of) * 100


def rate(value: Fraction) -> Decimal:
    """Round a percentage to two decimals; what is short of 100 never becomes 100."""
    shown = rounded(value, 2)
    return Decimal("99.99") if value < 100 <= shown else shown


def shown(value: Fraction, bounds: tuple[Decimal, ...] = ()) -> str:
    """Write a measured number to two decimals, with more where rounding would hide a bound."""
    short = rounded(value, 2)
    if any(
        (short >= bound) != (value >= bound) or (short > bound) != (value > bound)
        for bound in bounds
    ):
        return plain(rounded(value, 6))
    return plain(short)


def reached(value: Fraction, bound: Decimal, direction: str) -> bool:
    """Say whether a value keeps a bound (the bound itself does)."""
    return value >= bound if direction == AT_LEAST else value <= bound


def holds(band: Band, value: Fraction) -> bool:
    """Say whether the value lies in the band, its stated ends considered."""
    if band.low is not None and (value < band.low or (value == band.low and not band.low_closed)):
        return False
    return not (
        band.high is not None
        and (value > band.high or (value == band.high and not band.high_closed))
    )


def interval(band: Band) -> str:
    """Write a band as mathematics does: [90, 95), (-∞, 60), [95, +∞)."""
    low = "(-∞" if band.low is None else f"{'[' if band.low_closed else '('}{band.low:f}"
    high = "+∞)" if band.high is None else f"{band.high:f}{']' if band.high_closed else ')'}"
    return f"{low}, {high}"
