"""系统已核对: what needs nothing of the user is shown as done, with its source; cheap for all."""

from datetime import date
from decimal import Decimal
from itertools import count

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from responsibility.common import clock
from responsibility.deadlines.models import Deadline, DeadlineRule
from responsibility.deadlines.services.opening import Opening, open_many
from responsibility.duties.models import Assignment
from responsibility.figures.models import FigureValue, RollupCheck
from tests.cast import Cast
from tests.duties_maker import make_assignment, make_indicator

BLOCK = "系统已核对，不用填"
TODAY = date(2020, 12, 17)
_serial = count(1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: TODAY)


def text(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def met(cast: Cast, code: str, many: int, status: str = "met") -> None:
    """Deadlines of this year at a place, met in time (or still open and late)."""
    DeadlineRule.objects.get_or_create(
        key="r",
        defaults={"title": "r", "anchor": "event", "basis": "local", "basis_text": "测试"},
    )
    for number in range(1, many + 1):
        row = make_assignment(cast, code, key=f"d{next(_serial)}")
        event = date(2020, 6, number)
        wish = Opening(
            "r",
            "duties.assignment",
            row.public_id,
            "事",
            row.division_id,
            row.body_id,
            event_on=event,
        )
        open_many(openings=[wish], by=None)
        if status == "met":
            Deadline.objects.filter(subject_id=row.public_id).update(
                status="met", settled_on=event, next_action_on=None
            )


def rolled_up(cast: Cast, code: str, reported: int = 3) -> None:
    row = FigureValue(
        indicator=make_indicator(cast),
        body=cast.main(code),
        period="2020",
        value=Decimal(7),
        source_kind="rollup",
        reported=reported,
        expected=3,
    )
    row.place(cast.place(code))
    row.save()


def test_nobody_without_own_duties_sees_it(cast: Cast):
    assert BLOCK not in text(cast.client("reviewer-371525"))
    assert BLOCK not in text(cast.client("recorder-371525"))


def test_what_is_met_summed_and_settled_by_a_ledger_is_named_with_its_source(cast: Cast):
    done = make_assignment(cast, "371525", key="p", title="编制年度计划", check_key="plans.issued")
    Assignment.objects.filter(pk=done.pk).update(status="done")
    logged = make_assignment(cast, "371525", key="l", title="走访群众")
    Assignment.objects.filter(pk=logged.pk).update(status="done")
    met(cast, "371525", 2)
    met(cast, "371502", 5)
    rolled_up(cast, "371525")
    rolled_up(cast, "371502")
    RollupCheck.objects.create(cells=9, differing=0, milliseconds=1)
    page = text(cast.client("recorder-371525"))
    assert BLOCK in page
    block = page.split(BLOCK)[1].split("</section>")[0]
    assert "编制年度计划" in block
    assert f"/duties/{done.public_id}/" in block
    assert "走访群众" not in block, "what a person logged is not the system's doing"
    assert "<b>2 项</b>" in block
    assert "<b>1 个</b>" in block
    assert "复核与下级一致" in block
    assert "没有逾期的" in block
    for address in ("/deadlines/?state=done", f"/duties/{done.public_id}/"):
        assert cast.client("recorder-371525").get(address).status_code == 200


def test_nothing_is_claimed_that_does_not_hold(cast: Cast):
    met(cast, "371525", 1, status="open")
    rolled_up(cast, "371525", reported=2)
    page = text(cast.client("recorder-371525"))
    assert "没有逾期的，也没有退回" not in page
    assert "由下级汇总" not in page
    rolled_up(cast, "371502")
    RollupCheck.objects.create(cells=9, differing=0, milliseconds=1)
    RollupCheck.objects.create(cells=9, differing=1, milliseconds=1)
    met(cast, "371502", 1)
    page = text(cast.client("recorder-371502"))
    assert "由下级汇总" in page
    assert "复核与下级一致" not in page, "the last check found a difference"


@pytest.mark.parametrize("who", ["office-3715", "recorder-371525", "recorder-371525001"])
def test_the_workbench_costs_no_more_than_twelve_statements(cast: Cast, who: str):
    code = who.partition("-")[2]
    client = cast.client(who)

    def statements() -> int:
        text(client)
        with CaptureQueriesContext(connection) as seen:
            text(client)
        return len(seen)

    done = make_assignment(cast, code, key="p", check_key="plans.issued")
    Assignment.objects.filter(pk=done.pk).update(status="done")
    met(cast, code, 2)
    met(cast, code, 2, status="open")
    rolled_up(cast, code)
    few = statements()
    met(cast, code, 20)
    met(cast, code, 20, status="open")
    assert statements() == few <= 12
