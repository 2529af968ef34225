"""The pages of the deadlines: content, scope, rights, bad input, cost."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from responsibility.deadlines import services
from responsibility.deadlines.models import CalendarDay, Deadline, DeadlineRule
from responsibility.deadlines.services import Opening
from tests.cast import Cast
from tests.deadlines.helpers import LABEL, again, make_deadline, make_rule


@pytest.fixture(autouse=True)
def _today(settings: Any) -> None:
    settings.BUSINESS_DATE = "2021-01-15"


@pytest.fixture
def row(cast: Cast) -> Deadline:
    make_rule()
    found = make_deadline(cast)
    services.sweep(today=date(2021, 1, 15))
    return again(found)


def text_of(response: Any) -> str:
    return str(response.content.decode())


# --- list ------------------------------------------------------------------------------------


def test_list_shows_state_date_and_basis(cast: Cast, row: Deadline):
    body = text_of(cast.client("recorder-371502011").get("/deadlines/"))
    assert "签订责任书" in body
    assert "逾期 15 天（超限）" in body
    assert "2020年12月31日" in body
    assert "本市设定" in body


def test_list_keeps_to_the_territory(cast: Cast, row: Deadline):
    assert "签订责任书" in text_of(cast.client("reviewer-3715Z3").get("/deadlines/"))
    assert "签订责任书" not in text_of(cast.client("reviewer-371502").get("/deadlines/"))


def test_own_level_only(cast: Cast, row: Deadline):
    client = cast.client("office-3715")
    assert "签订责任书" in text_of(client.get("/deadlines/"))
    assert "签订责任书" not in text_of(client.get("/deadlines/?own=1"))


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("state=red", True),
        ("state=yellow", False),
        ("state=paused", False),
        ("state=<script>", True),
        ("page=999999999999999999999", True),
        ("page=x", True),
    ],
)
def test_filters_and_nonsense(cast: Cast, row: Deadline, query: str, there: bool):
    response = cast.client("recorder-371502011").get(f"/deadlines/?{query}")
    assert response.status_code == 200
    assert ("签订责任书" in text_of(response)) is there
    assert "<script>" not in text_of(response)


def test_those_without_business_are_refused(cast: Cast):
    for path in ("/deadlines/", "/deadlines/rules/", "/deadlines/calendar/"):
        assert cast.client("security-3715").get(path).status_code == 403


def _queries(cast: Cast, name: str, path: str) -> int:
    client = cast.client(name)
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def _many(cast: Cast, count: int) -> None:
    place = cast.place("371502011")
    services.open_many(
        openings=[
            Opening("quarterly", LABEL, uuid4(), f"事项{n}", place.pk, None, "2020Q4")
            for n in range(count)
        ],
        by=None,
        today=date(2020, 12, 1),
    )


def test_list_costs_the_same_for_2_and_20(cast: Cast):
    make_rule()
    _many(cast, 2)
    few = _queries(cast, "office-3715", "/deadlines/")
    _many(cast, 20)
    assert _queries(cast, "office-3715", "/deadlines/") == few <= 12


# --- detail ----------------------------------------------------------------------------------


def test_detail_explains_the_date_day_by_day(cast: Cast):
    make_rule(anchor="event", offset=4, unit="working_day", title="移交问题线索")
    row = make_deadline(cast, period="", event_on=date(2020, 9, 28))
    body = text_of(cast.client("recorder-371502011").get(f"/deadlines/{row.public_id}/"))
    assert "2020年9月28日（事项发生之日）" in body
    assert "国庆节" in body
    assert "调休上班" in body
    assert "2020年10月10日" in body
    assert "起算日不计入" in body


def test_detail_flags_a_year_not_known(cast: Cast):
    make_rule(anchor="event", offset=4, unit="working_day")
    row = make_deadline(cast, period="", event_on=date(2101, 12, 29))
    body = text_of(cast.client("recorder-371502011").get(f"/deadlines/{row.public_id}/"))
    assert "2102年放假安排尚未公布，按周末推算" in body


def test_detail_of_a_stranger_is_404(cast: Cast, row: Deadline):
    path = f"/deadlines/{row.public_id}/"
    assert cast.client("reviewer-3715Z3").get(path).status_code == 200
    assert cast.client("reviewer-371502").get(path).status_code == 404
    assert cast.client("office-3715").get(f"/deadlines/{uuid4()}/").status_code == 404


def test_detail_costs_little(cast: Cast, row: Deadline):
    assert _queries(cast, "recorder-371502011", f"/deadlines/{row.public_id}/") <= 12


# --- explanations ------------------------------------------------------------------------------


def test_explained_and_accepted_on_the_page(cast: Cast, row: Deadline):
    recorder, path = cast.client("recorder-371502011"), f"/deadlines/{row.public_id}/"
    assert "说明情况</button>" in text_of(recorder.get(path))
    answer = recorder.post(f"{path}explain/", {"text": "防汛停工"}, follow=True)
    assert "等上一级受理" in text_of(answer)
    assert "说明情况</button>" not in text_of(answer), "one at a time"
    said = row.explanations.get()
    decide = f"/deadlines/explanations/{said.public_id}/decide/"
    reviewer = cast.client("reviewer-3715Z3")
    refused = reviewer.post(decide, {"accepted": "no", "remark": ""})
    assert refused.status_code == 400
    assert "请写明原因" in text_of(refused)
    reviewer.post(decide, {"accepted": "yes"})
    said.refresh_from_db()
    assert said.accepted is True


def test_explaining_keeps_what_was_typed(cast: Cast, row: Deadline):
    answer = cast.client("recorder-371502011").post(
        f"/deadlines/{row.public_id}/explain/", {"text": "长" * 1001}
    )
    assert answer.status_code == 400
    assert "长" * 1001 in text_of(answer)
    empty = cast.client("recorder-371502011").post(f"/deadlines/{row.public_id}/explain/", {})
    assert "情况说明没有填" in text_of(empty)


def test_who_may_explain_and_decide(cast: Cast, row: Deadline):
    path = f"/deadlines/{row.public_id}/explain/"
    assert cast.client("reviewer-3715Z3").post(path, {"text": "x"}).status_code == 403
    assert cast.client("recorder-371525").post(path, {"text": "x"}).status_code == 404
    assert cast.client("recorder-371502011").get(path).status_code == 405
    cast.client("recorder-371502011").post(path, {"text": "停工"})
    decide = f"/deadlines/explanations/{row.explanations.get().public_id}/decide/"
    data = {"accepted": "yes"}
    assert cast.client("recorder-371502011").post(decide, data).status_code == 403
    assert cast.client("reviewer-371502").post(decide, data).status_code == 404
    nobody = f"/deadlines/explanations/{uuid4()}/decide/"
    assert cast.client("office-3715").post(nobody, data).status_code == 404


def test_markup_is_text(cast: Cast, row: Deadline):
    path = f"/deadlines/{row.public_id}/"
    client = cast.client("recorder-371502011")
    client.post(f"{path}explain/", {"text": "<b>x</b>'; DROP TABLE x"})
    assert "&lt;b&gt;x&lt;/b&gt;" in text_of(client.get(path))


# --- rules ---------------------------------------------------------------------------------------


def test_rules_with_basis_and_a_try(cast: Cast):
    make_rule(anchor="date", month_day="12-26", roll="forward", title="年度报告")
    client = cast.client("recorder-371502011")
    body = text_of(client.get("/deadlines/rules/"))
    assert "年度报告" in body
    assert "每年 12 月 26 日当天，遇休息日顺延" in body
    assert "修改</a>" not in text_of(client.get("/deadlines/rules/quarterly/"))
    tried = text_of(client.get("/deadlines/rules/quarterly/?period=2020"))
    assert "2020年12月28日" in tried
    assert "顺延" in tried


@pytest.mark.parametrize("query", ["period=2020Q9", "period=x'--", "event_on=2020-02-31"])
def test_a_bad_try_says_so(cast: Cast, query: str):
    make_rule()
    answer = cast.client("recorder-371502011").get(f"/deadlines/rules/quarterly/?{query}")
    assert answer.status_code == 400
    assert "有 1 处要改" in text_of(answer)


def test_unknown_rule_is_404(cast: Cast):
    assert cast.client("office-3715").get("/deadlines/rules/none/").status_code == 404


def change(rule: DeadlineRule, **extra: Any) -> dict[str, Any]:
    names = ("title", "anchor", "month_day", "offset", "unit", "roll", "basis", "basis_text")
    return {
        **{name: getattr(rule, name) for name in names},
        "tier": "",
        "article": "21",
        "blue": 7,
        "yellow": 1,
        "red": 11,
        "version": rule.version,
        "reason": "市办〔2021〕1号",
        **extra,
    }


def test_preview_then_change(cast: Cast, row: Deadline):
    client, path = cast.client("office-3715"), "/deadlines/rules/quarterly/change/"
    assert client.get(path).status_code == 200
    shown = text_of(client.post(path, change(row.rule, offset=20, preview="1")))
    assert "1 项未办结的时限要改期" in shown
    assert "2021年1月20日" in shown
    assert again(row).due_on == date(2020, 12, 31)
    assert client.post(path, change(row.rule, offset=20)).status_code == 302
    assert again(row).due_on == date(2021, 1, 20)
    stale = client.post(path, change(row.rule, offset=30))
    assert stale.status_code == 409
    assert "刚被别人改过" in text_of(stale)


@pytest.mark.parametrize(
    "extra",
    [
        {"offset": "abc"},
        {"offset": 99999},
        {"anchor": "moon"},
        {"reason": ""},
        {"month_day": "02-30", "anchor": "date"},
        {"red": 1},
        {"title": "长" * 10_000},
        {"year_from": 2022, "year_to": 2020},
    ],
)
def test_bad_changes_are_told(cast: Cast, extra: dict[str, Any]):
    rule = make_rule()
    answer = cast.client("office-3715").post(
        "/deadlines/rules/quarterly/change/", change(rule, **extra)
    )
    assert answer.status_code == 400
    assert "处要改" in text_of(answer)
    assert DeadlineRule.objects.count() == 1


def test_only_the_city_office_reaches_the_change(cast: Cast):
    make_rule()
    path = "/deadlines/rules/quarterly/change/"
    assert cast.client("office-371525").get(path).status_code == 403
    assert cast.client("recorder-371502011").post(path, {}).status_code == 403


def test_rule_page_costs_the_same_for_few_and_many_versions(cast: Cast):
    rule = make_rule()
    few = _queries(cast, "office-3715", "/deadlines/rules/quarterly/")
    for offset in range(1, 10):
        rule = services.change_rule(
            rule=rule, values={"offset": offset}, reason="改", by=cast.user("office-3715")
        )
    assert _queries(cast, "office-3715", "/deadlines/rules/quarterly/") == few <= 12


# --- calendar ------------------------------------------------------------------------------------


def test_calendar_shows_holidays_and_make_up_days(cast: Cast):
    body = text_of(cast.client("recorder-371502011").get("/deadlines/calendar/?year=2020"))
    assert "国庆节" in body
    assert "上班，调休上班" in body
    assert "登记</button>" not in body


def test_calendar_warns_of_an_unknown_year(cast: Cast, settings: Any):
    settings.BUSINESS_DATE = "2100-12-15"
    make_rule(anchor="event", offset=4, unit="working_day")
    make_deadline(cast, period="", event_on=date(2101, 1, 5))
    body = text_of(cast.client("office-3715").get("/deadlines/calendar/"))
    assert "2101年放假安排尚未公布，按周末推算" in body
    assert "1 项未办结的时限受影响" in body


@pytest.mark.parametrize("year", ["abc", "99999", "0000", "-1", ""])
def test_any_year_answers(cast: Cast, year: str):
    response = cast.client("office-3715").get(f"/deadlines/calendar/?year={year}")
    assert response.status_code == 200


def test_declare_and_void(cast: Cast):
    client = cast.client("office-3715")
    data = {"day": "2021-02-11", "working": "no", "reason": "除夕", "basis": "聊政办〔2021〕1号"}
    path = "/deadlines/calendar/days/"
    assert client.post(path, data).status_code == 302
    twice = client.post(path, data)
    assert twice.status_code == 409
    assert "已经登记过" in text_of(twice)
    made = CalendarDay.objects.get()
    assert "除夕" in text_of(client.get("/deadlines/calendar/?year=2021"))
    assert client.post(f"{path}{made.public_id}/void/").status_code == 302
    assert client.post(f"{path}{made.public_id}/void/").status_code == 409


@pytest.mark.parametrize(
    "extra", [{"day": "2021-02-31"}, {"working": ""}, {"basis": ""}, {"reason": "长" * 100}]
)
def test_bad_days(cast: Cast, extra: dict[str, str]):
    data = {"day": "2021-02-11", "working": "no", "reason": "除夕", "basis": "文", **extra}
    answer = cast.client("office-3715").post("/deadlines/calendar/days/", data)
    assert answer.status_code == 400
    assert "处要改" in text_of(answer)


def test_only_the_city_office_declares(cast: Cast):
    client = cast.client("office-371525")
    assert client.post("/deadlines/calendar/days/", {}).status_code == 403
    assert client.post(f"/deadlines/calendar/days/{uuid4()}/void/").status_code == 403
