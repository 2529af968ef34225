"""总览: within the scope, in the standard order, each number a link, the same cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from responsibility.common import clock
from responsibility.deadlines.models import DeadlineRule
from responsibility.duties.models import Assignment
from tests.cast import Cast
from tests.duties_maker import make_assignment

COUNTIES = ("371502", "371525")


def fill(cast: Cast, many: int, since: int = 0) -> None:
    year = clock.today().year
    for number in range(since, many):
        for code in (*COUNTIES, "371502011"):
            made = make_assignment(cast, code, year, key=f"k-{number}")
            Assignment.objects.filter(pk=made.pk).update(
                due_on=clock.today() - timedelta(days=number * 7), status="in_progress"
            )


def statements(cast: Cast) -> int:
    client = cast.client("office-3715")
    client.get("/overview/")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get("/overview/").status_code == 200
    return len(seen)


def test_the_cost_does_not_grow_with_the_rows(cast: Cast) -> None:
    fill(cast, 1)
    few = statements(cast)
    fill(cast, 20, since=1)
    assert statements(cast) == few <= 12


def test_red_begins_where_the_rule_says(cast: Cast) -> None:
    """A rule with its own red step counts from it, in the picture as in the list."""
    year, today = clock.today().year, clock.today()
    DeadlineRule.objects.create(
        key="slow",
        title="缓",
        anchor="date",
        month_day="12-31",
        basis="local",
        basis_text="测试",
        steps=[{"days": 1, "colour": "yellow"}, {"days": 30, "colour": "red"}],
    )
    for key, days in (("usual-10", 10), ("usual-11", 11), ("slow-29", 29), ("slow-30", 30)):
        rule = "slow" if key.startswith("slow") else ""
        made = make_assignment(cast, "371525", year, key=key, deadline_rule=rule)
        Assignment.objects.filter(pk=made.pk).update(due_on=today - timedelta(days=days))
    sent = make_assignment(cast, "371525", year, key="sent")
    Assignment.objects.filter(pk=sent.pk).update(
        due_on=today - timedelta(days=90), status="submitted"
    )
    client = cast.client("office-371525")
    numbers = client.get("/overview/").context["whole"].numbers
    assert (numbers["overdue"], numbers["red"], numbers["submitted"]) == (4, 2, 1)
    page = client.get(f"/duties/?year={year}&due=over_limit").context["page"]
    assert {row.duty.key for row in page.rows} == {"usual-11", "slow-30"}
    assert client.get(f"/duties/?year={year}&due=overdue").context["page"].count == 4


def test_places_stand_in_order_and_numbers_lead_to_their_rows(cast: Cast) -> None:
    fill(cast, 3)
    client = cast.client("office-3715")
    text = client.get("/overview/").content.decode()
    names = [text.index(f"{name}</a></td>") for name in ("东昌府区", "冠县", "旅游度假区")]
    assert names == sorted(names)
    year = clock.today().year
    address = f"/duties/?year={year}&division=371525&due=over_limit"
    assert address.replace("&", "&amp;") in text
    assert client.get(address).context["page"].count == 1
    own = client.get(f"/duties/?year={year}&division=3715&tier=city&standing=active")
    assert own.context["page"].count == 0


@pytest.mark.parametrize("code", ["371525", "371500", "999999", "'; --", "x" * 400])
def test_a_place_outside_the_scope_is_not_found(cast: Cast, code: str) -> None:
    client = cast.client("recorder-371502011")
    assert client.get("/overview/", {"division": code}).status_code == 404
    assert "冠县" not in client.get("/overview/").content.decode()


def test_whoever_sees_one_body_only_is_led_to_its_duties(cast: Cast) -> None:
    answer = cast.client("member-3715").get("/overview/")
    assert answer.status_code == 302
    assert answer["Location"] == "/duties/"


def test_without_a_right_it_is_refused(cast: Cast) -> None:
    assert cast.client("system-3715").get("/overview/").status_code == 403
