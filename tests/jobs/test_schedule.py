"""The schedule on the system administrator's page: last, next, by hand, for a past day."""

from datetime import date
from typing import Any

import pytest
from pytest_django import Settings

from responsibility.audit import services as audit
from responsibility.audit.models import Event
from responsibility.audit.verifying import Problem, Result
from responsibility.common import clock, daily
from responsibility.divisions.models import DivisionVersion
from responsibility.divisions.services import chains
from responsibility.jobs import runs, schedule
from responsibility.jobs.models import DeadLetter, Run
from responsibility.outbox.models import Notice
from tests.cast import Cast


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []
    for module in (schedule, runs):
        monkeypatch.setattr(module, "enqueue", lambda *call: calls.append(call))
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))
    return calls


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, date]]:
    """Two dated jobs instead of all; the second one fails."""
    ran: list[tuple[str, date]] = []

    def fail(day: date) -> None:
        raise ValueError("坏了")

    jobs = {
        "a": daily.Job(1, "a", lambda day: ran.append(("a", day))),
        "b": daily.Job(2, "b", fail),
        "c": daily.Job(3, "c", lambda day: ran.append(("c", day))),
    }
    monkeypatch.setattr(daily, "_jobs", jobs)
    return ran


def test_the_page_shows_last_and_next_of_every_entry(cast: Cast, settings: Settings) -> None:
    schedule.note("audit.verify", ok=False, seconds=3.25)
    text = cast.client("system-3715").get("/system/").content.decode()
    for key in settings.CELERY_BEAT_SCHEDULE:
        assert f'value="{key}"' in text
    for words in ("每天 02:40", "每 60 秒", "没有办成", "用时 3.3 秒"):
        assert words in text
    found = {item.task: item for item in schedule.entries()}
    assert found["audit.verify"].next is not None
    assert found["audit.verify"].next > clock.now()
    assert {item.words for item in found.values()}.isdisjoint(found), "every task has its words"


def test_a_task_is_run_by_hand(cast: Cast, sent: list[tuple[Any, ...]]) -> None:
    client = cast.client("system-3715")
    assert client.post("/system/schedule/", {"key": "proof"}).status_code == 302
    assert sent == [("audit.verify",)]
    assert Event.objects.filter(verb="jobs.run_now").count() == 1
    assert client.post("/system/schedule/", {"key": "rm"}).status_code == 400
    assert client.get("/system/schedule/").status_code == 405


def test_a_past_day_is_run_again_in_order(
    cast: Cast, sent: list[tuple[Any, ...]], days: list[tuple[str, date]]
) -> None:
    client = cast.client("system-3715")
    answer = client.post("/system/replay/", {"day": "2020-03-02", "job": "all"})
    run = Run.objects.get()
    assert answer.url == f"/runs/{run.public_id}/"
    runs.execute(run.pk, schedule.work_day)
    run.refresh_from_db()
    assert days == [("a", date(2020, 3, 2)), ("c", date(2020, 3, 2))]
    assert (run.status, run.done, run.total) == ("done", 3, 3)
    assert [line["done"] for line in run.receipt] == [True, False, True]
    assert "坏了" in run.receipt[1]["why"]


@pytest.mark.parametrize(
    ("day", "job"),
    [("2020-12-18", "all"), ("1999-01-01", "all"), ("昨天", "all"), ("2020-03-02", "x"), ("", "")],
)
def test_bad_days_are_refused_and_kept(
    cast: Cast, sent: list[tuple[Any, ...]], day: str, job: str
) -> None:
    answer = cast.client("system-3715").post("/system/replay/", {"day": day, "job": job})
    assert answer.status_code == 400
    assert f'value="{day}"' in answer.content.decode()
    assert not Run.objects.exists()


@pytest.mark.parametrize("name", ["office-3715", "security-3715", "audit-3715"])
def test_only_the_system_administrator(cast: Cast, name: str) -> None:
    client = cast.client(name)
    assert client.post("/system/schedule/", {"key": "proof"}).status_code == 403
    assert client.post("/system/replay/", {"day": "2020-03-02", "job": "all"}).status_code == 403


def test_a_broken_chain_is_told_to_the_two_administrators_once_a_day(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = Problem("changed", 3, None, "第 3 环被改过")
    monkeypatch.setattr(audit.verifying, "verify", lambda: Result(3, 1, 1, problem))
    audit.prove()
    audit.prove()
    told = Notice.objects.filter(title="操作记录核验不通过")
    assert sorted(told.values_list("user__username", flat=True)) == ["audit-3715", "system-3715"]
    assert told[0].level == "red"


def test_histories_without_gaps_are_silent(cast: Cast) -> None:
    assert chains.check_versions() == 0
    assert not DeadLetter.objects.exists()


def test_a_gap_in_a_history_is_one_dead_letter(cast: Cast) -> None:
    place = cast.place("371525001")
    row = DivisionVersion.objects.get(division=place)
    row.validity = (date(2020, 2, 1), None)
    row.save()
    DivisionVersion.objects.create(
        division=place,
        validity=(date(2015, 1, 1), date(2020, 1, 1)),
        code=row.code,
        name=row.name,
        tier=row.tier,
        kind=row.kind,
        parent=row.parent,
    )
    DivisionVersion.objects.filter(division=cast.place("371502001")).update(name="旧名")
    assert chains.check_versions() == 2
    assert chains.check_versions() == 2
    letter = DeadLetter.objects.get()
    assert "371525001000：两段沿革之间缺了一段（从 2020-01-01 起）" in letter.error
    assert "371502001000" in letter.error
