"""What indicators are and how their numbers add up. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

MAX = Decimal("1e17")
PLACES = Decimal("0.000001")


class Nature(StrEnum):
    """How an indicator behaves over places and time."""

    ADDITIVE = "additive"
    STOCK = "stock"
    FLOW = "flow"
    CUMULATIVE = "cumulative"
    RATIO = "ratio"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return list(zip([n.value for n in cls], _NATURES, strict=True))


_NATURES = ["可加", "时点数", "时期数", "累计数", "比率"]


class SourceKind(StrEnum):
    """Where a value comes from: there is exactly one source for each indicator and tier."""

    TYPED = "typed"
    ROLLUP = "rollup"
    QUERY = "query"
    FORMULA = "formula"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        words = ("填报", "汇总", "台账提取", "公式")
        return list(zip([kind.value for kind in cls], words, strict=True))


def adds_up(nature: str) -> bool:
    """Say whether values of children may be summed."""
    return nature != Nature.RATIO


def parse_value(text: str) -> Decimal:
    """Return a typed number; raise ValueError with a Chinese message for anything else."""
    cleaned = text.replace(",", "").replace("，", "").strip()
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        raise ValueError("请填写数字，例如 1280 或 12.5。") from None
    if not value.is_finite():
        raise ValueError("请填写数字，例如 1280 或 12.5。")
    if abs(value) >= MAX:
        raise ValueError("数值过大，请核对单位。")
    if value < 0:
        raise ValueError("不能为负数，请核对。")
    if value != value.quantize(PLACES):
        raise ValueError("小数最多 6 位。")
    return value


@dataclass(frozen=True)
class Part:
    """One child's contribution to a sum."""

    value: Decimal
    reported: int


def roll_up(parts: Iterable[Part]) -> Part:
    """Return the sum of what children reported and from how many entering bodies."""
    total, reported = Decimal(0), 0
    for part in parts:
        total += part.value
        reported += part.reported
    return Part(total, reported)


def shown(value: Decimal) -> str:
    """Return a value with thousands separators and without trailing zeros."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
