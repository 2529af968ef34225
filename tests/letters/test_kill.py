"""A worker killed with kill -9 while it drafts: each letter once, the receipt true."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models.functions import Now

from responsibility.jobs.models import Run
from responsibility.letters.models import Letter
from responsibility.letters.services import batch
from tests.cast import make_cast
from tests.letters.maker import make_kind

WORK = """
import sys, time, django
django.setup()
from responsibility.jobs import runs
from responsibility.letters.services import batch, drafting
draft, stop_after = drafting.draft, int(sys.argv[2])
def slow(**wish):
    letter = draft(**wish)
    if stop_after == (drafted := globals().get("drafted", 0) + 1):
        print("second letter written, not committed", flush=True)
        time.sleep(60)
    globals()["drafted"] = drafted
    return letter
drafting.draft = slow
runs.execute(int(sys.argv[1]), batch.draft_all)
"""
Start = Callable[[Run, int], "subprocess.Popen[str]"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def start() -> Iterator[Start]:
    address = os.environ["DATABASE_URL"].rpartition("/")[0]
    environment = {
        **os.environ,
        "DATABASE_URL": f"{address}/{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "liaocheng_poverty.settings",
        "PYTHONWARNINGS": "ignore",
    }
    started: list[subprocess.Popen[str]] = []

    def begin(run: Run, stop_after: int) -> "subprocess.Popen[str]":
        worker = subprocess.Popen(
            [sys.executable, "-c", WORK, str(run.pk), str(stop_after)],
            cwd=Path(__file__).resolve().parents[2],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(worker)
        return worker

    yield begin
    for worker in started:
        worker.kill()
        worker.wait(timeout=20)
        if worker.stdout is not None:
            worker.stdout.close()


def test_killed_while_drafting_and_gone_on_by_two_workers(start: Start) -> None:
    cast = make_cast()
    office = cast.user("office-3715")
    run = batch.start_drafting(by=office, kind=make_kind(cast), year=2020)
    first = start(run, 2)
    assert first.stdout is not None
    assert any("second letter" in line for line in first.stdout)
    first.send_signal(signal.SIGKILL)
    first.wait(timeout=20)
    run.refresh_from_db()
    assert (run.status, run.done) == ("running", 1), "killed in the middle"

    Run.objects.filter(pk=run.pk).update(alive_at=Now() - timedelta(minutes=2))
    both = [start(run, 0), start(run, 0)]
    assert [worker.wait(timeout=90) for worker in both] == [0, 0]
    limit = time.monotonic() + 5
    while Run.objects.get(pk=run.pk).status != "done":
        assert time.monotonic() < limit, "the run did not end"
        time.sleep(0.05)
    run.refresh_from_db()
    bodies = list(Letter.objects.order_by("id").values_list("body__name", flat=True))
    assert len(bodies) == len(set(bodies)) == run.total == 3
    assert run.receipt == [{"what": name, "done": True, "why": ""} for name in bodies]
    assert Letter.objects.filter(text="").count() == 0
    assert run.attempts == 2, "the other of the two found nothing to take"
