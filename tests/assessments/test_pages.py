"""The pages of a run, of its units and of one score, as those who use them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from responsibility.assessments.models import AssessmentRun, Rectification
from responsibility.assessments.rules.running import Stage
from responsibility.assessments.services import freezing
from responsibility.common import clock
from tests.assessments import maker
from tests.cast import Cast
from tests.duties_maker import make_assignment, make_duty

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Return the business date in a list; change it to move the day."""
    day = [date(2021, 1, 11)]
    monkeypatch.setattr(clock, "today", lambda: day[0])
    return day


def text(client: Client, name: str, *args: Any, status: int = 200) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == status, f"{name}: {answer.status_code}"
    return answer.content.decode()


def unit(run: AssessmentRun, name: str) -> Any:
    return maker.subject(run, name).public_id


def leaf(run: AssessmentRun, name: str, key: str) -> Any:
    return maker.subject(run, name).entries.get(leaf=key).public_id


def act(client: Client, run: AssessmentRun, **data: Any) -> Any:
    return client.post(reverse("assessment_act", args=[run.public_id]), data)


def test_the_office_takes_a_run_from_step_to_step(cast: Cast) -> None:
    run, office = maker.opened(cast), cast.client("office-3715")
    page = text(office, "assessment", run.public_id)
    assert "进入“取数”" in page
    assert act(office, run, do="advance", step="collecting").status_code == 302
    again = act(office, run, do="advance", step="collecting")
    assert again.status_code == 409
    assert "请刷新页面" in again.content.decode()
    assert act(cast.client("office-371525"), run, do="advance").status_code == 403


def test_a_unit_sees_its_sheet_and_not_its_marks_before_the_notice(cast: Cast) -> None:
    run = maker.to(cast, maker.verified(cast, maker.opened(cast)), Stage.COMPOSED)
    county = cast.client("recorder-371525")
    assert "97.5" not in text(county, "assessment_unit", unit(run, "冠县"))
    assert "97.5" in text(cast.client("office-3715"), "assessment_unit", unit(run, "冠县"))
    text(county, "assessment_unit", unit(run, "东昌府区"), status=404)
    text(county, "assessment_dossier", unit(run, "冠县"), status=404)
    maker.to(cast, run, Stage.NOTICED)
    page = text(county, "assessment_unit", unit(run, "冠县"))
    assert "97.5" in page
    assert "东昌府区" not in page
    assert "东昌府区党委" not in text(county, "assessment", run.public_id)


def test_a_recorder_fills_what_is_missing_and_keeps_what_was_typed(cast: Cast) -> None:
    run = maker.to(cast, maker.opened(cast), Stage.COLLECTING, Stage.SELF)
    county, place = cast.client("recorder-371525"), leaf(run, "冠县", "net")
    assert "请补报：净完成、减贫目标" in text(county, "assessment_unit", unit(run, "冠县"))
    url = reverse("assessment_leaf_act", args=[place])
    wrong = county.post(url, {"do": "answer", "v:done": "五十", "note": "写了很久的说明"})
    assert wrong.status_code == 400
    page = wrong.content.decode()
    assert "净完成“五十”不是数字" in page
    assert "写了很久的说明" in page
    good = {"do": "answer", "v:done": "５０", "v:plan": "50", "self_mark": "60", "note": "完成"}
    assert county.post(url, good).status_code == 302
    item = maker.subject(run, "冠县").items.get(leaf="net", key="done")
    assert (item.value, item.how) == (50, "typed")


def test_a_verifier_confirms_from_the_queue(cast: Cast) -> None:
    run = maker.to(cast, maker.assessed(cast, maker.opened(cast)), Stage.VERIFYING)
    inspector, place = cast.client("inspector-3715"), leaf(run, "冠县", "judged")
    assert "工作创新" in text(inspector, "assessment_queue", run.public_id)
    url = reverse("assessment_leaf_act", args=[place])
    refused = inspector.post(url, {"do": "verify"})
    assert "须手工评分" in refused.content.decode()
    data = {"do": "verify", "manual": "18", "manual_reason": "材料属实"}
    assert inspector.post(url, data).status_code == 302
    assert cast.client("reviewer-371525").post(url, data).status_code == 403


def test_a_score_is_walked_down_to_the_duty_and_its_page(cast: Cast) -> None:
    make_duty(cast)
    assignment = make_assignment(cast, "371525", year=2020)
    run = maker.noticed(cast, maker.opened(cast))
    page = text(cast.client("recorder-371525"), "assessment_leaf", leaf(run, "冠县", "duties"))
    assert reverse("duty_assignment", args=[assignment.public_id]) in page
    assert "责任清单" in page


def test_recomputing_before_the_reader_is_equal(cast: Cast, today: list[date]) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    county, place = cast.client("recorder-371502"), leaf(run, "东昌府区", "net")
    url = reverse("assessment_leaf_act", args=[place])
    assert "重算一致" in county.post(url, {"do": "recompute"}).content.decode()
    today[0] += timedelta(days=10)
    run = freezing.freeze(by=cast.user("office-3715"), run=run)
    page = county.post(url, {"do": "recompute"}).content.decode()
    assert "按冻结的第 1 版数据" in page
    assert "60 × 96.00% = 57.60" in page


