"""Opening deadlines in bulk."""

from datetime import date
from uuid import uuid4

import pytest

from responsibility.audit.models import Event
from responsibility.common.errors import Invalid
from responsibility.deadlines import services
from responsibility.deadlines.models import CalendarDay, Deadline
from tests.cast import Cast
from tests.deadlines.helpers import LABEL, make_deadline, make_rule, opening


def test_opens_with_place_date_and_first_reminder(cast: Cast):
    make_rule()
    row = make_deadline(cast)
    place = cast.place("371502011")
    assert (row.scope_path, row.county_id) == (place.path, place.county_id)
    assert (row.starts_on, row.due_on) == (date(2020, 12, 31), date(2020, 12, 31))
    assert (row.step, row.next_action_on, row.colour) == (0, date(2020, 12, 24), "none")
    assert row.body_id == cast.main("371502011").pk


def test_twice_is_a_no_op(cast: Cast):
    make_rule()
    wish = opening(cast)
    assert services.open_many(openings=[wish], by=None) == 1
    assert services.open_many(openings=[wish], by=None) == 0
    assert Event.objects.filter(verb="deadlines.opened").count() == 1


def test_late_opening_starts_at_the_gravest_step(cast: Cast):
    make_rule()
    row = make_deadline(cast, today=date(2021, 3, 1))
    assert (row.step, row.colour, row.next_action_on) == (2, "red", date(2021, 1, 11))


def test_ten_thousand_in_few_statements(cast: Cast, django_assert_max_num_queries: "object"):
    make_rule()
    body = cast.main("371502011")
    wishes = [
        services.Opening(
            "quarterly", LABEL, uuid4(), "责任", body.division_id, body.pk, f"2020Q{n % 4 + 1}"
        )
        for n in range(10_000)
    ]
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert services.open_many(openings=wishes, by=None) == 10_000


def test_unknown_rule_and_bad_period_are_named(cast: Cast):
    with pytest.raises(Invalid, match="没有时限规则“quarterly”"):
        services.open_many(openings=[opening(cast)], by=None)
    make_rule()
    with pytest.raises(Invalid, match="周期“2020Q9”写法不对"):
        services.open_many(openings=[opening(cast, period="2020Q9")], by=None)
    with pytest.raises(Invalid, match="须填写周期"):
        services.open_many(openings=[opening(cast, period="")], by=None)


def test_rule_out_of_force_or_of_another_tier_opens_nothing(cast: Cast):
    make_rule(year_from=2021)
    assert services.open_many(openings=[opening(cast)], by=None) == 0
    make_rule("villages", tier="village")
    wishes = [
        opening(cast, rule="villages"),
        opening(cast, "371502011001", rule="villages"),
    ]
    assert services.open_many(openings=wishes, by=None) == 1


def test_uncertain_year_is_flagged_and_mended_by_a_declared_day(cast: Cast):
    make_rule(anchor="event", offset=1, unit="working_day")
    row = make_deadline(cast, period="", event_on=date(2101, 12, 29))
    assert row.uncertain
    assert row.due_on == date(2101, 12, 30)
    services.declare_day(
        day=date(2101, 12, 30),
        working=False,
        reason="元旦调休",
        basis="国办发明电〔2101〕1号",
        by=cast.user("office-3715"),
    )
    row.refresh_from_db()
    assert row.due_on == date(2102, 1, 2), "Friday is off, 2 January 2102 is a Monday"
    assert row.moved_from == date(2101, 12, 30)
    assert "日历变动" in row.moved_reason


def test_closed_history_ignores_the_calendar(cast: Cast):
    make_rule(anchor="event", offset=1, unit="working_day")
    row = make_deadline(cast, period="", event_on=date(2020, 12, 15))
    services.settle(label=LABEL, subject_ids=[row.subject_id], by=None, on=date(2020, 12, 16))
    services.declare_day(
        day=date(2020, 12, 16),
        working=False,
        reason="停工",
        basis="某文",
        by=cast.user("office-3715"),
    )
    row.refresh_from_db()
    assert (row.due_on, row.status, row.moved_from) == (date(2020, 12, 16), "met", None)


def test_one_day_is_declared_once(cast: Cast):
    by = cast.user("office-3715")
    day = {"day": date(2020, 5, 6), "working": True, "reason": "调休", "basis": "文"}
    made = services.declare_day(**day, by=by)  # type: ignore[arg-type]
    with pytest.raises(services.calendar_days.Conflict):
        services.declare_day(**day, by=by)  # type: ignore[arg-type]
    services.void_day(declared=made, by=by)
    assert CalendarDay.objects.overrides() == {}
    services.declare_day(**day, by=by)  # type: ignore[arg-type]


def test_subject_unique_in_the_database(cast: Cast):
    make_rule()
    row = make_deadline(cast)
    again = Deadline.objects.filter(
        subject_type=row.subject_type, subject_id=row.subject_id, period=row.period
    )
    services.open_many(
        openings=[opening(cast, subject_id=row.subject_id, title="另一个名字")], by=None
    )
    assert again.count() == 1
