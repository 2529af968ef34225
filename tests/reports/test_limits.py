"""What stays shut: what was not returned, other periods, other years, other people's slips."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from responsibility.common import clock
from responsibility.common.errors import Conflict, Invalid, Stale
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.services import filling, review
from tests.cast import Cast
from tests.reports.test_services import handed_in, households, kind, opened, village_says

__all__ = ["kind"]
FIGURE = "figure:i-poor-households"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


def returned(cast: Cast, kind: ReportKind, item: str = "plan") -> Report:
    village_says(cast, "371525001001", 12)
    report = handed_in(cast, kind)
    return review.return_report(by=cast.user("office-3715"), report=report, remarks={item: "改"})


def test_figures_that_were_not_returned_stay(cast: Cast, kind: ReportKind) -> None:
    report = returned(cast, kind)
    village_says(cast, "371525001001", 99)
    with pytest.raises(Conflict, match="没有被退回"):
        filling.collect(by=cast.user("recorder-371525"), report=report)
    assert households(report) == 12


def test_a_returned_figure_is_taken_anew_alone(cast: Cast, kind: ReportKind) -> None:
    report = returned(cast, kind, FIGURE)
    other = report.cells.exclude(definition__indicator__key="i-poor-households").first()
    assert other is not None
    report.cells.filter(pk=other.pk).update(value=Decimal(7))
    village_says(cast, "371525001001", 99)
    filling.collect(by=cast.user("recorder-371525"), report=report)
    assert households(report) == 99
    assert report.cells.get(pk=other.pk).value == 7


@pytest.mark.parametrize("how", ["decline", "withdraw"])
def test_going_back_before_the_review_opens_nothing_more(
    cast: Cast, kind: ReportKind, how: str
) -> None:
    user = cast.user("recorder-371525")
    report = returned(cast, kind)
    filling.save_texts(by=user, report=report, texts={"plan": "改了"})
    report = filling.hand_in(by=user, report=report, answers={"plan": "已改"})
    if how == "decline":
        boss = cast.user("secretary-371525")
        report = filling.approve(by=boss, report=report, agree=False, reason="再改")
    else:
        report = filling.withdraw(by=user, report=report)
    filling.save_texts(by=user, report=report, texts={"measures": "偷偷改", "plan": "再改"})
    texts = dict(report.texts.values_list("section__key", "text"))
    assert (texts["measures"], texts["plan"]) == ("走访到户。", "再改")
    filling.hand_in(by=user, report=report)
    remark = report.remarks.get()
    assert (remark.new_value, remark.answer) == ("再改", "已改")


@pytest.mark.parametrize("period", ["2020H1", "2020Q4", "2020M11", "2018/2020", "2021", "2150"])
def test_only_years_that_have_begun(cast: Cast, kind: ReportKind, period: str) -> None:
    with pytest.raises(Invalid) as refusal:
        filling.open_report(
            by=cast.user("recorder-371525"), kind=kind, body=cast.main("371525"), period=period
        )
    assert refusal.value.where == "period"
    assert not Report.objects.exists()


def test_no_report_without_the_years_duty(cast: Cast, kind: ReportKind) -> None:
    for code in ("371525", "3715Z3"):
        with pytest.raises(Conflict, match="还没有落到"):
            filling.open_report(
                by=cast.user(f"recorder-{code}"), kind=kind, body=cast.main(code), period="2019"
            )


def test_each_approval_keeps_the_digest_of_what_was_approved(cast: Cast, kind: ReportKind) -> None:
    user, boss = cast.user("recorder-371525"), cast.user("secretary-371525")
    report = returned(cast, kind)
    first = report.content_hash
    filling.save_texts(by=user, report=report, texts={"plan": "改了"})
    report = filling.hand_in(by=user, report=report)
    report = filling.approve(by=boss, report=report, agree=True)
    steps = report.steps.filter(action="approve").order_by("id")
    assert list(steps.values_list("content_hash", flat=True)) == [first, report.content_hash]
    assert first != report.content_hash


def test_the_principal_approves_what_was_read(cast: Cast, kind: ReportKind) -> None:
    user, head = cast.user("recorder-371525"), cast.client("head-371525")
    report = opened(cast, kind)
    texts = dict.fromkeys(("organisation", "measures", "problems", "plan"), "甲")
    filling.save_texts(by=user, report=report, texts=texts)
    report = filling.hand_in(by=user, report=report)
    seen = report.revision
    assert f'name="revision" value="{seen}"' in head.get(f"/reports/{report.public_id}/").text
    report = filling.withdraw(by=user, report=report)
    filling.save_texts(by=user, report=report, texts={"plan": "乙"})
    report = filling.hand_in(by=user, report=report)
    act = reverse("report_act", args=[report.public_id])
    assert head.post(act, {"do": "approve", "revision": seen}).status_code == 409
    with pytest.raises(Stale):
        filling.approve(by=cast.user("head-371525"), report=report, agree=True, revision=seen)
    report.refresh_from_db()
    assert report.status == "awaiting_approval"
    assert head.post(act, {"do": "approve", "revision": report.revision}).status_code == 302


def test_only_the_body_itself_asks_for_a_correction(cast: Cast, kind: ReportKind) -> None:
    report = review.pass_report(by=cast.user("office-3715"), report=handed_in(cast, kind))
    page = reverse("report_correct", args=[report.public_id])
    expected = {"recorder-371525": 200, "reviewer-3715": 403, "recorder-371502": 404}
    for who, status in expected.items():
        assert cast.client(who).get(page).status_code == status, who


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("recorder-371525", "report"),
        ("office-3715", "report"),
        ("office-3715", "report_review"),
        ("office-3715", "report_print"),
    ],
)
def test_a_page_costs_at_most_twelve_statements(
    cast: Cast, kind: ReportKind, who: str, name: str
) -> None:
    report = handed_in(cast, kind)
    client, page = cast.client(who), reverse(name, args=[report.public_id])
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    assert len(queries) <= 12, [query["sql"][:200] for query in queries]