def test_an_appeal_goes_and_is_decided_on_the_page(cast: Cast) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    place = leaf(run, "东昌府区", "net")
    url = reverse("assessment_leaf_act", args=[place])
    county = cast.client("reviewer-371502")
    assert county.post(url, {"do": "appeal", "reason": ""}).status_code == 400
    assert county.post(url, {"do": "appeal", "reason": "漏计 2 人"}).status_code == 302
    decide = {"do": "decide", "granted": "yes", "reason": "属实", "v:done": "98"}
    assert county.post(url, decide).status_code == 403
    assert cast.client("office-3715").post(url, decide).status_code == 302
    page = text(county, "assessment_leaf", place)
    assert "57.6 → 58.8" in page


def test_the_look_ahead_says_what_is_lost_and_tries_numbers(cast: Cast) -> None:
    run = maker.assessed(cast, maker.opened(cast))
    county, place = cast.client("recorder-371502"), unit(run, "东昌府区")
    page = text(county, "assessment_outlook", place)
    assert "净完成再增加 4人（到 100人）可得满分" in page
    url = reverse("assessment_outlook", args=[place])
    tried = county.post(url, {"net.done": "100", "net.plan": "100"}).content.decode()
    assert "没有改动任何数据" in tried
    assert maker.subject(run, "东昌府区").items.get(leaf="net", key="done").value == 96
    assert county.post(url, {"net.done": "很多"}).status_code == 400


def test_a_published_run_gives_its_circular_sheet_and_proof(cast: Cast, today: list[date]) -> None:
    run, office = maker.noticed(cast, maker.opened(cast)), cast.client("office-3715")
    county = cast.client("recorder-371525")
    text(county, "assessment_circular", run.public_id, status=404)
    today[0] += timedelta(days=10)
    assert act(office, run, do="freeze").status_code == 302
    assert act(office, run, do="publish", marks="1").status_code == 302
    result = maker.subject(run, "冠县").results.get()
    for name, key in (
        ("assessment_circular", run.public_id),
        ("assessment_unit_sheet", unit(run, "冠县")),
        ("result_proof", result.public_id),
    ):
        answer = county.get(reverse(name, args=[key]))
        assert answer.status_code == 200
        assert answer.content[:2] == b"PK"
    assert "卷宗" in text(county, "assessment_dossier", unit(run, "冠县"))
    other = cast.client("recorder-371502").get(reverse("result_proof", args=[result.public_id]))
    assert other.status_code == 404


def test_a_thing_to_mend_is_reported_and_closed(cast: Cast, today: list[date]) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    today[0] += timedelta(days=10)
    freezing.freeze(by=cast.user("office-3715"), run=run)
    row = Rectification.objects.get(subject__run=run, leaf="net")
    url = reverse("rectification", args=[row.public_id])
    county, office = cast.client("recorder-371502"), cast.client("office-3715")
    assert row.name in text(county, "rectifications")
    assert row.name not in text(cast.client("recorder-371525"), "rectifications")
    assert county.post(url, {"do": "report", "text": ""}).status_code == 400
    assert county.post(url, {"do": "report", "text": "已补"}).status_code == 302
    assert county.post(url, {"do": "close"}).status_code == 403
    assert office.post(url, {"do": "return", "answer": ""}).status_code == 400
    assert office.post(url, {"do": "close", "answer": "属实"}).status_code == 302
    row.refresh_from_db()
    assert row.status == "closed"


def test_workbench_and_list_lead_to_the_unit(cast: Cast) -> None:
    run = maker.to(cast, maker.opened(cast), Stage.COLLECTING, Stage.SELF)
    county = cast.client("recorder-371525")
    url = reverse("assessment_unit", args=[unit(run, "冠县")])
    assert url in text(county, "assessment_list")
    assert url in text(county, "workbench")


PAGES = ("assessment_unit", "assessment_outlook", "assessment_dossier")


@pytest.mark.parametrize("name", PAGES)
def test_a_units_pages_cost_few_statements(
    cast: Cast, name: str, django_assert_max_num_queries: Any
) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    county = cast.client("recorder-371525")
    url = reverse(name, args=[unit(run, "冠县")])
    county.get(url)
    with django_assert_max_num_queries(LIMITS.get(name, 13)):
        assert county.get(url).status_code == 200


LIMITS = {"assessment_outlook": 20}  # it asks every ledger of the scheme once


def test_a_run_costs_the_same_for_two_units_and_many(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    run, office = maker.noticed(cast, maker.opened(cast)), cast.client("office-3715")
    url = reverse("assessment", args=[run.public_id])
    office.get(url)
    with django_assert_max_num_queries(14):
        assert office.get(url).status_code == 200


def test_marks_by_sheet_need_a_scheme_with_parts(cast: Cast) -> None:
    run, office = maker.opened(cast), cast.client("office-3715")
    page = text(office, "assessment_parts", run.public_id)
    assert "没有分部分" in page
    url = reverse("assessment_parts", args=[run.public_id])
    answer = office.post(url, {"part": "x", "note": "y", "mark": "9", "subject": "z"})
    assert answer.status_code == 400
