"""The pages of reports: each role's, strangers, bad input, cost."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from responsibility.common import clock
from responsibility.reports.models import Report, ReportKind
from tests.cast import Cast
from tests.reports.test_services import TEXTS, handed_in, kind, opened

__all__ = ["kind"]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


def test_the_whole_way_on_pages(cast: Cast, kind: ReportKind) -> None:
    county, head = cast.client("recorder-371525"), cast.client("head-371525")
    office = cast.client("office-3715")
    page = county.get("/reports/")
    assert "开始填报" in page.content.decode()
    body = cast.main("371525")
    answer = county.post(
        "/reports/start/",
        {"kind": kind.key, "body": str(body.public_id), "period": "2020"},
    )
    report = Report.objects.get()
    edit = reverse("report_edit", args=[report.public_id])
    assert answer.url == edit
    wrong = county.post(edit, {"organisation": "甲", "do": "submit"})
    assert wrong.status_code == 400
    assert "还没有写" in wrong.content.decode()
    assert county.post(edit, {**TEXTS, "do": "submit"}).status_code == 302
    act = reverse("report_act", args=[report.public_id])
    assert head.post(act, {"do": "approve"}).status_code == 302
    look = reverse("report_review", args=[report.public_id])
    assert office.get(look).status_code == 200
    returned = office.post(look, {"do": "return", "verdict:plan": "return"})
    assert returned.status_code == 302
    again = county.get(edit).content.decode()
    assert "只要改下面列出的 1 项" in again
    county.post(edit, {"plan": "补充。", "do": "submit"})
    head.post(act, {"do": "approve"})
    refused = office.post(look, {"do": "pass", "remark:plan": "还有意见"})
    assert refused.status_code == 400
    assert office.post(look, {"do": "pass"}).status_code == 302
    assert office.post(act, {"do": "archive"}).status_code == 302
    report.refresh_from_db()
    assert report.status == "archived"
    for name in ("report", "report_print"):
        assert county.get(reverse(name, args=[report.public_id])).status_code == 200
    cell = report.cells.first()
    assert cell is not None
    assert county.get(reverse("report_cell", args=[cell.public_id])).status_code == 200


@pytest.mark.parametrize("name", ["report", "report_edit", "report_review", "report_print"])
def test_strangers_find_nothing(cast: Cast, kind: ReportKind, name: str) -> None:
    report = opened(cast, kind)
    for who in ("recorder-371502", "office-3715Z3", "audit-3715"):
        status = cast.client(who).get(reverse(name, args=[report.public_id])).status_code
        assert status == 404, who


def test_a_reviewer_of_another_place_gets_no_review_page(cast: Cast, kind: ReportKind) -> None:
    report = handed_in(cast, kind)
    address = reverse("report_review", args=[report.public_id])
    assert cast.client("reviewer-371525").get(address).status_code == 404
    assert cast.client("recorder-371525").get(address).status_code == 403


def test_the_list_costs_the_same_for_few_and_many(cast: Cast, kind: ReportKind) -> None:
    def cost() -> int:
        client = cast.client("office-3715")
        client.get("/reports/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/reports/").status_code == 200
        return len(queries)

    opened(cast, kind)
    few = cost()
    for year in range(2001, 2020):
        source = Report.objects.get(period="2020")
        source.pk, source.period = None, str(year)
        source.public_id = __import__("uuid").uuid4()
        source.save()
    assert cost() == few <= 12
