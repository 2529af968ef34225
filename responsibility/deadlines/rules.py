"""How a due date comes about, and when it turns blue, yellow or red. Pure: dates are passed in."""

import calendar as months
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from responsibility.common import calendar
from responsibility.common.calendar import Day
from responsibility.common.periods import Period

Overrides = Mapping[date, tuple[bool, str]]
LONGEST_OFFSET = {"day": 1000, "working_day": 250, "month": 60}


class _Labelled(StrEnum):
    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [(item.value, LABELS[item]) for item in cls]

    @property
    def label(self) -> str:
        """Return the Chinese word."""
        return LABELS[self]


class Anchor(_Labelled):
    """From which day a limit counts."""

    PERIOD_START = "period_start"
    PERIOD_END = "period_end"
    EVENT = "event"
    DATE = "date"


class Unit(_Labelled):
    """In what a limit counts."""

    DAY = "day"
    WORKING_DAY = "working_day"
    MONTH = "month"


class Roll(_Labelled):
    """What happens when the last day is not a working day."""

    NONE = "none"
    FORWARD = "forward"
    BACK = "back"


class Basis(_Labelled):
    """Where a limit comes from; shown beside every date."""

    REGULATION = "regulation"
    SUPERIOR = "superior"
    ELSEWHERE = "elsewhere"
    LOCAL = "local"
    UNVERIFIED = "unverified"


class Status(_Labelled):
    """Where one deadline stands."""

    OPEN = "open"
    PAUSED = "paused"
    MET = "met"
    MISSED_MET = "missed_met"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Colour(_Labelled):
    """How urgent an open deadline is; none before the first reminder."""

    NONE = "none"
    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


LABELS: dict[StrEnum, str] = {
    Anchor.PERIOD_START: "周期第一天",
    Anchor.PERIOD_END: "周期最后一天",
    Anchor.EVENT: "事项发生之日",
    Anchor.DATE: "每年固定日期",
    Unit.DAY: "日",
    Unit.WORKING_DAY: "个工作日",
    Unit.MONTH: "个月",
    Roll.NONE: "不顺延",
    Roll.FORWARD: "遇休息日顺延",
    Roll.BACK: "遇休息日提前",
    Basis.REGULATION: "细则原文",
    Basis.SUPERIOR: "上级文件",
    Basis.ELSEWHERE: "参照外地",
    Basis.LOCAL: "本市设定",
    Basis.UNVERIFIED: "待核",
    Status.OPEN: "进行中",
    Status.PAUSED: "待审核，暂停计时",
    Status.MET: "按期办结",
    Status.MISSED_MET: "逾期办结",
    Status.CLOSED: "已结",
    Status.CANCELLED: "不再要求",
    Colour.NONE: "未到提醒",
    Colour.BLUE: "蓝色提醒",
    Colour.YELLOW: "黄色预警",
    Colour.RED: "红色预警",
}
LIVING = (Status.OPEN, Status.PAUSED)
OWN, UP = "own", "up"
ROLES = ("recorder", "reviewer", "secretary", "head", "office", "member")


@dataclass(frozen=True)
class Step:
    """One reminder: on which day relative to the due date, its colour, and to whom.

    ``to`` are roles at the deadline's own division; with ``escalate`` those in ``up`` at the
    division one administrative tier above hear of it too.
    """

    days: int
    colour: Colour
    to: tuple[str, ...] = ("recorder", "office", "member")
    escalate: bool = False
    up: tuple[str, ...] = ("reviewer", "office", "secretary", "head")

    @property
    def before(self) -> int:
        """Return how many days before the due date it falls (negative after)."""
        return -self.days

    def as_json(self) -> dict[str, Any]:
        """Return the step as it is stored."""
        return {
            "days": self.days,
            "colour": self.colour.value,
            "to": list(self.to),
            "escalate": self.escalate,
            "up": list(self.up),
        }


DEFAULT_STEPS = (
    Step(-7, Colour.BLUE),
    Step(1, Colour.YELLOW),
    Step(11, Colour.RED, to=("recorder", "office", "member", "secretary", "head"), escalate=True),
)


