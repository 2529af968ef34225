"""The heartbeat, and what is kept of a task that failed for good."""

from typing import Any

from celery import shared_task
from celery.signals import after_task_publish, beat_init, task_failure, worker_ready

from responsibility.jobs import heartbeats, runs, services

HEARTBEAT = "jobs.heartbeat"


@shared_task(name=HEARTBEAT)
def heartbeat() -> None:
    """Note that a worker takes work."""
    heartbeats.record("worker")


@shared_task(name="jobs.pick_up")
def pick_up() -> None:
    """Give runs whose worker died to another."""
    runs.pick_up()


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
