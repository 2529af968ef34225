"""What deadlines and alerts say on other pages."""

from datetime import date
from typing import Any

import pytest

from responsibility.alerts import services as alerts
from responsibility.alerts.panels import of_division
from responsibility.deadlines import services
from responsibility.deadlines.panels import waiting_explanations
from tests.alerts.test_scan import make_post
from tests.cast import Cast
from tests.deadlines.helpers import make_deadline, make_rule


@pytest.fixture
def ask(cast: Cast, rf: Any) -> Any:
    def request(name: str) -> Any:
        made = rf.get("/")
        made.user = cast.user(name)
        return made

    return request


def test_explanations_wait_one_tier_up_and_not_beside(cast: Cast, ask: Any):
    make_rule()
    row = make_deadline(cast, today=date(2021, 2, 1))
    services.explain(deadline=row, text="停工", by=cast.user("recorder-371502011"))
    shown = waiting_explanations(ask("reviewer-3715Z3"), None)
    assert shown is not None
    assert [item.deadline for item in shown[1]["rows"]] == [row]
    for name in ("reviewer-371502", "reviewer-371502011", "recorder-3715Z3"):
        assert waiting_explanations(ask(name), None) is None, name


def test_alerts_of_a_territory(cast: Cast, ask: Any):
    make_post(cast, "371525")
    alerts.scan(today=date(2020, 12, 17))
    city, other = cast.place("3715"), cast.place("371502")
    shown = of_division(ask("office-3715"), city)
    assert shown is not None
    assert [(row["label"], row["count"]) for row in shown[1]["rows"]] == [("党政正职空缺", 1)]
    assert of_division(ask("office-3715"), other) is None
    assert of_division(ask("office-371502"), city) is None, "only one's own territory"


def test_pages_hold_them(cast: Cast):
    make_rule()
    row = make_deadline(cast, today=date(2021, 2, 1))
    services.explain(deadline=row, text="停工待料", by=cast.user("recorder-371502011"))
    make_post(cast, "371502011")
    alerts.scan(today=date(2020, 12, 17))
    client = cast.client("office-3715Z3")
    assert "停工待料" in client.get("/").content.decode()
    assert "党政正职空缺" in client.get("/overview/").content.decode()
    listed = client.get("/alerts/?division=3715Z3000000").content.decode()
    assert "聊城江北水城旅游度假区的预警" in listed
    assert client.get("/alerts/?division=371525000000").status_code == 200
    assert "冠县的预警" not in client.get("/alerts/?division=371525000000").content.decode()
