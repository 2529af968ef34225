"""Reviewing: rounds side by side, the office's usual remarks, clean reports passed together."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from responsibility.common import clock
from responsibility.common.errors import Forbidden, Invalid
from responsibility.reports.models import CannedRemark, Report, ReportKind
from responsibility.reports.services import canned, filling, review, rounds
from tests.cast import Cast
from tests.reports.test_services import handed_in, kind

__all__ = ["kind"]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


@pytest.fixture
def report(cast: Cast, kind: ReportKind) -> Report:
    return handed_in(cast, kind)


def again(cast: Cast, report: Report, **texts: str) -> Report:
    """Answer, hand in and approve a returned report."""
    user = cast.user("recorder-371525")
    filling.save_texts(by=user, report=report, texts=texts)
    report = filling.hand_in(by=user, report=report, answers={"plan": "已补时间。"})
    return filling.approve(by=cast.user("secretary-371525"), report=report, agree=True)


def look(report: Report) -> str:
    return reverse("report_review", args=[report.public_id])


def test_the_second_review_shows_each_round(cast: Cast, report: Report) -> None:
    office = cast.user("office-3715")
    report = review.return_report(
        by=office, report=report, remarks={"plan": "写清时间。", "measures": "写具体做法。"}
    )
    report = again(cast, report, plan="六月前完成。")
    report = review.return_report(by=office, report=report, remarks={"measures": "仍不具体。"})
    report = again(cast, report, measures="走访到户 1200 户。")
    labels = {"measures": "做法", "plan": "打算"}
    found = rounds.rounds_of(report, labels)
    assert [(r.number, [(x.item, x.changed) for x in r.lines]) for r in found] == [
        (2, [("measures", True)]),
        (1, [("measures", False), ("plan", True)]),
    ]
    page = cast.client("office-3715").get(look(report)).content.decode()
    for words in ("第 2 轮", "第 1 轮", "六月前完成。", "已补时间。", "继续。", "没有改动"):
        assert words in page


def test_what_changed_without_a_remark_is_told(cast: Cast, report: Report) -> None:
    office = cast.user("office-3715")
    report = review.return_report(by=office, report=report, remarks={"plan": "写清时间。"})
    report.texts.filter(section__key="problems").update(text="另有变化")
    report = again(cast, report, plan="六月前完成。")
    labels = {"plan": "打算", "problems": "问题"}
    changes = rounds.also_changed(report, labels, {"plan"})
    assert [(c.label, c.old, c.new) for c in changes] == [("问题", "无", "另有变化")]
    assert "另有变化" in cast.client("office-3715").get(look(report)).content.decode()


def test_a_refused_verdict_keeps_what_was_typed(cast: Cast, report: Report) -> None:
    answer = cast.client("office-3715").post(
        look(report), {"do": "pass", "remark:plan": "缺时间", "verdict:plan": "return"}
    )
    assert answer.status_code == 400
    assert 'value="缺时间"' in answer.content.decode()


def test_the_office_keeps_its_own_remarks(cast: Cast, report: Report) -> None:
    office, client = cast.user("office-3715"), cast.client("office-3715")
    city = cast.places["371500000000"]
    assert canned.texts_for(city.pk) == list(canned.FIRST)
    address = reverse("report_canned")
    assert client.get(address).status_code == 200
    assert (
        client.post(address, {"texts": "请附文件。\n\n请附文件。\n请核对户数。"}).status_code == 302
    )
    assert canned.texts_for(city.pk) == ["请附文件。", "请核对户数。"]
    assert "请附文件。" in client.get(look(report)).content.decode()
    canned.save(by=office, division=city, texts=["请核对户数。", "新意见。"])
    assert canned.texts_for(city.pk) == ["请核对户数。", "新意见。"]
    assert CannedRemark.objects.exclude(voided_at=None).get().text == "请附文件。"
    wrong = client.post(address, {"texts": "长" * 101})
    assert wrong.status_code == 400
    assert "第 1 条超过 100 字" in wrong.content.decode()
    with pytest.raises(Invalid, match="最多 20 条"):
        canned.save(by=office, division=city, texts=[str(n) for n in range(21)])
    with pytest.raises(Forbidden):
        canned.save(by=cast.user("recorder-371525"), division=city, texts=["x"])
    assert cast.client("recorder-371525").get(address).status_code == 403
    stranger = client.post(address, {"division": str(report.public_id), "texts": "x"})
    assert stranger.status_code == 404


def test_clean_ones_pass_together_and_the_others_are_named(cast: Cast, report: Report) -> None:
    client, address = cast.client("office-3715"), reverse("report_queue")
    page = client.get(address).content.decode()
    assert report.kind.title in page
    chosen = {"report": [str(report.public_id), "no-id"]}
    refused = client.post(address, chosen)
    assert "有的数据没有数，请单独审核" in refused.content.decode()
    report.cells.update(value=3)
    report.flags = ["户数比上年变动超过三成"]
    report.save()
    assert "有系统提醒" in client.post(address, chosen).content.decode()
    report.flags = []
    report.save()
    assert client.post(address, chosen).status_code == 302
    report.refresh_from_db()
    assert (report.status, report.reviewer) == ("passed", cast.user("office-3715"))
    assert cast.client("recorder-371525").get(address).status_code == 403


def test_the_queue_costs_the_same_for_more(cast: Cast, report: Report) -> None:
    client = cast.client("office-3715")
    counts = []
    for number in (0, 5):
        for place in range(number):
            row = Report(
                kind=report.kind,
                body=report.body,
                period=f"201{place}",
                recorder=report.recorder,
                status="submitted",
                reviewing_division_id=report.reviewing_division_id,
                content_hash="x",
            )
            row.place(report.division)
            row.save()
        client.get(reverse("report_queue"))
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(reverse("report_queue")).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1] <= 12
