"""Background runs: claimed once, picked up when the worker died, ended with a receipt."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from responsibility.audit.models import Event
from responsibility.common.errors import Conflict, Invalid
from responsibility.jobs import runs, services
from responsibility.jobs.models import Run
from responsibility.jobs.rules import MAX_RUN_ATTEMPTS
from responsibility.outbox.models import Notice
from tests.cast import Cast

LINES = [
    {"what": "冠县", "done": True, "why": ""},
    {"what": "=东昌府区", "done": False, "why": "没有负责人。"},
]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, ...]]]:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(runs, "enqueue", lambda *call: calls.append(call))
    monkeypatch.setattr(services, "enqueue", lambda *call: calls.append(call))
    runs.register("test.many", "test.do_many")
    yield calls
    runs._tasks.pop("test.many")


@pytest.fixture
def run(cast: Cast, sent: list[tuple[Any, ...]]) -> Run:
    return runs.start(
        by=cast.user("office-3715"),
        kind="test.many",
        title="批量催报",
        total=3,
        division=cast.place("3715"),
        arguments={"ids": [1, 2, 3]},
    )


def silence(run: Run) -> None:
    """Let the worker have been silent for two minutes."""
    Run.objects.filter(pk=run.pk).update(
        alive_at=Now() - timedelta(minutes=2), created_at=Now() - timedelta(minutes=2)
    )


def test_starting_writes_a_row_and_sends_its_id(run: Run, sent: list[tuple[Any, ...]]) -> None:
    assert (run.status, run.total, run.arguments) == ("waiting", 3, {"ids": [1, 2, 3]})
    assert run.scope_path
    assert sent == [("test.do_many", run.pk)]
    with pytest.raises(KeyError):
        runs.start(by=None, kind="nobody's", title="x")


def test_work_is_done_once_with_receipt_audit_and_notice(run: Run) -> None:
    seen = []

    def work(claimed: Run) -> Any:
        seen.append(claimed.pk)
        runs.progress(claimed, done=2)
        assert Run.objects.get(pk=run.pk).done == 2
        assert not runs.cancelled(claimed)
        runs.progress(claimed, done=3, receipt=LINES[:1])
        return LINES[1:]

    runs.execute(run.pk, work)
    runs.execute(run.pk, work)
    run.refresh_from_db()
    assert seen == [run.pk]
    assert (run.status, run.done, run.receipt) == ("done", 3, LINES)
    assert Event.objects.filter(verb="jobs.run_end").count() == 1
    notice = Notice.objects.get(user=run.started_by)
    assert (notice.title, notice.url) == ("批量催报：完成", f"/runs/{run.public_id}/")


def test_a_dead_workers_run_goes_on_where_it_was(run: Run, sent: list[tuple[Any, ...]]) -> None:
    dead = runs.claim(run.pk)
    assert dead is not None
    runs.progress(dead, done=2, result={"at": 2})
    assert runs.claim(run.pk) is None, "a living worker keeps it"
    assert runs.pick_up() == 0
    silence(run)
    sent.clear()
    assert runs.pick_up() == 1
    assert sent == [("test.do_many", run.pk)]
    found = []
    runs.execute(run.pk, lambda again: found.append((again.done, again.result)))
    assert found == [(2, {"at": 2})]
    with pytest.raises(runs.Lost):
        runs.progress(dead, done=3)
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("done", 2)


def test_a_lost_message_is_sent_again(run: Run, sent: list[tuple[Any, ...]]) -> None:
    sent.clear()
    assert runs.pick_up() == 0
    silence(run)
    Run.objects.filter(pk=run.pk).update(alive_at=None)
    assert runs.pick_up() == 1


def test_one_that_always_dies_is_given_up(run: Run) -> None:
    for _ in range(MAX_RUN_ATTEMPTS):
        assert runs.claim(run.pk)
        silence(run)
    runs.execute(run.pk, lambda _: pytest.fail("worked again"))
    run.refresh_from_db()
    assert run.status == "failed"
    assert "5 次" in run.error


def test_cancelling_stops_the_work_and_keeps_what_was_done(cast: Cast, run: Run) -> None:
    def work(claimed: Run) -> Any:
        services.request_cancel(by=cast.user("office-3715"), run=run)
        assert runs.cancelled(claimed)
        return LINES[:1]

    runs.execute(run.pk, work)
    run.refresh_from_db()
    assert (run.status, run.receipt) == ("cancelled", LINES[:1])


def test_a_cancelled_run_without_worker_ends_by_itself(cast: Cast, run: Run) -> None:
    services.request_cancel(by=cast.user("office-3715"), run=run)
    silence(run)
    assert runs.pick_up() == 0
    run.refresh_from_db()
    assert run.status == "cancelled"


def test_a_refusal_fails_in_its_words_a_defect_is_raised(run: Run) -> None:
    def refuse(_: Run) -> None:
        raise Invalid("表里没有数据行。")

    def break_down(_: Run) -> None:
        raise ZeroDivisionError

    runs.execute(run.pk, refuse)
    run.refresh_from_db()
    assert (run.status, run.error) == ("failed", "表里没有数据行。")
    runs.reopen(by=None, run=run)
    with pytest.raises(ZeroDivisionError):
        runs.execute(run.pk, break_down)
    run.refresh_from_db()
    assert (run.status, run.error) == ("failed", runs.BROKEN)
    with pytest.raises(Conflict):
        runs.reopen(by=None, run=Run(pk=0))


def test_its_dead_letter_opens_it_again(cast: Cast, run: Run, sent: list[tuple[Any, ...]]) -> None:
    letter = services.bury(task="test.do_many", arguments=[run.pk], error=ValueError())
    Run.objects.filter(pk=run.pk).update(status="failed")
    sent.clear()
    services.retry_letter(by=cast.user("system-3715"), letter=letter)
    run.refresh_from_db()
    assert run.status == "waiting"
    assert sent == [("test.do_many", run.pk)]


@pytest.mark.django_db(transaction=True)
def test_progress_inside_a_transaction_is_visible_at_once(sent: list[tuple[Any, ...]]) -> None:
    run = runs.start(by=None, kind="test.many", title="x", total=9)
    claimed = runs.claim(run.pk)
    assert claimed is not None
    with transaction.atomic():
        runs.progress(claimed, done=4, receipt=LINES)
        transaction.set_rollback(True)
    run.refresh_from_db()
    assert (run.done, run.receipt) == (4, LINES)


def test_pages_show_progress_then_receipt(cast: Cast, run: Run, tmp_path: Any) -> None:
    client = cast.client("office-3715")
    path = f"/runs/{run.public_id}/"
    page = client.get(path).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert '<progress max="3" value="0">' in page
    assert "取消任务" in page
    runs.execute(run.pk, lambda _: LINES)
    part = client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "hx-trigger" not in part
    assert "没有负责人。" in part
    assert part.index("=东昌府区") < part.index("冠县"), "what was not done stands first"
    file = tmp_path / "run.xlsx"
    file.write_bytes(client.get(f"{path}sheet/").content)
    rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    assert ["=东昌府区", "未办", "没有负责人。"] in rows
    assert "批量催报" in client.get("/runs/").content.decode()


def test_only_ones_own(cast: Cast, run: Run) -> None:
    path = f"/runs/{run.public_id}/"
    stranger = cast.client("office-371525")
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}sheet/").status_code == 404
    assert stranger.post(f"{path}cancel/").status_code == 404
    assert "批量催报" not in stranger.get("/runs/").content.decode()
    mine = cast.client("office-3715")
    assert mine.get(f"/runs/{uuid4()}/").status_code == 404
    assert mine.get(f"{path}cancel/").status_code == 405
    assert mine.post(f"{path}cancel/").status_code == 302
    assert cast.client("system-3715").get(path).status_code == 200


def test_the_list_costs_the_same_for_2_and_20(cast: Cast, sent: list[tuple[Any, ...]]) -> None:
    client, counts = cast.client("office-3715"), []
    for more in (2, 18):
        for number in range(more):
            runs.start(by=cast.user("office-3715"), kind="test.many", title=f"任务{number}")
        client.get("/runs/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/runs/")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12
