"""The State Council's holiday notices of two years, copied by hand, and date sums over them.

Written without the product's calendar, so that a replayed year is compared with something else.
2020: 国办发明电〔2019〕16号 and 〔2020〕1号 (the Spring Festival was prolonged to 2 February);
2026: 国办发明电〔2025〕7号.
"""

from datetime import date, timedelta
from typing import Any

REST = {
    2020: [
        "01-01/01-01",
        "01-24/02-02",
        "04-04/04-06",
        "05-01/05-05",
        "06-25/06-27",
        "10-01/10-08",
    ],
    2021: ["01-01/01-03"],
    2026: [
        "01-01/01-03",
        "02-15/02-23",
        "04-04/04-06",
        "05-01/05-05",
        "06-19/06-21",
        "09-25/09-27",
        "10-01/10-07",
    ],
}
WORK = {
    2020: ["01-19", "04-26", "05-09", "06-28", "09-27", "10-10"],
    2026: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
}
PERIODS = {
    "yearly": ["{0}"],
    "standing": ["{0}"],
    "once": ["{0}"],
    "half_yearly": ["{0}H1", "{0}H2"],
    "quarterly": ["{0}Q1", "{0}Q2", "{0}Q3", "{0}Q4"],
    "monthly": [f"{{0}}M{month:02}" for month in range(1, 13)],
}


def works(day: date) -> bool:
    """Say whether offices work on a day; a year without a notice has weekends only."""
    text = f"{day:%m-%d}"
    if text in WORK.get(day.year, []):
        return True
    for span in REST.get(day.year, []):
        first, last = span.split("/")
        if first <= text <= last:
            return False
    return day.weekday() < 5


def last_day(period: str) -> date:
    """Return the last day of ``2020``, ``2020H1``, ``2020Q3`` or ``2020M11``."""
    year, kind, number = int(period[:4]), period[4:5], int(period[5:] or 1)
    month = {"": 12, "H": number * 6, "Q": number * 3, "M": number}[kind]
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def due(rule: dict[str, Any], period: str, event_on: date | None) -> date:
    """Return the due date of a rule as its line in the shipped file says it."""
    if rule["anchor"] == "date":
        day = date.fromisoformat(f"{period[:4]}-{rule['month_day']}")
    else:
        day = event_on or last_day(period)
    left = rule.get("offset", 0)
    if rule.get("unit") == "working_day":
        while left:
            day += timedelta(days=1)
            left -= works(day)
    else:
        assert rule.get("unit", "day") == "day"
        day += timedelta(days=left)
    step = {"forward": 1, "back": -1}.get(rule.get("roll", "none"), 0)
    while step and not works(day):
        day += timedelta(days=step)
    return day
