"""Background runs: started by a page, worked off by a worker, seen while they go.

An app registers a kind with the name of its task; the task gets the run's id and hands its work to
``execute``. The work must be safe to begin again: a run whose worker died is given to another one,
which finds in ``run.done`` and ``run.result`` how far the first had come.

    runs.register("reports.remind", "reports.remind_many")

    @shared_task(name="reports.remind_many")
    def remind_many(run_id: int) -> None:
        runs.execute(run_id, services.remind_many)

    def remind_many(run: Run) -> list[Line]:
        for number, body in enumerate(bodies[run.done:], run.done + 1):
            if runs.cancelled(run):
                break
            remind(body)
            runs.progress(run, done=number)
        return lines
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, models, transaction
from django.db.models import F, Func, JSONField, Q, Value
from django.db.models.functions import Now

from responsibility.audit.services import record
from responsibility.common.errors import Conflict, DomainError
from responsibility.common.tasks import enqueue
from responsibility.jobs.models import Run
from responsibility.jobs.rules import (
    MAX_RUN_ATTEMPTS,
    OPEN_RUNS,
    RECEIPT_LIMIT,
    SILENT_AFTER,
    RunStatus,
    receipt_line,
)
from responsibility.jobs.signals import run_ended

logger = structlog.get_logger(__name__)
Line = Mapping[str, Any]
"""One line of a receipt: ``what``, ``done`` and, if not done, ``why``."""
Work = Callable[[Run], Sequence[Line] | None]
PULSE = 15.0  # seconds between two signs of life of a run at work
GIVEN_UP = f"执行 {MAX_RUN_ATTEMPTS} 次都中途断了，已停止。"
BROKEN = "程序出错，已转给系统管理员。"
_tasks: dict[str, str] = {}


class Lost(Exception):  # noqa: N818
    """The run was given to another worker meanwhile; whoever gets this stops at once."""


def register(kind: str, task_name: str) -> None:
    """Say which task works off runs of a kind; the task takes the run's id."""
    _tasks[kind] = task_name


@transaction.atomic
def start(
    *,
    by: Any,
    kind: str,
    title: str,
    total: int = 0,
    division: Any = None,
    arguments: Mapping[str, Any] | None = None,
) -> Run:
    """Write a run and wake its worker after commit; ``arguments`` hold ids and plain values only.

    Raises KeyError for a kind that nobody registered.
    """
    task = _tasks[kind]
    run = Run.objects.create(
        kind=kind,
        title=title[:200],
        total=total,
        task=task,
        arguments=dict(arguments or {}),
        scope_path=division.path if division is not None else "",
        started_by=by,
    )
    record(by=by, verb="jobs.run_start", target=run, new={"kind": kind, "total": total})
    enqueue(task, run.pk)
    return run


def claim(run_id: int) -> Run | None:
    """Take a run that waits, or whose worker is silent; None when there is nothing to take."""
    token = uuid4()
    free = Q(status=RunStatus.WAITING) | Q(status=RunStatus.RUNNING, alive_at__lt=_silence())
    taken = Run.objects.filter(free, pk=run_id).update(
        status=RunStatus.RUNNING,
        claim=token,
        attempts=F("attempts") + 1,
        started_at=models.functions.Coalesce("started_at", Now()),
        alive_at=Now(),
        error="",
    )
    return Run.objects.select_related("started_by").get(pk=run_id) if taken else None


def _silence() -> Any:
    return Now() - timedelta(seconds=SILENT_AFTER)


def execute(run_id: int, work: Work) -> None:
    """Claim a run, do its work, keep its receipt; the one thing that a task calls.

    A refusal (DomainError) ends the run as failed with its words; any other error does so too and
    is raised, so that it becomes a dead letter.
    """
    run = claim(run_id)
    if run is None:
        return
    if run.attempts > MAX_RUN_ATTEMPTS:
        fail(run, GIVEN_UP)
        return
    try:
        with _pulse(run):
            lines = work(run)
            finish(run, receipt=lines or ())
    except Lost:
        logger.warning("run_lost", run=str(run.public_id))
    except DomainError as error:
        fail(run, error.message)
    except Exception:
        with suppress(DatabaseError, Lost):
            fail(run, BROKEN)
        raise


def progress(
    run: Run,
    *,
    done: int,
    total: int | None = None,
    result: Mapping[str, Any] | None = None,
    receipt: Sequence[Line] = (),
) -> None:
    """Say how far the run has come; visible at once, even from inside a longer transaction.

    ``result`` is what a second worker needs to go on; ``receipt`` adds lines (call it with either
    of them only after the work it speaks of is committed). Raises Lost if the run is not ours.
    """
    run.done = done
    changes: dict[str, Any] = {"done": done, "alive_at": Now()}
    if total is not None:
        run.total = changes["total"] = total
    if result is not None:
        run.result = changes["result"] = dict(result)
    if receipt:
        changes["receipt"] = _added(receipt)
    if not _write(run, changes):
        raise Lost


