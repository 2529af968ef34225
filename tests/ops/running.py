"""Start the launcher as a user does, and look at what it says and leaves."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from liaocheng_poverty.embedded.paths import run_dir

BASE_DIR = Path(__file__).resolve().parents[2]
OURS = ("DATABASE", "REDIS", "TEST", "DATA_DIR", "SECRET", "FIELD", "EMBEDDED", "PYTEST", "DJANGO")


def clean_environment(data: Path, **extra: str) -> dict[str, str]:
    """Return the environment of a person who never heard of our tests."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
    return {**kept, "DATA_DIR": str(data), "DEMO": "0", **extra}


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something holds."""
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def processes_of(data: Path) -> dict[int, str]:
    """Return the processes that work on a data folder: pid to command line."""
    found = {}
    marks = (os.fsencode(data), os.fsencode(run_dir(data)), b"DATA_DIR=" + os.fsencode(data))
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if any(mark in command or mark in environment for mark in marks):
            found[int(entry.name)] = command.decode(errors="replace").strip()
    return found


class Running:
    """One launcher on one data folder."""

    def __init__(self, data: Path, port: int) -> None:
        """Start it."""
        self.data, self.url = data, f"http://127.0.0.1:{port}"
        self.output = data.parent / f"output-{time.monotonic_ns()}.txt"
        with open(self.output, "wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "liaocheng_poverty.embedded", "run"],
                cwd=BASE_DIR,
                env=clean_environment(data, PORT=str(port)),
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        """Return what it has printed so far."""
        return self.output.read_text()

    def wait_open(self, seconds: float = 300) -> None:
        """Wait until it prints the address."""

        def opened() -> bool:
            assert self.process.poll() is None, self.said
            return "\nOpen http://" in self.said

        until(opened, seconds, f"the address; so far: {self.said}")

    def get(self, path: str) -> int:
        """Return the status of an address, 0 if nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def child(self, words: str) -> int:
        """Return the oldest process of ours whose command holds the words."""
        found = [pid for pid, command in processes_of(self.data).items() if words in command]
        assert found, f"no process '{words}': {processes_of(self.data)}"
        return min(found)

    def end(self, number: int = signal.SIGINT) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(180)