class BadRule(ValueError):  # noqa: N818 - reads as a word where it is caught
    """A rule that cannot be computed; the message is Chinese and ``where`` names the field."""

    def __init__(self, where: str, message: str) -> None:
        """Keep the field."""
        super().__init__(message)
        self.where = where


def parse_steps(raw: Any) -> tuple[Step, ...]:
    """Return the steps of stored JSON; raise BadRule for anything else."""
    if raw in (None, [], "default"):
        return DEFAULT_STEPS
    if not isinstance(raw, list) or len(raw) > 10:
        raise BadRule("steps", "提醒步骤应是列表，最多 10 步。")
    steps = tuple(_parse_step(item) for item in raw)
    days = [step.days for step in steps]
    if days != sorted(set(days)):
        raise BadRule("steps", "提醒步骤须按日期先后排列，不能重复。")
    return steps


def _parse_step(item: Any) -> Step:
    try:
        step = Step(
            int(item["days"]),
            Colour(item["colour"]),
            tuple(item.get("to") or Step.to),
            bool(item.get("escalate", False)),
            tuple(item.get("up") or Step.up),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadRule("steps", "提醒步骤须写明天数 days 和颜色 colour。") from error
    if unknown := {*step.to, *step.up} - set(ROLES):
        raise BadRule("steps", f"提醒对象“{sorted(unknown)[0]}”不是已有的角色。"[:60])
    if abs(step.days) > 400:
        raise BadRule("steps", "提醒天数应在 400 天以内。")
    return step


def three_steps(blue: int, yellow: int, red: int) -> tuple[Step, ...]:
    """Return the usual ladder: ``blue`` days before, ``yellow`` and ``red`` days after."""
    base = (DEFAULT_STEPS[0], DEFAULT_STEPS[1], DEFAULT_STEPS[2])
    return tuple(
        Step(days, step.colour, step.to, step.escalate, step.up)
        for days, step in zip((-blue, yellow, red), base, strict=True)
    )


@dataclass(frozen=True)
class Spec:
    """What of a rule decides the date."""

    anchor: Anchor
    offset: int = 0
    unit: Unit = Unit.DAY
    roll: Roll = Roll.NONE
    month_day: str = ""


@dataclass(frozen=True)
class WalkDay:
    """One day of the explanation: what sort of day it is and whether it counted."""

    day: Day
    counted: bool
    note: str = ""


@dataclass(frozen=True)
class Computed:
    """A due date and how it came about."""

    anchor_on: date
    raw_on: date
    due_on: date
    walk: tuple[WalkDay, ...]
    warning: str

    @property
    def rolled(self) -> bool:
        """Say whether the date moved because of a day of rest."""
        return self.raw_on != self.due_on

    @property
    def certain(self) -> bool:
        """Say whether every day on the way is known to the calendar."""
        return not self.warning


def check_spec(spec: Spec) -> None:
    """Raise BadRule when the rule can never give a date."""
    if abs(spec.offset) > LONGEST_OFFSET[spec.unit]:
        raise BadRule("offset", f"时长过大，最多 {LONGEST_OFFSET[spec.unit]} {spec.unit.label}。")
    if spec.anchor is Anchor.DATE:
        month_and_day(spec.month_day)
    elif spec.month_day:
        raise BadRule("month_day", "只有“每年固定日期”才填月日。")


def month_and_day(text: str) -> tuple[int, int]:
    """Return the month and day of ``12-25``; 29 February is not a yearly date."""
    try:
        day = date.fromisoformat(f"2001-{text}")
    except ValueError as error:
        raise BadRule("month_day", "月日应写成 12-25 的样子，且每年都有这一天。") from error
    return day.month, day.day


def anchor_day(spec: Spec, period: Period | None, event_on: date | None) -> date:
    """Return the day from which the limit counts; raise BadRule when it is not given."""
    if spec.anchor is Anchor.EVENT:
        if event_on is None:
            raise BadRule("event_on", "这条时限从事项发生之日起算，须填写发生日期。")
        if not 1949 <= event_on.year <= 2200:
            raise BadRule("event_on", "事项发生日期应在 1949 至 2200 年之间。")
        return event_on
    if period is None:
        raise BadRule("period", "这条时限按周期起算，须填写周期。")
    if spec.anchor is Anchor.PERIOD_START:
        return period.start
    if spec.anchor is Anchor.PERIOD_END:
        return period.end
    return date(period.year, *month_and_day(spec.month_day))


def add_months(day: date, count: int) -> date:
    """Return the same day ``count`` months on, or that month's last day.

    >>> add_months(date(2019, 12, 31), 2)
    datetime.date(2020, 2, 29)
    """
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    last = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _roll(day: date, roll: Roll, overrides: Overrides | None) -> tuple[date, list[Day]]:
    if roll is Roll.FORWARD:
        return calendar.roll_forward(day, overrides)
    walked = [calendar.look_up(day, overrides)]
    while not walked[-1].working:
        walked.append(calendar.look_up(walked[-1].date - timedelta(days=1), overrides))
    return walked[-1].date, walked


def _offset(start: date, spec: Spec, overrides: Overrides | None) -> tuple[date, list[WalkDay]]:
    if spec.unit is Unit.WORKING_DAY:
        day, days = calendar.add_working_days(start, spec.offset, overrides)
        return day, [WalkDay(item, item.working) for item in days]
    if spec.unit is Unit.MONTH:
        return add_months(start, spec.offset), []
    return start + timedelta(days=spec.offset), []


def compute(
    spec: Spec,
    *,
    period: Period | None = None,
    event_on: date | None = None,
    overrides: Overrides | None = None,
) -> Computed:
    """Return the due date of a rule for a period or an event, with the walk day by day.

    The first day is not counted (起算日不计入). Raises BadRule without period or event.
    """
    start = anchor_day(spec, period, event_on)
    raw, walk = _offset(start, spec, overrides)
    due = raw
    if spec.roll is not Roll.NONE:
        due, passed = _roll(raw, spec.roll, overrides)
        note = "顺延" if spec.roll is Roll.FORWARD else "提前"
        if due != raw or not walk:
            known = walk[:-1] if walk and walk[-1].day.date == raw else walk
            over = [WalkDay(day, day.working, "" if day.working else note) for day in passed]
            walk = known + over
    warning = calendar.warning([item.day for item in walk])
    return Computed(start, raw, due, tuple(walk), warning)


# --- reminders -------------------------------------------------------------------------------


def step_day(step: Step, due_on: date) -> date:
    """Return the day on which a step falls."""
    return due_on + timedelta(days=step.days)


def reached(steps: tuple[Step, ...], due_on: date, today: date) -> int:
    """Return how many steps are reached by today (0: none yet)."""
    return sum(step_day(step, due_on) <= today for step in steps)


def colour_on(steps: tuple[Step, ...], due_on: date, today: date) -> Colour:
    """Return the colour of the last step reached."""
    count = reached(steps, due_on, today)
    return steps[count - 1].colour if count else Colour.NONE


def red_after(steps: tuple[Step, ...]) -> int | None:
    """Return how many days after the due date it turns red, None where no step is red."""
    return next((step.days for step in steps if step.colour is Colour.RED), None)


def next_action(steps: tuple[Step, ...], index: int, due_on: date) -> date | None:
    """Return the day of the step with that index, or None past the last."""
    return step_day(steps[index], due_on) if index < len(steps) else None


def first_action(steps: tuple[Step, ...], due_on: date, today: date) -> tuple[int, date | None]:
    """Return the first step to send for a deadline opened today, and its day.

    Of several steps already passed only the last is sent: one reminder, the gravest.
    """
    index = max(reached(steps, due_on, today) - 1, 0)
    return index, next_action(steps, index, due_on)


def after_move(steps: tuple[Step, ...], sent: int, due_on: date, today: date) -> int:
    """Return the next step of a deadline whose date moved and that has had ``sent`` steps.

    A graver step than any sent is due at once; what was reached already is not sent again.
    """
    count = reached(steps, due_on, today)
    return count - 1 if count > sent else count


def collapse(steps: tuple[Step, ...], index: int, due_on: date, today: date) -> int:
    """Return the step to send now: the last one reached (missed earlier ones fall together)."""
    return max(reached(steps, due_on, today) - 1, index)


# --- pausing -----------------------------------------------------------------------------------


def paused_shift(
    due_on: date, since: date, until: date, unit: Unit, overrides: Overrides | None = None
) -> int:
    """Return by how many calendar days a due date moves after a pause.

    Calendar limits move by as many days as the pause had; limits in working days by as many
    working days. What was overdue before the pause stays overdue by as much.
    """
    if until <= since:
        return 0
    if unit is not Unit.WORKING_DAY:
        return (until - since).days
    days = [since + timedelta(days=n) for n in range(1, (until - since).days + 1)]
    working = sum(calendar.look_up(day, overrides).working for day in days)
    moved, _ = calendar.add_working_days(due_on, working, overrides)
    return (moved - due_on).days


# --- words ---------------------------------------------------------------------------------------


def days_left(due_on: date, today: date) -> str:
    """Return the words for a due date seen today: 还有 N 天, 今天到期, 逾期 N 天."""
    left = (due_on - today).days
    if left > 0:
        return f"还有 {left} 天"
    return "今天到期" if left == 0 else f"逾期 {-left} 天"


@dataclass(frozen=True)
class Badge:
    """A state as icon, word and colour together; ``tone`` is blue, yellow, red, green or grey."""

    tone: str
    words: str


def badge(status: Status, colour: Colour, due_on: date, today: date) -> Badge:
    """Return how a deadline shows today."""
    if status is Status.PAUSED:
        return Badge("blue", "审核中")
    if status is Status.MET:
        return Badge("green", "按期办结")
    if status is Status.MISSED_MET:
        return Badge("green", "逾期办结")
    if status in (Status.CLOSED, Status.CANCELLED):
        return Badge("grey", status.label)
    words = days_left(due_on, today)
    if due_on >= today:
        return Badge("blue", words)
    return Badge("red", f"{words}（超限）") if colour is Colour.RED else Badge("yellow", words)


def describe(spec: Spec) -> str:
    """Return the rule in words, such as 周期最后一天起 10 个工作日内."""
    start = (
        f"每年 {int(spec.month_day[:2])} 月 {int(spec.month_day[3:])} 日"
        if (spec.anchor is Anchor.DATE)
        else spec.anchor.label
    )
    if spec.offset == 0:
        text = f"{start}当天"
    elif spec.offset > 0:
        text = f"{start}起 {spec.offset} {spec.unit.label}内"
    else:
        text = f"{start}前 {-spec.offset} {spec.unit.label}"
    return text if spec.roll is Roll.NONE else f"{text}，{spec.roll.label}"


def in_years(period: Period | None, year_from: int | None, year_to: int | None) -> bool:
    """Say whether a rule is in force for a period (always, for events without one)."""
    if period is None:
        return True
    return (year_from is None or year_from <= period.year) and (
        year_to is None or period.year <= year_to
    )


def parse_years(text: str | int | None) -> tuple[int | None, int | None]:
    """Return the first and last year of ``2019-2020``, ``2019-``, ``-2020``, ``2020`` or empty."""
    raw = str(text if text is not None else "").strip()
    if not raw:
        return None, None
    first, dash, last = raw.partition("-")
    try:
        start = int(first) if first.strip() else None
        end = (int(last) if last.strip() else None) if dash else start
    except ValueError as error:
        raise BadRule("years", "适用年度应写成 2019-2020、2019- 或 2020。") from error
    if start and end and start > end:
        raise BadRule("years", "适用年度的起止年份颠倒。")
    if any(year is not None and not 1949 <= year <= 2200 for year in (start, end)):
        raise BadRule("years", "适用年度应在 1949 至 2200 之间。")
    return start, end


def explain_walk(days: Iterable[WalkDay]) -> list[tuple[WalkDay, int]]:
    """Return each day of the walk with how many counted days there are up to it."""
    counted = 0
    rows = []
    for item in days:
        counted += item.counted
        rows.append((item, counted))
    return rows
