"""Money is in 元 with two decimals; 万元 only where it is shown or typed."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
WAN = Decimal(10_000)


def yuan(value: Decimal | int | str) -> Decimal:
    """Return an amount rounded half up to the 分."""
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


def as_wan(value: Decimal, places: int = 2) -> str:
    """Return 元 as 万元 with thousands separators."""
    return f"{(value / WAN).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def from_wan(text: str) -> Decimal:
    """Return 元 from a typed number of 万元; raise ArithmeticError for no number."""
    return yuan(Decimal(text.replace(",", "").replace("，", "").strip()) * WAN)
