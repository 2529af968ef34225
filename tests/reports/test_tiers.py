"""A kind states its tiers: each reviews, passes on or returns; an unstaffed one is skipped."""

from datetime import date

import pytest

from responsibility.common import clock
from responsibility.common.errors import Forbidden
from responsibility.divisions.models import BodyKind
from responsibility.flow import reviewing
from responsibility.flow.rules import place_after
from responsibility.postings.models import Posting
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.services import filling, review
from tests.cast import Cast
from tests.reports.test_services import TEXTS, kind, opened

__all__ = ["kind"]
VILLAGE, TOWNSHIP, COUNTY = "371525001001", "371525001", "371525"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


@pytest.fixture
def report(cast: Cast, kind: ReportKind) -> Report:
    """Return a village's report of a kind that goes through township, county and city."""
    kind.tiers = ["city", "township", "county"]
    kind.needs_approval, kind.duty = False, None
    kind.save()
    kind.submitters.add(BodyKind.objects.get(key="village.committees"))
    return sent(cast, opened(cast, kind, VILLAGE), TEXTS)


def sent(cast: Cast, report: Report, texts: dict[str, str]) -> Report:
    user = cast.user(f"recorder-{VILLAGE}")
    filling.save_texts(by=user, report=report, texts=texts)
    return filling.hand_in(by=user, report=report)


def at(cast: Cast, report: Report) -> str:
    places = {place.pk: code.rstrip("0") for code, place in cast.places.items()}
    return places[report.reviewing_division_id or 0]


def test_each_tier_passes_it_on(cast: Cast, report: Report) -> None:
    assert at(cast, report) == TOWNSHIP
    with pytest.raises(Forbidden):
        review.pass_report(by=cast.user("reviewer-3715"), report=report)
    report = review.pass_report(by=cast.user(f"reviewer-{TOWNSHIP}"), report=report)
    assert (report.status, at(cast, report), report.reviewer) == ("submitted", COUNTY, None)
    with pytest.raises(Forbidden):
        review.pass_report(by=cast.user(f"reviewer-{TOWNSHIP}"), report=report)
    report = review.pass_report(by=cast.user(f"reviewer-{COUNTY}"), report=report)
    assert (report.status, at(cast, report)) == ("submitted", "3715")
    report = review.pass_report(by=cast.user("reviewer-3715"), report=report)
    assert (report.status, report.reviewer) == ("passed", cast.user("reviewer-3715"))
    acts = list(report.steps.order_by("id").values_list("action", flat=True))
    assert acts == ["submit", "forward", "forward", "pass"]
    page = cast.client(f"recorder-{VILLAGE}").get(f"/reports/{report.public_id}/")
    assert page.content.decode().count("通过，转上一级审核") == 2


def test_returned_from_above_it_goes_through_all_again(cast: Cast, report: Report) -> None:
    report = review.pass_report(by=cast.user(f"reviewer-{TOWNSHIP}"), report=report)
    report = review.return_report(
        by=cast.user(f"reviewer-{COUNTY}"), report=report, remarks={"plan": "写清时间。"}
    )
    assert report.status == "returned"
    report = sent(cast, report, {"plan": "六月。", "measures": "不许改"})
    assert at(cast, report) == TOWNSHIP
    assert report.texts.get(section__key="measures").text == TEXTS["measures"]


def test_an_unstaffed_tier_is_skipped(cast: Cast, report: Report) -> None:
    county = cast.place(COUNTY)
    Posting.objects.filter(division=county, role__in=reviewing.REVIEWERS).update(
        validity=(date(2015, 1, 1), date(2016, 1, 1))
    )
    report = review.pass_report(by=cast.user(f"reviewer-{TOWNSHIP}"), report=report)
    assert at(cast, report) == "3715"


def test_without_tiers_one_above_reviews(cast: Cast, kind: ReportKind) -> None:
    body = cast.main(TOWNSHIP)
    assert reviewing.reviewing_chain(body, []) == [cast.place(COUNTY).pk]
    assert reviewing.reviewing_chain(body, ["city"]) == [cast.place("3715").pk]


@pytest.mark.parametrize(
    ("chain", "current", "wanted"),
    [([3, 1], 3, 1), ([3, 2, 1], 3, 2), ([1, 2, 3], 1, None), ([2], 2, None), ([1], 9, None)],
)
def test_place_after(chain: list[int], current: int, wanted: int | None) -> None:
    assert place_after([3, 2, 1], chain, current) == wanted
