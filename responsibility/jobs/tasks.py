"""The heartbeat, and what is kept of a task that failed for good."""

import time
from contextlib import suppress
from typing import Any

import redis
from celery import shared_task
from celery.signals import (
    after_task_publish,
    beat_init,
    task_failure,
    task_postrun,
    task_prerun,
    worker_ready,
)

from responsibility.jobs import heartbeats, runs, schedule, services

HEARTBEAT = "jobs.heartbeat"


@shared_task(name=HEARTBEAT)
def heartbeat() -> None:
    """Note that a worker takes work."""
    heartbeats.record("worker")


@shared_task(name="jobs.pick_up")
def pick_up() -> None:
    """Give runs whose worker died to another."""
    runs.pick_up()


@shared_task(name=schedule.DAY_RUN)
def replay_day(run_id: int) -> None:
    """Run the dated jobs of a past day again."""
    runs.execute(run_id, schedule.work_day)


_begun: dict[str, float] = {}


@task_prerun.connect
def _note_begin(task_id: str = "", **kwargs: Any) -> None:
    """Note when a task began."""
    _begun[task_id] = time.monotonic()


@task_postrun.connect
def _note_end(task_id: str = "", task: Any = None, state: Any = "", **kwargs: Any) -> None:
    """Note when a task ran last, for the page of the machine room."""
    seconds = time.monotonic() - _begun.pop(task_id, time.monotonic())
    with suppress(redis.RedisError):
        schedule.note(task.name, ok=state == "SUCCESS", seconds=seconds)


@after_task_publish.connect(sender=HEARTBEAT)
def _beat_lives(**kwargs: Any) -> None:
    """Note that beat sends work (only beat sends this task)."""
    heartbeats.record("beat")


@worker_ready.connect
def _worker_is_up(**kwargs: Any) -> None:
    """Be ready at once, not at the first heartbeat."""
    heartbeats.record("worker")


@beat_init.connect
def _beat_is_up(**kwargs: Any) -> None:
    """Be ready at once, not at the first heartbeat."""
    heartbeats.record("beat")


@task_failure.connect
def _keep_dead_letter(sender: Any = None, args: Any = (), einfo: Any = None, **rest: Any) -> None:
    """Keep a failed task, so that the system administrator can run it again."""
    error = rest.get("exception")
    services.bury(task=sender.name, arguments=list(args or ()), error=error)
