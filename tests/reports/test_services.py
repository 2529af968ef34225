"""A report fills itself, goes up, comes back item by item, is archived and corrected."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing, Stale
from responsibility.divisions.models import BodyKind
from responsibility.divisions.services import bodies
from responsibility.duties.models import Duty
from responsibility.duties.services import assigning
from responsibility.figures.models import Indicator
from responsibility.figures.services.ledger import set_values
from responsibility.reports.models import Report, ReportKind, ReportSnapshot
from responsibility.reports.services import filling, review
from responsibility.reports.services.kinds import import_kinds
from tests.cast import Cast
from tests.shipped import load_rulebook

DATA = Path(__file__).parents[2] / "data"
TEXTS = {
    "organisation": "成立领导小组。",
    "measures": "走访到户。",
    "problems": "无",
    "plan": "继续。",
}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


@pytest.fixture
def kind(cast: Cast) -> ReportKind:
    bodies.import_body_kinds(path=DATA / "body-kinds.yaml")
    load_rulebook(cast.programme)
    assigning.assign_year(year=2020)
    import_kinds(path=DATA / "report-kinds.yaml", programme=cast.programme)
    assert import_kinds(path=DATA / "report-kinds.yaml", programme=cast.programme) == 0
    return ReportKind.objects.get(key="county-yearly")


def village_says(cast: Cast, code: str, value: int) -> None:
    set_values(
        by=cast.user(f"recorder-{code}"),
        body=cast.main(code),
        period="2020",
        values={Indicator.objects.get(key="i-poor-households"): Decimal(value)},
        source=cast.main(code),
    )


def opened(cast: Cast, kind: ReportKind, code: str = "371525") -> Report:
    return filling.open_report(
        by=cast.user(f"recorder-{code}"), kind=kind, body=cast.main(code), period="2020"
    )


def handed_in(cast: Cast, kind: ReportKind) -> Report:
    user = cast.user("recorder-371525")
    report = opened(cast, kind)
    filling.save_texts(by=user, report=report, texts=TEXTS)
    report = filling.hand_in(by=user, report=report)
    return filling.approve(by=cast.user("secretary-371525"), report=report, agree=True)


def households(report: Report) -> Decimal | None:
    return report.cells.get(definition__indicator__key="i-poor-households").value


def test_it_fills_itself_and_a_late_number_updates_the_draft_only(
    cast: Cast, kind: ReportKind
) -> None:
    village_says(cast, "371525001001", 12)
    report = opened(cast, kind)
    assert households(report) == 12
    village_says(cast, "371525001001", 15)
    filling.collect(by=cast.user("recorder-371525"), report=report)
    assert households(report) == 15
    report = handed_in(cast, kind)
    village_says(cast, "371525001001", 99)
    with pytest.raises(Conflict):
        filling.collect(by=cast.user("recorder-371525"), report=report)
    assert households(report) == 15


def test_the_principal_approves_before_it_goes_up(cast: Cast, kind: ReportKind) -> None:
    user = cast.user("recorder-371525")
    report = opened(cast, kind)
    with pytest.raises(Invalid, match="还没有写"):
        filling.hand_in(by=user, report=report)
    filling.save_texts(by=user, report=report, texts=TEXTS)
    report = filling.hand_in(by=user, report=report)
    assert report.status == "awaiting_approval"
    with pytest.raises(Forbidden, match="书记或行政正职"):
        filling.approve(by=user, report=report, agree=True)
    with pytest.raises(Missing):
        filling.approve(by=cast.user("secretary-371502"), report=report, agree=True)
    report = filling.approve(by=cast.user("head-371525"), report=report, agree=True)
    assert report.status == "submitted"
    assert report.reviewing_division_id == cast.place("3715").pk


def test_returned_item_by_item_passed_and_archived(cast: Cast, kind: ReportKind) -> None:
    user, office = cast.user("recorder-371525"), cast.user("office-3715")
    report = handed_in(cast, kind)
    report = review.return_report(by=office, report=report, remarks={"measures": "写具体数字"})
    report = filling.save_texts(
        by=user, report=report, texts={"measures": "走访 12 户。", "plan": "偷偷改"}
    )
    assert report.texts.get(section__key="plan").text == "继续。"
    report = filling.hand_in(by=user, report=report, answers={"measures": "已补"})
    report = filling.approve(by=cast.user("secretary-371525"), report=report, agree=True)
    remark = report.remarks.get()
    assert (remark.new_value, remark.answer) == ("走访 12 户。", "已补")
    report = review.pass_report(by=office, report=report)
    with pytest.raises(Forbidden):
        review.archive(by=user, report=report)
    report = review.archive(by=office, report=report)
    assert report.status == "archived"
    frozen = ReportSnapshot.objects.get(report_id=report.pk, stage="archived")
    assert frozen.content["division"] == "冠县"
    assert frozen.digest == report.content_hash


def test_a_snapshot_never_changes(cast: Cast, kind: ReportKind) -> None:
    report = handed_in(cast, kind)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReportSnapshot.objects.filter(report_id=report.pk).update(digest="0" * 64)


def test_two_reviewers_at_once(cast: Cast, kind: ReportKind) -> None:
    report = handed_in(cast, kind)
    seen = report.revision
    review.pass_report(by=cast.user("office-3715"), report=report, revision=seen)
    with pytest.raises(Stale):
        review.return_report(
            by=cast.user("reviewer-3715"), report=report, remarks={"plan": "改"}, revision=seen
        )


def test_an_archived_report_is_corrected_by_a_slip(cast: Cast, kind: ReportKind) -> None:
    user, office = cast.user("recorder-371525"), cast.user("office-3715")
    report = review.archive(
        by=office, report=review.pass_report(by=office, report=handed_in(cast, kind))
    )
    slip = review.request_slip(
        by=user, report=report, item="plan", new_value="再加一条。", reason="漏写"
    )
    with pytest.raises(Forbidden):
        review.decide_slip(by=user, slip=slip, approve=True)
    review.decide_slip(by=office, slip=slip, approve=True)
    archived = ReportSnapshot.objects.get(report_id=report.pk, stage="archived")
    assert archived.content["texts"]["plan"] == "继续。"
    assert report.texts.get(section__key="plan").text == "再加一条。"


def test_a_zone_reports_only_after_the_extension(cast: Cast, kind: ReportKind) -> None:
    with pytest.raises(Conflict, match="未列明"):
        opened(cast, kind, "3715Z3")
    assigning.extend_to_zones(
        duty=Duty.objects.get(key="a11-6"), basis="参照县级", by=cast.user("office-3715")
    )
    assert opened(cast, kind, "3715Z3").status == "draft"
    assert BodyKind.objects.get(key="zone.main") in kind.submitters.all()


def test_another_county_is_unknown(cast: Cast, kind: ReportKind) -> None:
    with pytest.raises(Missing):
        filling.open_report(
            by=cast.user("recorder-371502"), kind=kind, body=cast.main("371525"), period="2020"
        )
