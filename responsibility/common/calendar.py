"""The Chinese working calendar: our overrides first, then the package, then weekends only.

The package knows the years up to the last published holiday notice; a later date is computed by
weekends and flagged, so that pages can say 放假安排尚未公布，按周末推算.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

NOT_YET = "{year}年放假安排尚未公布，按周末推算"


@dataclass(frozen=True)
class Day:
    """One day of the calendar and why it is (not) a working day."""

    date: date
    working: bool
    reason: str
    certain: bool = True


def _from_package(day: date) -> Day | None:
    try:
        holiday, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    if name and holiday:
        return Day(day, False, _NAMES.get(str(name), "法定节假日"))
    if name:
        return Day(day, True, "调休上班")
    return Day(day, not holiday, "休息日" if holiday else "工作日")


_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
}


def look_up(day: date, overrides: Mapping[date, tuple[bool, str]] | None = None) -> Day:
    """Return what sort of day it is; ``overrides`` maps a date to (working, reason)."""
    if overrides and day in overrides:
        working, reason = overrides[day]
        return Day(day, working, reason)
    known = _from_package(day)
    if known is not None:
        return known
    working = day.weekday() < 5
    return Day(day, working, "工作日" if working else "休息日", certain=False)


def add_working_days(
    start: date, count: int, overrides: Mapping[date, tuple[bool, str]] | None = None
) -> tuple[date, list[Day]]:
    """Return the ``count``-th working day after (or before) ``start`` and the days walked."""
    step = timedelta(days=1 if count >= 0 else -1)
    day, left, walked = start, abs(count), []
    while left:
        day += step
        found = look_up(day, overrides)
        walked.append(found)
        left -= found.working
    return day, walked


def roll_forward(
    day: date, overrides: Mapping[date, tuple[bool, str]] | None = None
) -> tuple[date, list[Day]]:
    """Return the first working day on or after ``day`` and the days walked over."""
    walked = [look_up(day, overrides)]
    while not walked[-1].working:
        walked.append(look_up(walked[-1].date + timedelta(days=1), overrides))
    return walked[-1].date, walked


def warning(days: list[Day]) -> str:
    """Return the sentence to show when some of the days are not certain, or an empty one."""
    years = sorted({day.date.year for day in days if not day.certain})
    return "；".join(NOT_YET.format(year=year) for year in years)
