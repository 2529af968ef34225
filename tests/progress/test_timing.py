"""Logging and reviewing stop, restart and settle the deadline of the same period."""

from datetime import date

import pytest

from responsibility.common import clock
from responsibility.deadlines import services as deadlines
from responsibility.deadlines.models import Deadline
from responsibility.duties.models import Assignment
from responsibility.progress.models import ProgressEntry
from responsibility.progress.services import entries, review
from responsibility.progress.services.entries import Content
from tests.cast import Cast
from tests.deadlines.helpers import make_rule
from tests.duties_maker import make_assignment

STREET = "371502011"
DAYS = {"today": date(2020, 12, 28)}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    DAYS["today"] = date(2020, 12, 28)
    monkeypatch.setattr(clock, "today", lambda: DAYS["today"])


@pytest.fixture
def assignment(cast: Cast) -> Assignment:
    make_rule()
    found = make_assignment(cast, STREET)
    deadlines.open_many(
        openings=[
            deadlines.Opening(
                "quarterly",
                "duties.assignment",
                found.public_id,
                found.duty.title,
                found.division_id,
                found.body_id,
                period,
            )
            for period in ("2020", "2020Q3")
        ],
        by=None,
    )
    return found


def submitted(cast: Cast, assignment: Assignment) -> ProgressEntry:
    user = cast.user(f"recorder-{STREET}")
    entry = entries.start(by=user, assignment=assignment)
    content = Content(text="走访 42 户。", done_on=date(2020, 12, 20))
    entries.save_draft(by=user, entry=entry, content=content)
    return entries.submit(by=user, entry=entry)


def states() -> dict[str, str]:
    return dict(Deadline.objects.values_list("period", "status"))


def test_handed_in_on_time_and_passed_late_is_met(cast: Cast, assignment: Assignment):
    entry = submitted(cast, assignment)
    assert states() == {"2020": "paused", "2020Q3": "open"}
    DAYS["today"] = date(2021, 1, 15)
    review.pass_entry(by=cast.user("reviewer-3715Z3"), entry=entry)
    row = Deadline.objects.get(period="2020")
    assert (row.status, row.settled_on) == ("met", date(2020, 12, 28))


def test_returned_runs_on_with_the_days_of_review_added(cast: Cast, assignment: Assignment):
    entry = submitted(cast, assignment)
    DAYS["today"] = date(2021, 1, 7)
    review.return_entry(by=cast.user("reviewer-3715Z3"), entry=entry, reason="请写清户数")
    row = Deadline.objects.get(period="2020")
    assert (row.status, row.due_on, row.paused_days) == ("open", date(2021, 1, 10), 10)
    assignment.refresh_from_db()
    assert assignment.due_on == date(2021, 1, 10)


def test_withdrawn_runs_on(cast: Cast, assignment: Assignment):
    entry = submitted(cast, assignment)
    entries.withdraw(by=cast.user(f"recorder-{STREET}"), entry=entry)
    assert states()["2020"] == "open"


def test_a_second_entry_under_review_keeps_the_clock_stopped(cast: Cast, assignment: Assignment):
    submitted(cast, assignment)
    second = submitted(cast, assignment)
    review.return_entry(by=cast.user("reviewer-3715Z3"), entry=second, reason="重复")
    assert states()["2020"] == "paused"
