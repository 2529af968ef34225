"""``make run`` as its user meets it. One data folder goes through a whole life, in order."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from liaocheng_poverty.embedded import launcher, supervisor
from liaocheng_poverty.embedded.services import Services
from tests.ops.running import (
    BASE_DIR,
    Running,
    clean_environment,
    free_port,
    processes_of,
    until,
)

PARTS = ("liaocheng_poverty worker", "gunicorn", "bin/postgres -D", "redis-server")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with a space and Chinese in its path."""
    base = Path(tempfile.mkdtemp(prefix="lp life 聊城 "))
    yield base / "数据"
    for pid in processes_of(base / "数据"):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


def launch(data: Path, port: int | str) -> "subprocess.CompletedProcess[str]":
    """Run a launcher that is expected to refuse."""
    return subprocess.run(
        [sys.executable, "-m", "liaocheng_poverty.embedded", "run"],
        cwd=BASE_DIR,
        env=clean_environment(data, PORT=str(port)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def write_row(data: Path) -> int:
    """Add a row as the application would and return how many there are."""
    with closing(Services(data).connect("app")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date) "
            "VALUES (gen_random_uuid()::text::varchar(40), '', now() + interval '1 day')"
        )
        cursor.execute("SELECT count(*) FROM django_session")
        return int(cursor.fetchone()[0])


def test_a_whole_life(folder: Path, port: int) -> None:
    first = Running(folder, port)
    first.wait_open()
    assert "Creating or updating the tables" in first.said
    assert first.get("/healthz") == 200
    until(lambda: first.get("/readyz") == 200, 180, "worker and schedule heard")

    # refusals, in one line, that disturb nobody
    elsewhere = folder.parent / "elsewhere"
    taken = launch(elsewhere, port)
    assert taken.returncode == 2
    assert f"port {port} on 127.0.0.1 cannot be used" in taken.stdout
    assert not (elsewhere / "postgres").exists()
    twice = launch(folder, free_port())
    assert twice.returncode == 2
    assert twice.stdout.startswith("already running on ")

    # whatever is killed comes back
    old = {words: first.child(words) for words in PARTS}
    for pid in old.values():
        os.kill(pid, signal.SIGKILL)
    until(lambda: all(_another(first, *item) for item in old.items()), 180, "all started again")
    until(lambda: first.get("/readyz") == 200, 180, "all well again")
    assert write_row(folder) == 1

    # kill -9 of the launcher takes everything along, and the next run recovers without loss
    first.process.kill()
    first.process.wait()
    until(lambda: not processes_of(folder), 90, "children gone")
    second = Running(folder, port)
    second.wait_open(180)
    assert "Creating or updating" not in second.said
    assert write_row(folder) == 2

    # Ctrl-C stops it whole
    assert second.end(signal.SIGINT) == 0
    assert second.said.rstrip().endswith("Stopped.")
    assert processes_of(folder) == {}


def _another(running: Running, words: str, old: int) -> bool:
    return any(
        words in command and pid != old for pid, command in processes_of(running.data).items()
    ) and (old not in processes_of(running.data))


def test_ctrl_c_before_it_is_ready_leaves_nothing(tmp_path: Path) -> None:
    running = Running(tmp_path / "data", free_port())
    until(lambda: "Creating or updating" in running.said, 180, "migration begun")
    assert running.end(signal.SIGTERM) == 0
    assert processes_of(tmp_path / "data") == {}


def test_a_port_that_is_no_port(tmp_path: Path) -> None:
    done = launch(tmp_path / "data", "eighty")
    assert (done.returncode, done.stdout) == (2, "PORT=eighty is not a port number\n")


def test_an_open_address_asks_for_the_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    monkeypatch.setenv("EMBEDDED", "1")
    with pytest.raises(launcher.Refusal, match="ALLOWED_HOSTS"):
        launcher.choose_mode("0.0.0.0")
    monkeypatch.setenv("ALLOWED_HOSTS", "zrz.example.gov.cn")
    monkeypatch.setenv("DEMO", "1")
    assert launcher.choose_mode("0.0.0.0") is False
    assert (os.environ["EMBEDDED"], os.environ["DEMO"]) == ("0", "0")
    monkeypatch.setenv("DEMO", "1")
    assert launcher.choose_mode("127.0.0.1") is True
    assert os.environ["EMBEDDED"] == "1"


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.9", True), ("::1", True), ("0.0.0.0", False), ("db", False)],
)
def test_what_counts_as_loopback(host: str, expected: bool) -> None:
    assert launcher.is_loopback(host) is expected


def test_without_a_port_the_next_free_one_is_taken() -> None:
    with launcher.listen("127.0.0.1", "") as one, launcher.listen("127.0.0.1", "") as two:
        assert one.getsockname()[1] != two.getsockname()[1]


def test_pauses_grow_to_a_limit_and_start_over_after_a_steady_time() -> None:
    pauses = [0.0]
    for _ in range(9):
        pauses.append(supervisor._next_pause(pauses[-1], lived=1))
    assert pauses == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    assert supervisor._next_pause(30.0, lived=3600) == 0.5


@pytest.mark.parametrize("target", ["run", "test"])
def test_too_old_a_python_is_said_in_one_line(tmp_path: Path, target: str) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\ncase "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac\n')
    old.chmod(0o755)
    for name in ("Makefile", "scripts", "requirements.txt", "requirements-dev.txt"):
        source = BASE_DIR / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    done = subprocess.run(
        ["make", target, f"PYTHON={old}"],
        cwd=tmp_path,
        env=clean_environment(tmp_path / ".data"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr
    assert not (tmp_path / ".venv" / "bin").exists()