def step(run: Run, *, done: int, receipt: Sequence[Line] = ()) -> None:
    """Say how far the run has come in the caller's own transaction, with the work it speaks of.

    Either both are kept or neither. Raises Lost if the run is not ours; the work then rolls back.
    """
    changes: dict[str, Any] = {"done": done, "alive_at": Now()}
    if receipt:
        changes["receipt"] = _added(receipt)
    if not _ours(run).update(**changes):
        raise Lost
    run.done = done


def _added(lines: Sequence[Line]) -> Any:
    clean = [
        receipt_line(str(item["what"]), bool(item["done"]), str(item.get("why", "")))
        for item in lines[:RECEIPT_LIMIT]
    ]
    plain = Value(clean, output_field=JSONField(encoder=DjangoJSONEncoder))
    return Func(F("receipt"), plain, arg_joiner=" || ", template="(%(expressions)s)")


def _write(run: Run, changes: dict[str, Any]) -> bool:
    """Write in a transaction of its own: beside the caller's, if it has one open."""
    if connection.in_atomic_block and _beside(run, changes):
        return True
    return bool(_ours(run).update(**changes))


def _ours(run: Run) -> "models.QuerySet[Run]":
    return Run.objects.filter(pk=run.pk, claim=run.claim, status=RunStatus.RUNNING)


def _beside(run: Run, changes: dict[str, Any]) -> bool:
    """Write over a second connection; False if the run is not visible there (or is locked)."""
    query: Any = _ours(run).query.chain(models.sql.UpdateQuery)
    query.add_update_values(changes)
    other = connection.copy()
    try:
        sql, params = query.get_compiler(connection=other).as_sql()
        with other.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            cursor.execute(sql, params)
            return bool(cursor.rowcount)
    except DatabaseError:
        return False
    finally:
        other.close()


def cancelled(run: Run) -> bool:
    """Say whether somebody asked the run to end; whoever hears yes stops and returns."""
    asked = Run.objects.filter(pk=run.pk).values_list("cancel_requested", flat=True).get()
    run.cancel_requested = asked
    return asked


@transaction.atomic
def finish(run: Run, receipt: Sequence[Line] = ()) -> None:
    """End the run; it counts as cancelled if ``cancelled`` told its worker to stop."""
    status = RunStatus.CANCELLED if run.cancel_requested else RunStatus.DONE
    _end(run, status, receipt=receipt)


@transaction.atomic
def fail(run: Run, message: str) -> None:
    """End the run as failed, with words for whoever started it."""
    _end(run, RunStatus.FAILED, error=message[:500])


def _end(run: Run, status: RunStatus, receipt: Sequence[Line] = (), error: str = "") -> None:
    changes: dict[str, Any] = {
        "status": status,
        "finished_at": Now(),
        "error": error,
        "claim": None,
    }
    if receipt:
        changes["receipt"] = _added(receipt)
    if not _ours(run).update(**changes):
        raise Lost
    run.refresh_from_db()
    record(
        by=run.started_by,
        verb="jobs.run_end",
        target=run,
        new={"status": status, "done": run.done, "error": error},
    )
    run_ended.send(sender=Run, run=run)


@transaction.atomic
def reopen(*, by: Any, run: Run) -> None:
    """Let a failed run go on from where it was."""
    changed = Run.objects.filter(pk=run.pk, status=RunStatus.FAILED).update(
        status=RunStatus.WAITING, attempts=0, error="", finished_at=None, cancel_requested=False
    )
    if not changed:
        raise Conflict("任务没有失败，不用重新执行。")
    record(by=by, verb="jobs.run_reopen", target=run)
    enqueue(run.task, run.pk)


def is_run(task: str) -> bool:
    """Say whether a task works off runs."""
    return task in _tasks.values()


def pick_up() -> int:
    """Send again every run whose worker died or whose message was lost; return how many.

    One that was asked to end and has no worker ends here.
    """
    sent = 0
    silent = Q(status=RunStatus.WAITING, created_at__lt=_silence(), alive_at=None)
    silent |= Q(status__in=list(OPEN_RUNS), alive_at__lt=_silence())
    for run in Run.objects.filter(silent).exclude(task="").order_by("id")[:500]:
        if run.cancel_requested:
            execute(run.pk, _stop)
        else:
            enqueue(run.task, run.pk)
            sent += 1
    return sent


def _stop(run: Run) -> None:
    cancelled(run)


@contextmanager
def _pulse(run: Run) -> Iterator[None]:
    """Keep the run alive while a long step says nothing."""
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(run.pk, run.claim, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()


def _beat(run_id: int, token: Any, ended: threading.Event) -> None:
    while not ended.wait(PULSE):
        with suppress(DatabaseError):
            Run.objects.filter(pk=run_id, claim=token).update(alive_at=Now())
        connection.close()
