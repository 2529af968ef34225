"""Due dates: anchors, working days, make-up days, years not known, reminders, pauses."""

from datetime import date

import pytest

from responsibility.common import periods
from responsibility.deadlines import rules
from responsibility.deadlines.rules import Anchor, Colour, Roll, Spec, Unit

Q4 = periods.parse("2020Q4")


def test_period_end_plus_months_keeps_the_last_day():
    spec = Spec(Anchor.PERIOD_END, 2, Unit.MONTH)
    assert rules.compute(spec, period=periods.parse("2019")).due_on == date(2020, 2, 29)


def test_working_days_skip_the_holiday_and_count_the_make_up_day():
    """国庆 2020: 1–8 October off, Sunday 27 September and Saturday 10 October worked."""
    spec = Spec(Anchor.EVENT, 4, Unit.WORKING_DAY)
    found = rules.compute(spec, event_on=date(2020, 9, 28))
    assert found.due_on == date(2020, 10, 10)
    counted = [item.day.date for item in found.walk if item.counted]
    days = [date(2020, 9, 29), date(2020, 9, 30), date(2020, 10, 9), date(2020, 10, 10)]
    assert counted == days
    assert len(found.walk) == 12


def test_make_up_sunday_counts():
    spec = Spec(Anchor.EVENT, 1, Unit.WORKING_DAY)
    assert rules.compute(spec, event_on=date(2020, 9, 26)).due_on == date(2020, 9, 27)


def test_yearly_date_rolls_over_the_weekend():
    spec = Spec(Anchor.DATE, 0, Unit.DAY, Roll.FORWARD, "12-26")
    found = rules.compute(spec, period=periods.parse("2020"))
    assert (found.raw_on, found.due_on, found.rolled) == (
        date(2020, 12, 26),
        date(2020, 12, 28),
        True,
    )
    assert "顺延" in [item.note for item in found.walk]


def test_roll_back():
    spec = Spec(Anchor.DATE, 0, Unit.DAY, Roll.BACK, "12-27")
    assert rules.compute(spec, period=periods.parse("2020")).due_on == date(2020, 12, 25)


def test_override_beats_the_package():
    spec = Spec(Anchor.EVENT, 1, Unit.WORKING_DAY)
    overrides = {date(2020, 12, 16): (False, "本地放假")}
    assert rules.compute(spec, event_on=date(2020, 12, 15), overrides=overrides).due_on == date(
        2020, 12, 17
    )


def test_a_year_the_calendar_does_not_know_is_flagged():
    spec = Spec(Anchor.EVENT, 5, Unit.WORKING_DAY)
    found = rules.compute(spec, event_on=date(2101, 12, 29))
    assert not found.certain
    assert found.warning == "2101年放假安排尚未公布，按周末推算；2102年放假安排尚未公布，按周末推算"


def test_plain_days_never_need_the_calendar():
    found = rules.compute(Spec(Anchor.EVENT, 60), event_on=date(2101, 12, 29))
    assert found.certain
    assert found.due_on == date(2102, 2, 27)


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        (Spec(Anchor.EVENT, 5), "event_on"),
        (Spec(Anchor.PERIOD_END, 5), "period"),
    ],
)
def test_what_is_missing_is_named(spec: Spec, where: str):
    with pytest.raises(rules.BadRule) as caught:
        rules.compute(spec)
    assert caught.value.where == where


@pytest.mark.parametrize(
    "spec",
    [
        Spec(Anchor.DATE, 0, month_day="02-30"),
        Spec(Anchor.DATE, 0, month_day=""),
        Spec(Anchor.PERIOD_END, 0, month_day="12-01"),
        Spec(Anchor.PERIOD_END, 5000),
    ],
)
def test_rules_that_can_never_hold_are_refused(spec: Spec):
    with pytest.raises(rules.BadRule):
        rules.check_spec(spec)


@pytest.mark.parametrize(
    "raw",
    [
        {"days": 1},
        [{"days": 1}],
        [{"days": 1, "colour": "pink"}],
        [{"days": 5, "colour": "blue"}, {"days": 1, "colour": "red"}],
        [{"days": 1, "colour": "blue", "to": ["mayor"]}],
        [{"days": 9999, "colour": "blue"}],
    ],
)
def test_bad_steps(raw: object):
    with pytest.raises(rules.BadRule):
        rules.parse_steps(raw)


def test_steps_survive_storage():
    stored = [step.as_json() for step in rules.DEFAULT_STEPS]
    assert rules.parse_steps(stored) == rules.DEFAULT_STEPS


DUE = date(2020, 12, 31)


@pytest.mark.parametrize(
    ("today", "colour"),
    [
        (date(2020, 12, 23), Colour.NONE),
        (date(2020, 12, 24), Colour.BLUE),
        (date(2020, 12, 31), Colour.BLUE),
        (date(2021, 1, 1), Colour.YELLOW),
        (date(2021, 1, 10), Colour.YELLOW),
        (date(2021, 1, 11), Colour.RED),
    ],
)
def test_colours(today: date, colour: Colour):
    assert rules.colour_on(rules.DEFAULT_STEPS, DUE, today) is colour


def test_missed_steps_fall_together():
    assert rules.collapse(rules.DEFAULT_STEPS, 0, DUE, date(2021, 2, 1)) == 2
    assert rules.collapse(rules.DEFAULT_STEPS, 0, DUE, date(2020, 12, 25)) == 0


def test_a_moved_date_repeats_nothing_and_hides_nothing():
    steps = rules.DEFAULT_STEPS
    assert rules.after_move(steps, 1, DUE, date(2020, 12, 25)) == 1, "blue was sent: yellow next"
    assert rules.after_move(steps, 1, DUE, date(2020, 12, 1)) == 0, "moved on: blue comes again"
    assert rules.after_move(steps, 1, DUE, date(2021, 1, 20)) == 2, "already red: at once"


def test_pause_moves_calendar_days_by_days():
    assert rules.paused_shift(DUE, date(2020, 12, 1), date(2020, 12, 11), Unit.DAY) == 10
    assert rules.paused_shift(DUE, date(2020, 12, 1), date(2020, 12, 1), Unit.DAY) == 0


def test_pause_moves_working_limits_by_working_days():
    """Paused Friday to Monday: one working day; due Friday 25th moves to Monday 28th."""
    shift = rules.paused_shift(
        date(2020, 12, 25), date(2020, 12, 11), date(2020, 12, 14), Unit.WORKING_DAY
    )
    assert shift == 3


def test_words():
    assert rules.days_left(DUE, date(2020, 12, 29)) == "还有 2 天"
    assert rules.days_left(DUE, DUE) == "今天到期"
    assert rules.days_left(DUE, date(2021, 1, 2)) == "逾期 2 天"
    assert rules.describe(Spec(Anchor.EVENT, 5, Unit.WORKING_DAY)) == "事项发生之日起 5 个工作日内"


@pytest.mark.parametrize(
    ("text", "years"),
    [("2019-", (2019, None)), ("2020", (2020, 2020)), ("", (None, None)), ("-2020", (None, 2020))],
)
def test_years(text: str, years: tuple[int | None, int | None]):
    assert rules.parse_years(text) == years


@pytest.mark.parametrize("text", ["abc", "2021-2019", "99"])
def test_bad_years(text: str):
    with pytest.raises(rules.BadRule):
        rules.parse_years(text)
