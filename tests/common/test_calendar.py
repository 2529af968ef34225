"""The working calendar."""

from datetime import date

from responsibility.common import calendar


def test_make_up_days_and_holidays():
    assert calendar.look_up(date(2020, 9, 27)).working
    assert not calendar.look_up(date(2020, 10, 5)).working
    assert calendar.look_up(date(2020, 10, 1)).reason in ("国庆节", "中秋节")
    assert calendar.look_up(date(2020, 9, 27)).reason == "调休上班"


def test_unknown_year_goes_by_weekends_and_says_so():
    day = calendar.look_up(date(2101, 1, 3))
    assert (day.working, day.certain) == (True, False)
    assert calendar.warning([day]) == "2101年放假安排尚未公布，按周末推算"


def test_override_makes_an_unknown_day_certain():
    day = date(2101, 1, 3)
    found = calendar.look_up(day, {day: (False, "元旦")})
    assert (found.working, found.certain) == (False, True)


def test_negative_working_days():
    assert calendar.add_working_days(date(2020, 12, 28), -1)[0] == date(2020, 12, 25)


def test_next_year_is_known_by_december():
    """Fails from each December when the coming year is in neither package nor overrides.

    The mend: load the State Council's notice on the calendar page, or update chinesecalendar.
    """
    today = date.today()
    if today.month == 12:
        assert calendar.look_up(date(today.year + 1, 1, 4)).certain
    assert calendar.look_up(date(today.year, 6, 1)).certain
