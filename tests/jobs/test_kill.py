"""A worker killed with kill -9 in the middle of a run: another one goes on, nothing twice."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models.functions import Now

from responsibility.jobs import runs
from responsibility.jobs.models import Run

WORK = """
import sys, time, django
django.setup()
from responsibility.jobs import runs
def work(run):
    runs.progress(run, done=1, receipt=[{"what": "一", "done": True}])
    time.sleep(60)
runs.execute(int(sys.argv[1]), work)
"""

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def _environment() -> dict[str, str]:
    address = os.environ["DATABASE_URL"].rpartition("/")[0]
    return {
        **os.environ,
        "DATABASE_URL": f"{address}/{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "liaocheng_poverty.settings",
        "PYTHONWARNINGS": "ignore",
    }


def test_killed_in_the_middle_and_picked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[object, ...]] = []
    monkeypatch.setattr(runs, "enqueue", lambda *call: sent.append(call))
    monkeypatch.setitem(runs._tasks, "test.kill", "test.kill")
    run = runs.start(by=None, kind="test.kill", title="两步", total=2)
    worker = subprocess.Popen(
        [sys.executable, "-c", WORK, str(run.pk)],
        cwd=Path(__file__).resolve().parents[2],
        env=_environment(),
        stderr=subprocess.DEVNULL,
    )
    try:
        limit = time.monotonic() + 60
        while Run.objects.get(pk=run.pk).done != 1:
            assert time.monotonic() < limit, "the worker did not get there in time"
            time.sleep(0.05)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=20)
    assert Run.objects.get(pk=run.pk).status == "running", "killed in the middle"

    sent.clear()
    assert runs.pick_up() == 0, "not yet taken for dead"
    Run.objects.filter(pk=run.pk).update(alive_at=Now() - timedelta(minutes=2))
    assert runs.pick_up() == 1
    assert sent == [("test.kill", run.pk)]
    runs.execute(run.pk, lambda again: [{"what": str(again.done + 1), "done": True}])
    run.refresh_from_db()
    assert run.status == "done"
    assert [line["what"] for line in run.receipt] == ["一", "2"]
