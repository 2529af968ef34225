"""Pause and resume, settle, close, reopen."""

from datetime import date

import pytest

from responsibility.common.errors import Invalid
from responsibility.deadlines import services
from responsibility.deadlines.models import Deadline
from responsibility.outbox.models import Notice
from tests.cast import Cast
from tests.deadlines.helpers import LABEL, again, make_deadline, make_rule


@pytest.fixture
def row(cast: Cast) -> Deadline:
    make_rule()
    return make_deadline(cast)


def test_pause_stops_the_clock_and_resume_moves_the_date(row: Deadline):
    assert (
        services.pause(label=LABEL, subject_ids=[row.subject_id], by=None, on=date(2020, 12, 20))
        == 1
    )
    paused = again(row)
    assert (paused.status, paused.next_action_on) == ("paused", None)
    assert services.sweep(today=date(2021, 6, 1)).claimed == 0
    services.resume(label=LABEL, subject_ids=[row.subject_id], by=None, on=date(2020, 12, 30))
    after = again(row)
    assert (after.status, after.due_on, after.base_due_on, after.paused_days) == (
        "open",
        date(2021, 1, 10),
        date(2020, 12, 31),
        10,
    )
    assert after.next_action_on == date(2021, 1, 3)


def test_lateness_before_a_pause_stays(row: Deadline):
    services.pause(label=LABEL, subject_ids=[row.subject_id], by=None, on=date(2021, 1, 4))
    services.resume(label=LABEL, subject_ids=[row.subject_id], by=None, on=date(2021, 1, 20))
    assert again(row).days_left(date(2021, 1, 20)) == "逾期 4 天"
    assert again(row).colour == "yellow"


def test_what_was_handed_in_on_time_is_met_though_passed_late(row: Deadline):
    services.pause(label=LABEL, subject_ids=[row.subject_id], by=None, on=date(2020, 12, 30))
    services.settle(label=LABEL, subject_ids=[row.subject_id], by=None)
    done = again(row)
    assert (done.status, done.settled_on, done.paused_since) == ("met", date(2020, 12, 30), None)


def test_late_is_said_to_be_late(row: Deadline):
    services.settle(label=LABEL, subject_ids=[row.subject_id], by=None, on=date(2021, 1, 1))
    assert again(row).status == "missed_met"


def test_only_the_named_period_and_rule(cast: Cast, row: Deadline):
    make_rule("other")
    sibling = make_deadline(cast, subject_id=row.subject_id, period="2020Q3")
    third = make_deadline(cast, subject_id=row.subject_id, rule="other", period="2020")
    chosen = {"label": LABEL, "subject_ids": [row.subject_id], "by": None}
    assert services.settle(**chosen, period="2020Q4") == 1  # type: ignore[arg-type]
    assert services.settle(**chosen, rule="other") == 1  # type: ignore[arg-type]
    assert [again(item).is_living for item in (row, sibling, third)] == [False, True, False]


def test_closing_needs_a_reason_and_reopening_brings_it_back(row: Deadline):
    chosen = {"label": LABEL, "subject_ids": [row.subject_id], "by": None}
    with pytest.raises(Invalid):
        services.cancel(**chosen, reason=" ")  # type: ignore[arg-type]
    services.cancel(**chosen, reason="认定为不适用")  # type: ignore[arg-type]
    assert (again(row).status, again(row).close_reason) == ("cancelled", "认定为不适用")
    assert services.pause(**chosen) == 0, "ended deadlines do not move"  # type: ignore[arg-type]
    services.reopen(**chosen, reason="认定撤销")  # type: ignore[arg-type]
    assert (again(row).status, again(row).next_action_on) == ("open", date(2020, 12, 24))


def test_handing_in_takes_red_out_of_the_digest_and_return_puts_it_back(cast: Cast, row: Deadline):
    services.sweep(today=date(2021, 2, 1))
    red = Notice.objects.filter(source=row.source, level="red")
    assert red.filter(settled_at=None).exists()
    chosen = {"label": LABEL, "subject_ids": [row.subject_id], "by": None}
    services.pause(**chosen, on=date(2021, 2, 2))  # type: ignore[arg-type]
    assert not red.filter(settled_at=None).exists()
    services.resume(**chosen, on=date(2021, 2, 5))  # type: ignore[arg-type]
    assert not red.filter(settled_at__isnull=False).exists()
