"""The machine room's page: who may see it, what it shows, what can be done there."""

import time
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from responsibility.audit.models import Event
from responsibility.jobs import heartbeats, services
from responsibility.jobs.models import DeadLetter, Run
from responsibility.jobs.rules import heartbeat_state
from tests.cast import Cast


def letter(task: str = "figures.check_rollups", *arguments: Any) -> DeadLetter:
    return services.bury(task=task, arguments=list(arguments), error=ValueError("no such row"))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was enqueued, instead of a worker."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(services, "enqueue", lambda *call: calls.append(call))
    return calls


@pytest.mark.parametrize("name", ["office-3715", "recorder-371502011", "security-3715"])
def test_only_the_system_administrator_sees_it(cast: Cast, name: str) -> None:
    kept = letter()
    client = cast.client(name)
    assert client.get("/system/").status_code == 403
    for act in ("retry", "settle"):
        path = f"/system/letters/{kept.public_id}/{act}/"
        assert client.post(path, {"handling": "x"}).status_code == 403
    kept.refresh_from_db()
    assert kept.handled_at is None


def test_it_shows_signs_letters_runs_and_the_menu_leads_to_it(cast: Cast) -> None:
    letter("outbox.deliver", 7)
    Run.objects.create(kind="export", title="责任清单导出", status="running", done=3, total=9)
    heartbeats.record("worker")
    heartbeats.client().set("heartbeat:beat", f"{time.time() - 600:.0f}")
    text = cast.client("system-3715").get("/system/").content.decode()
    for words in ("outbox.deliver", "ValueError: no such row", "责任清单导出", "3/9", "正常"):
        assert words in text
    assert "已 10 分钟没有信号" in text
    assert 'href="/system/"' in text


def test_it_stands_without_redis(cast: Cast, settings: Settings) -> None:
    client = cast.client("system-3715")
    client.get("/system/")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "连接不上" in client.get("/system/").content.decode()


def test_costs_the_same_for_2_and_20(cast: Cast) -> None:
    client = cast.client("system-3715")
    counts = []
    for more in (2, 18):
        for number in range(more):
            letter("outbox.deliver", uuid4())
            Run.objects.create(kind="x", title=f"任务{number}", started_by=cast.user("office-3715"))
        client.get("/system/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/system/")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12


def test_a_letter_is_run_again_once(cast: Cast, sent: list[tuple[Any, ...]]) -> None:
    kept = letter("outbox.deliver", 7)
    client = cast.client("system-3715")
    path = f"/system/letters/{kept.public_id}/retry/"
    assert client.post(path).status_code == 302
    assert client.post(path).status_code == 409
    assert sent == [("outbox.deliver", 7)]
    kept.refresh_from_db()
    assert (kept.handled_by, kept.handling) == (cast.user("system-3715"), "重新执行")
    assert Event.objects.filter(verb="jobs.letter_handled").count() == 1


@pytest.mark.parametrize(
    ("typed", "words"), [("  ", "请写明如何处理"), ("说" * 201, "处理方式最多 200 字")]
)
def test_settling_needs_a_word_and_keeps_what_was_typed(cast: Cast, typed: str, words: str) -> None:
    kept = letter()
    path = f"/system/letters/{kept.public_id}/settle/"
    answer = cast.client("system-3715").post(path, {"handling": typed})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert f'value="{typed}"' in answer.content.decode()
    kept.refresh_from_db()
    assert kept.handled_at is None


def test_settling_and_a_stranger_to_the_database(cast: Cast) -> None:
    kept = letter()
    client = cast.client("system-3715")
    path = f"/system/letters/{kept.public_id}/settle/"
    assert client.post(path, {"handling": "<b>已人工补发</b>"}).status_code == 302
    kept.refresh_from_db()
    assert kept.handling == "<b>已人工补发</b>"
    assert client.post(f"/system/letters/{uuid4()}/retry/").status_code == 404
    assert client.get(path).status_code == 405


def test_the_same_failure_is_one_letter_until_handled(cast: Cast) -> None:
    first = letter("audit.seal")
    assert letter("audit.seal") == first
    services.settle_letter(by=cast.user("system-3715"), letter=first, handling="已修复")
    assert letter("audit.seal") != first


def test_a_run_is_asked_to_end_while_it_is_open(cast: Cast) -> None:
    run = Run.objects.create(kind="x", title="导出", status="running")
    client = cast.client("system-3715")
    path = f"/runs/{run.public_id}/cancel/"
    assert client.post(path).status_code == 302
    run.refresh_from_db()
    assert run.cancel_requested
    Run.objects.filter(pk=run.pk).update(status="done")
    assert client.post(path).status_code == 409
    assert cast.client("office-3715").post(path).status_code == 404
    assert client.post(f"/runs/{uuid4()}/cancel/").status_code == 404


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (None, ("unknown", "从未收到")),
        (90, ("ok", "正常，90 秒前")),
        (91, ("late", "已 91 秒没有信号")),
        (3600, ("late", "已 60 分钟没有信号")),
    ],
)
def test_words_for_the_age_of_a_sign(age: float | None, expected: tuple[str, str]) -> None:
    assert heartbeat_state(age) == expected
