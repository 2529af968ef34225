"""What was finished by each week of the year, against what the calendar had due."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, DateField, Q
from django.db.models.functions import TruncMonth, TruncWeek
from django.urls import reverse

from responsibility.common.plots import Plot, Series
from responsibility.dashboard.overview import Ground
from responsibility.deadlines.models import Deadline
from responsibility.deadlines.rules import LIVING, Status
from responsibility.duties import limits

COUNTED = (*LIVING, Status.MET, Status.MISSED_MET)
WEEK = timedelta(days=7)


def weeks_of(year: int) -> list[date]:
    """Return the Mondays of the weeks that touch a year."""
    first = date(year, 1, 1)
    monday = first - timedelta(days=first.weekday())
    return [monday + WEEK * n for n in range(54) if monday + WEEK * n <= date(year, 12, 31)]


def by_week(ground: Ground) -> Plot:
    """Return the dates of the duty list: due and settled, added up week by week; one statement.

    The line of what is settled ends with this week.
    """
    due, settled = _weekly(ground)
    weeks = weeks_of(ground.year)
    due_sum, settled_sum = 0, 0
    due_line: list[int | None] = []
    settled_line: list[int | None] = []
    for monday in weeks:
        due_sum += due[monday]
        settled_sum += settled[monday]
        due_line.append(due_sum)
        settled_line.append(settled_sum if monday <= ground.today else None)
    return Plot(
        key="by-week",
        kind="line",
        title="按周办结进度，对照应办结数",
        labels=[f"{monday.month}月{monday.day}日" for monday in weeks],
        head="一周（周一）",
        unit="件",
        series=[
            Series("累计应办结", due_line, "grey", dashed=True),
            Series("累计已办结", settled_line, "action"),
        ],
        links=[_link(ground, monday) for monday in weeks],
        extra=_about(ground, "按周办结进度"),
    )


def _weekly(ground: Ground) -> tuple[Counter[date], Counter[date]]:
    rows = (
        Deadline.objects.visible_to(ground.user)
        .under(ground.top.path)
        .filter(
            subject_type="duties.assignment",
            status__in=COUNTED,
            due_on__range=(date(ground.year, 1, 1), date(ground.year, 12, 31)),
        )
        .annotate(
            due_week=TruncWeek("due_on", output_field=DateField()),
            done_week=TruncWeek("settled_on", output_field=DateField()),
        )
        .order_by()
        .values_list("due_week", "done_week")
        .annotate(n=Count("*"))
    )
    first = weeks_of(ground.year)[0]
    due: Counter[date] = Counter()
    settled: Counter[date] = Counter()
    for due_week, done_week, n in rows:
        due[_day(due_week)] += n
        if done_week is not None:  # what was done before the year counts from its first week
            settled[max(_day(done_week), first)] += n
    return due, settled


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _link(ground: Ground, monday: date) -> str:
    first, last = date(ground.year, 1, 1), date(ground.year, 12, 31)
    start, end = max(monday, first), min(monday + timedelta(days=6), last)
    return (
        f"{reverse('deadline_list')}?state=any&duties=1&division={ground.top.short_code}"
        f"&from={start}&to={end}"
    )


def by_month(ground: Ground) -> Plot:
    """Return how the duties due in each month of the year stand: the whole scope, one scan."""
    late = limits.late(ground.today)
    rows: dict[date, dict[str, Any]] = {
        row["month"]: dict(row)
        for row in ground.assignments()
        .filter(standing="active", due_on__isnull=False)
        .annotate(month=TruncMonth("due_on"))
        .order_by()
        .values("month")
        .annotate(
            done=Count("id", filter=Q(status="done")),
            submitted=Count("id", filter=Q(status="submitted")),
            late=Count("id", filter=late),
            open=Count("id", filter=~late & ~Q(status__in=["done", "submitted"])),
        )
    }
    months = sorted(rows)

    def values(key: str) -> list[int]:
        return [int(rows[month][key]) for month in months]

    base = f"{reverse('duty_list')}?{ground.query}&standing=active&month="
    return Plot(
        key="by-month",
        kind="stacked",
        title="各月到期的责任，办到哪一步",
        labels=[_month(month, ground.year) for month in months],
        head="到期月份",
        unit="项",
        series=[
            Series("已落实", values("done"), "green"),
            Series("待审核", values("submitted"), "blue"),
            Series("逾期", values("late"), "yellow"),
            Series("未到期", values("open"), "grey"),
        ],
        links=[f"{base}{month:%Y-%m}" for month in months],
        extra=_about(ground, "各月到期的责任"),
    )


def _about(ground: Ground, title: str) -> dict[str, str]:
    """Return the name and the source of a plot kept as a picture."""
    name = f"{ground.top.name}{ground.year}年度{title}"
    return {"name": name, "source": "本系统时限和责任清单"}


def _month(month: date, year: int) -> str:
    return f"{month.month}月" if month.year == year else f"{month.year % 100}年{month.month}月"
