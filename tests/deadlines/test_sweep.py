"""The sweep: who hears what, once."""

from datetime import date
from uuid import uuid4

import pytest

from responsibility.deadlines import services
from responsibility.deadlines.models import Deadline
from responsibility.divisions.models import Division
from responsibility.outbox.models import Notice
from tests.cast import Cast, make_body, make_user, post
from tests.deadlines.helpers import LABEL, again, make_deadline, make_rule


def heard(row: Deadline) -> set[str]:
    return set(Notice.objects.filter(source=row.source).values_list("user__username", flat=True))


def test_blue_goes_to_the_recorder_of_the_place_only(cast: Cast):
    make_rule()
    row = make_deadline(cast)
    swept = services.sweep(today=date(2020, 12, 24))
    assert (swept.claimed, swept.notices) == (1, 1)
    assert heard(row) == {"recorder-371502011"}
    notice = Notice.objects.get(source=row.source)
    assert notice.title == "还有 7 天：签订责任书"
    assert "本市设定" in notice.text
    assert "2020年12月31日" in notice.text
    assert (again(row).colour, again(row).step, again(row).next_action_on) == (
        "blue",
        1,
        date(2021, 1, 1),
    )


def test_red_goes_one_tier_up_to_the_zone_and_not_to_the_district(cast: Cast):
    make_rule()
    row = make_deadline(cast)
    services.sweep(today=date(2021, 1, 11))
    assert heard(row) == {
        "recorder-371502011",
        "secretary-371502011",
        "head-371502011",
        "reviewer-3715Z3",
        "office-3715Z3",
        "secretary-3715Z3",
        "head-3715Z3",
    }
    assert again(row).next_action_on is None


def test_a_second_run_repeats_nothing(cast: Cast):
    make_rule()
    make_deadline(cast)
    services.sweep(today=date(2020, 12, 24))
    Deadline.objects.update(step=0, next_action_on=date(2020, 12, 24))
    services.sweep(today=date(2020, 12, 24))
    assert Notice.objects.count() == 1


def test_missed_steps_give_one_reminder(cast: Cast):
    make_rule()
    row = make_deadline(cast)
    services.sweep(today=date(2021, 1, 5))
    assert [item.level for item in Notice.objects.filter(source=row.source)] == ["yellow"]
    assert again(row).step == 2


def test_member_units_hear_only_of_their_own(cast: Cast):
    make_rule()
    finance = cast.bodies[("371500000000", "city.finance")]
    own = make_deadline(cast, "3715", body_id=finance.pk)
    other = make_deadline(cast, "3715")
    services.sweep(today=date(2020, 12, 24))
    assert "member-3715" in heard(own)
    assert "member-3715" not in heard(other)


def test_a_posting_at_one_body_hears_only_of_that_body(cast: Cast):
    make_rule()
    place = cast.place("371525")
    bureau = make_body(place, "county.finance", "财政局")
    post(make_user("r1"), "recorder", place, body=bureau)  # type: ignore[arg-type]
    main = make_deadline(cast, "371525")
    services.sweep(today=date(2020, 12, 24))
    assert "r1" not in heard(main)


def test_those_who_left_and_inactive_accounts_hear_nothing(cast: Cast):
    make_rule()
    place = cast.place("371502011")
    post(make_user("gone"), "recorder", place, until=date(2020, 12, 1))  # type: ignore[arg-type]
    post(make_user("off", is_active=False), "recorder", place)  # type: ignore[arg-type]
    row = make_deadline(cast)
    services.sweep(today=date(2020, 12, 24))
    assert heard(row) == {"recorder-371502011"}


@pytest.mark.parametrize("count", [3, 30])
def test_a_batch_costs_the_same_for_few_and_many(
    cast: Cast, count: int, django_assert_max_num_queries: "object"
):
    make_rule()
    place = Division.objects.get(pk=cast.place("371502011").pk)
    services.open_many(
        openings=[
            services.Opening("quarterly", LABEL, uuid4(), "x", place.pk, None, "2020Q4")
            for _ in range(count)
        ],
        by=None,
        today=date(2020, 12, 1),
    )
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        assert services.sweep(today=date(2020, 12, 24)).claimed == count


def test_goes_on_from_the_last_row_over_batches(cast: Cast):
    make_rule()
    for _ in range(7):
        make_deadline(cast)
    swept = services.sweep(today=date(2020, 12, 24), batch=3)
    assert (swept.claimed, swept.batches) == (7, 3)
    assert not Deadline.objects.due_by(date(2020, 12, 24)).exists()
