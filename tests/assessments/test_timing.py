"""Deadlines of a run come from rules in force, each with its basis."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from responsibility.assessments.models import Rectification
from responsibility.assessments.rules.running import Stage
from responsibility.assessments.services import filling, freezing, mending, running
from responsibility.common import clock
from responsibility.deadlines.models import Deadline
from responsibility.deadlines.services.catalogue import import_rules
from tests.assessments import maker
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Return the day that can be moved."""
    day = [date(2020, 11, 23)]  # a Monday
    monkeypatch.setattr(clock, "today", lambda: day[0])
    return day


@pytest.fixture(autouse=True)
def _rules(db: None) -> None:
    import_rules(path=Path(settings.SHIPPED_DATA) / "deadline-rules.yaml", by=None)


def statuses(rule: str) -> list[str]:
    rows = Deadline.objects.filter(rule_key=rule).order_by("division__sort_key")
    return list(rows.values_list("status", flat=True))


def test_self_assessment_is_owed_in_ten_working_days(cast: Cast, today: list[date]) -> None:
    run = maker.to(cast, maker.opened(cast), Stage.COLLECTING, Stage.SELF)
    rows = Deadline.objects.filter(rule_key="assess-self")
    assert {row.due_on for row in rows} == {date(2020, 12, 7)}
    assert rows.count() == run.subjects.count()


def test_handing_in_ends_it_and_taking_back_opens_it(cast: Cast, today: list[date]) -> None:
    run = maker.assessed(cast, maker.opened(cast))
    unit = maker.subject(run, "冠县")
    key = Deadline.objects.get(subject_id=unit.public_id)
    assert key.status == "met"
    filling.withdraw(by=cast.user("reviewer-371525"), subject=unit)
    key.refresh_from_db()
    assert key.status == "open"
    maker.to(cast, run, Stage.VERIFYING)
    key.refresh_from_db()
    assert key.status == "closed"


def test_a_void_run_owes_nothing(cast: Cast, today: list[date]) -> None:
    run = maker.to(cast, maker.opened(cast), Stage.COLLECTING, Stage.SELF)
    running.void(by=cast.user("office-3715"), run=run, reason="方案有误")
    assert set(statuses("assess-self")) == {"cancelled"}


def test_appeal_and_mending_have_their_dates_from_the_rules(cast: Cast, today: list[date]) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    assert run.appeal_due == date(2020, 11, 30)
    assert "5 个工作日" in run.appeal_basis
    today[0] = date(2020, 12, 1)
    freezing.freeze(by=cast.user("office-3715"), run=run)
    row = Rectification.objects.filter(subject__run=run).order_by("id")[0]
    owed = Deadline.objects.get(subject_id=row.public_id)
    assert row.due_on == owed.due_on == date(2021, 2, 1)  # 60 days on is a Saturday
    assert "60 天" in row.due_basis


def test_the_clock_of_mending_stops_at_the_office(cast: Cast, today: list[date]) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    today[0] = date(2020, 12, 1)
    freezing.freeze(by=cast.user("office-3715"), run=run)
    row = Rectification.objects.get(subject__run=run, leaf="net")
    owed = Deadline.objects.get(subject_id=row.public_id)
    mending.report(by=cast.user("recorder-371502"), row=row, text="已补")
    owed.refresh_from_db()
    assert owed.status == "paused"
    today[0] += timedelta(days=6)
    office = cast.user("office-3715")
    row = mending.decide(by=office, row=row, closed=False, answer="请补充材料")
    assert row.due_on == date(2021, 2, 7)
    mending.report(by=cast.user("recorder-371502"), row=row, text="已补充")
    mending.decide(by=office, row=row, closed=True, answer="属实")
    owed.refresh_from_db()
    assert owed.status == "met"
