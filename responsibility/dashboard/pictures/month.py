"""What is due on which day of a month, with the rules and their basis."""

import calendar as months
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count
from django.urls import reverse

from responsibility.common import calendar
from responsibility.dashboard.overview import Ground
from responsibility.dashboard.pictures.trend import COUNTED
from responsibility.deadlines.models import CalendarDay, Deadline, DeadlineRule
from responsibility.deadlines.rules import Colour, Status

WEEKDAYS = "一二三四五六日"


@dataclass
class Due:
    """What one rule has due on one day."""

    rule: DeadlineRule | None
    total: int = 0
    settled: int = 0

    @property
    def waiting(self) -> int:
        """Return what is not settled yet."""
        return self.total - self.settled


@dataclass
class Day:
    """One day of the calendar; ``state`` is the worst open state in colour and words."""

    date: date
    inside: bool
    working: bool
    reason: str
    is_today: bool
    url: str
    tally: Counter[str] = field(default_factory=Counter)
    rules: list[Due] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Return how many dates fall on the day."""
        return self.tally["total"]

    @property
    def state(self) -> tuple[str, str]:
        """Return (colour, words)."""
        for colour, words in (("red", "超限"), ("yellow", "逾期"), ("waiting", "待办")):
            if self.tally[colour]:
                return ("blue" if colour == "waiting" else colour), f"{words} {self.tally[colour]}"
        return ("blue", "待审核") if self.tally["paused"] else ("green", "已办结")


@dataclass(frozen=True)
class Month:
    """A month in weeks from Monday to Sunday."""

    first: date
    weeks: list[list[Day]]

    @property
    def days(self) -> list[Day]:
        """Return the days on which something is due."""
        return [day for week in self.weeks for day in week if day.inside and day.total]

    @property
    def before(self) -> str:
        """Return the code of the month before."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """Return the code of the month after."""
        return f"{self.first + timedelta(days=31):%Y-%m}"


def first_of(text: str, ground: Ground) -> date:
    """Return the first day of the month asked for (2020-12), else this month of the year."""
    try:
        year, _, month = text.partition("-")
        if len(text) == len("2020-12") and 1949 <= int(year) <= 2200:
            return date(int(year), int(month), 1)
    except ValueError:
        pass
    return date(ground.year, ground.today.month, 1)


def of(ground: Ground, first: date) -> Month:
    """Return the month: the dates, the rules behind them and the calendar, one statement each."""
    last = date(first.year, first.month, months.monthrange(first.year, first.month)[1])
    counts = _counts(ground, first, last)
    rules = DeadlineRule.objects.by_key(row[1] for row in counts)
    overrides = CalendarDay.objects.overrides()
    monday = first - timedelta(days=first.weekday())
    length = ((last - monday).days // 7 + 1) * 7
    days = [_day(ground, monday + timedelta(days=n), first.month, overrides) for n in range(length)]
    by_date = {day.date: day for day in days}
    for due_on, key, status, colour, n in counts:
        _count(by_date[due_on], rules.get(key), status, colour, n, ground.today)
    return Month(first, [days[at : at + 7] for at in range(0, len(days), 7)])


def _counts(ground: Ground, first: date, last: date) -> list[tuple[Any, ...]]:
    return list(
        Deadline.objects.visible_to(ground.user)
        .under(ground.top.path)
        .filter(status__in=COUNTED, due_on__range=(first, last))
        .order_by("due_on", "rule_key", "status", "colour")
        .values_list("due_on", "rule_key", "status", "colour")
        .annotate(n=Count("*"))
    )


def _day(ground: Ground, day: date, month: int, overrides: Any) -> Day:
    known = calendar.look_up(day, overrides)
    url = (
        f"{reverse('deadline_list')}?state=any&division={ground.top.short_code}&from={day}&to={day}"
    )
    inside = day.month == month
    return Day(day, inside, known.working, known.reason, day == ground.today, url)


def _count(
    day: Day, rule: DeadlineRule | None, status: str, colour: str, n: int, today: date
) -> None:
    settled = status in (Status.MET, Status.MISSED_MET)
    day.tally["total"] += n
    day.tally[_state(status, colour, day.date < today)] += n
    if not day.rules or day.rules[-1].rule != rule:
        day.rules.append(Due(rule))
    day.rules[-1].total += n
    day.rules[-1].settled += n if settled else 0


def _state(status: str, colour: str, is_past: bool) -> str:
    if status in (Status.MET, Status.MISSED_MET):
        return "settled"
    if status == Status.PAUSED:
        return "paused"
    if colour == Colour.RED:
        return "red"
    return "yellow" if is_past else "waiting"
