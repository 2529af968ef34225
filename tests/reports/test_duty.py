"""The duty that asks for the yearly report stands as the report stands."""

from datetime import date

import pytest

from responsibility.common import clock
from responsibility.deadlines.models import Deadline
from responsibility.duties.models import Assignment
from responsibility.progress.services import entries
from responsibility.reports.models import ReportKind
from responsibility.reports.services import review
from tests.cast import Cast
from tests.reports.test_services import handed_in, kind, opened

__all__ = ["kind"]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


def stands(cast: Cast, code: str = "371525") -> tuple[str, set[str]]:
    row = Assignment.objects.get(body=cast.main(code), duty__key="a11-6", year=2020)
    found = Deadline.objects.filter(subject_type="duties.assignment", subject_id=row.public_id)
    return row.status, set(found.values_list("status", flat=True))


def test_nothing_is_logged_twice(cast: Cast, kind: ReportKind) -> None:
    office = cast.user("office-3715")
    assert stands(cast) == ("not_started", {"open"})
    opened(cast, kind)
    assert stands(cast) == ("in_progress", {"open"})
    report = handed_in(cast, kind)
    assert stands(cast) == ("submitted", {"paused"})
    report = review.return_report(by=office, report=report, remarks={"plan": "写具体"})
    assert stands(cast) == ("returned", {"open"})
    assert stands(cast, "371502") == ("not_started", {"open"})


def test_passed_settles_it_and_a_later_draft_does_not_undo_that(
    cast: Cast, kind: ReportKind
) -> None:
    office = cast.user("office-3715")
    report = review.pass_report(by=office, report=handed_in(cast, kind))
    assert stands(cast) == ("done", {"met"})
    row = Assignment.objects.select_related("duty").get(
        body=cast.main("371525"), duty__key="a11-6", year=2020
    )
    entries.refresh_status(row)
    review.archive(by=office, report=report)
    assert stands(cast) == ("done", {"met"})
