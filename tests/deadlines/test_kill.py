"""A worker killed with kill -9 in the middle of a sweep: every reminder exactly once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from liaocheng_poverty.celery import app
from responsibility.deadlines import services
from responsibility.deadlines.models import Deadline
from responsibility.outbox.models import Notice
from tests.cast import make_cast
from tests.deadlines.helpers import LABEL, make_rule

QUEUE = "kill-test"
DAY = "2020-12-24"
COUNT = 10_000

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def _environment() -> dict[str, str]:
    address = os.environ["DATABASE_URL"].rpartition("/")[0]
    return {
        **os.environ,
        "DATABASE_URL": f"{address}/{connection.settings_dict['NAME']}",
        "CELERY_QUEUE": QUEUE,
        "BUSINESS_DATE": DAY,
        "PYTHONWARNINGS": "ignore",
    }


def _start_worker(name: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "celery", "-A", "liaocheng_poverty", "worker", "-P", "prefork"]
    command += ["-c", "1", "-Q", QUEUE, "-n", f"{name}@test", "--without-gossip"]
    command += ["--without-mingle", "--loglevel", "ERROR"]
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        command,
        cwd=root,
        env=_environment(),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _kill(worker: "subprocess.Popen[bytes]", how: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, how)


@pytest.fixture
def start() -> Iterator[Callable[[str], "subprocess.Popen[bytes]"]]:
    started: list[subprocess.Popen[bytes]] = []

    def begin(name: str) -> "subprocess.Popen[bytes]":
        started.append(_start_worker(name))
        return started[-1]

    yield begin
    for worker in started:
        _kill(worker, signal.SIGKILL)
        worker.wait(timeout=20)


def _wait(until: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < limit, "the worker did not get there in time"
        time.sleep(0.01)


def _due() -> int:
    return Deadline.objects.filter(next_action_on__isnull=False, step=0).count()


def test_killed_in_the_middle_restarted_and_two_at_once(
    start: Callable[[str], "subprocess.Popen[bytes]"],
):
    cast = make_cast()
    make_rule()
    place = cast.place("371502011")
    wishes = [
        services.Opening("quarterly", LABEL, uuid4(), "责任", place.pk, None, "2020Q4")
        for _ in range(COUNT)
    ]
    services.open_many(openings=wishes, by=None, today=date(2020, 12, 1))

    first = start("first")
    app.send_task("deadlines.sweep", queue=QUEUE)
    _wait(Notice.objects.exists, 60)
    _kill(first, signal.SIGKILL)
    first.wait(timeout=20)
    sent = Notice.objects.count()
    assert 0 < sent < COUNT, "killed in the middle, not before or after"
    assert sent + _due() == COUNT, "a batch is told and moved on, or neither"

    start("second")
    start("third")
    for _ in range(2):
        app.send_task("deadlines.sweep", queue=QUEUE)
    _wait(lambda: _due() == 0, 90)
    told = Notice.objects.values_list("source", flat=True)
    assert len(told) == COUNT
    assert len(set(told)) == COUNT
    assert not Deadline.objects.exclude(step=1).exists()
