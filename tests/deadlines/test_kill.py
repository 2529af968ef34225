"""A worker killed with kill -9 in the middle of a sweep: every reminder exactly once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from liaocheng_poverty.celery import app
from responsibility.deadlines import services
from responsibility.deadlines.models import Deadline
from responsibility.deadlines.services.sweeping import BATCH
from responsibility.outbox.models import Notice
from tests.cast import make_cast
from tests.deadlines.helpers import LABEL, make_rule
from tests.services import owner_connect

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


@contextmanager
def _barrier(user_id: int) -> Iterator[None]:
    """Hold the reminder of a row of the sixth batch, so that the worker waits in its middle."""
    row = Deadline.objects.due_by(date(2020, 12, 24))[5_500]
    with closing(owner_connect(connection.settings_dict["NAME"])) as other:
        other.autocommit = False
        with other.cursor() as cursor:
            cursor.execute(
                "INSERT INTO outbox_notice (user_id, key, level, title, text, url, source) "
                "VALUES (%s, %s, 'blue', '', '', '', '')",
                [user_id, f"{row.source}:20201231:0"],
            )
            yield
        other.rollback()


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
    with _barrier(cast.users["recorder-371502011"].pk):
        app.send_task("deadlines.sweep", queue=QUEUE)
        _wait(lambda: Notice.objects.count() == COUNT // 2, 90)
        time.sleep(0.3)
        _kill(first, signal.SIGKILL)
        first.wait(timeout=20)
        assert Notice.objects.count() == COUNT // 2, "killed in the middle of the sixth batch"
        assert _due() == COUNT // 2, "a batch is told and moved on, or neither"

    start("second")
    start("third")
    for _ in range(2):
        app.send_task("deadlines.sweep", queue=QUEUE)
    _wait(lambda: _due() <= BATCH, 90)
    app.send_task("deadlines.sweep", queue=QUEUE)  # what the dead one held is left to the next run
    _wait(lambda: _due() == 0, 60)
    told = Notice.objects.values_list("source", flat=True)
    assert len(told) == COUNT
    assert len(set(told)) == COUNT
    assert not Deadline.objects.exclude(step=1).exists()
