"""Periods are codes that sort: ``2020``, ``2020H1``, ``2020Q4``, ``2020M11``, ``2018/2020``."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

_CODE = re.compile(r"^(\d{4})(?:(H)([12])|(Q)([1-4])|(M)(0[1-9]|1[0-2])|(/)(\d{4}))?\Z", re.ASCII)
_MONTHS = {"H": 6, "Q": 3, "M": 1}


class PeriodType(StrEnum):
    """How long a period is."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    SPAN = "span"


PERIOD_LABELS = {
    PeriodType.YEAR: "年度",
    PeriodType.HALF: "半年",
    PeriodType.QUARTER: "季度",
    PeriodType.MONTH: "月度",
    PeriodType.SPAN: "多年",
}
_TYPES = {"H": PeriodType.HALF, "Q": PeriodType.QUARTER, "M": PeriodType.MONTH}


@dataclass(frozen=True, order=True)
class Period:
    """A period with its first and last day (both included)."""

    code: str
    start: date
    end: date
    type: PeriodType

    @property
    def label(self) -> str:
        """Return the Chinese name, such as ``2020年第四季度``."""
        year = self.start.year
        if self.type is PeriodType.SPAN:
            return f"{year}—{self.end.year}年"
        if self.type is PeriodType.YEAR:
            return f"{year}年"
        if self.type is PeriodType.HALF:
            return f"{year}年{'上' if self.start.month == 1 else '下'}半年"
        if self.type is PeriodType.QUARTER:
            return f"{year}年第{'一二三四'[(self.start.month - 1) // 3]}季度"
        return f"{year}年{self.start.month}月"

    @property
    def year(self) -> int:
        """Return the year in which the period ends."""
        return self.end.year


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


@lru_cache(maxsize=4096)
def parse(code: str) -> Period:
    """Return the period of a code; raise ValueError for anything else."""
    match = _CODE.match(code)
    if not match:
        raise ValueError(f"not a period: {code!r}")
    year = int(match[1])
    if year < 1900 or year > 2200:
        raise ValueError(f"not a period: {code!r}")
    if match[8]:
        last = int(match[9])
        if not year < last <= 2200:
            raise ValueError(f"not a period: {code!r}")
        return Period(code, date(year, 1, 1), date(last, 12, 31), PeriodType.SPAN)
    letter = match[2] or match[4] or match[6]
    if not letter:
        return Period(code, date(year, 1, 1), date(year, 12, 31), PeriodType.YEAR)
    number = int(match[3] or match[5] or match[7])
    months = _MONTHS[letter]
    first = (number - 1) * months + 1
    return Period(code, date(year, first, 1), _month_end(year, first + months - 1), _TYPES[letter])


def containing(day: date, type_: PeriodType) -> Period:
    """Return the period of that type in which the day lies (not for spans)."""
    if type_ is PeriodType.YEAR:
        return parse(f"{day.year}")
    letter = next(key for key, value in _TYPES.items() if value is type_)
    number = (day.month - 1) // _MONTHS[letter] + 1
    return parse(f"{day.year}M{number:02d}" if letter == "M" else f"{day.year}{letter}{number}")


def of_year(year: int, type_: PeriodType) -> list[Period]:
    """Return the year's periods of that type, in order."""
    if type_ is PeriodType.YEAR:
        return [parse(str(year))]
    count = 12 // _MONTHS[next(key for key, value in _TYPES.items() if value is type_)]
    codes = {12: "M{:02d}", 4: "Q{}", 2: "H{}"}[count]
    return [parse(f"{year}{codes.format(n)}") for n in range(1, count + 1)]


def previous(period: Period) -> Period:
    """Return the period of the same type just before."""
    if period.type is PeriodType.SPAN:
        length = period.end.year - period.start.year + 1
        return parse(f"{period.start.year - length:04d}/{period.start.year - 1:04d}")
    return containing(period.start - timedelta(days=1), period.type)


def year_before(period: Period) -> Period:
    """Return the same period of the year before (a span: the span just before)."""
    if period.type is PeriodType.SPAN:
        return previous(period)
    return parse(f"{period.start.year - 1:04d}{period.code[4:]}")


def year_to_date(period: Period) -> list[Period]:
    """Return the periods of the same type from the year's first up to this one."""
    if period.type is PeriodType.SPAN:
        return [period]
    return [item for item in of_year(period.year, period.type) if item.end <= period.end]
