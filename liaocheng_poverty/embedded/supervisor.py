"""Start, watch, restart and stop the processes of the application."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from liaocheng_poverty.embedded.paths import BASE_DIR
from liaocheng_poverty.embedded.process import spawn, stop

LONGEST_PAUSE = 30.0  # seconds between two starts of a child that keeps ending
STEADY = 60.0  # seconds after which a child counts as well again
LOG_LIMIT = 10 * 1024 * 1024


class Stop(Exception):  # noqa: N818 - not an error
    """Someone asked us to end (Ctrl-C, SIGTERM, a closed terminal)."""


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(text, flush=True)


def rotate(log: Path) -> None:
    """Move a log that has grown large aside, keeping one."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))


@dataclass
class Child:
    """One process of the application: how to start it and when to start it again."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str]
    pass_fds: Sequence[int] = ()
    on_parent_death: int = signal.SIGTERM
    stop_seconds: float = 15.0
    process: subprocess.Popen[bytes] | None = None
    pause: float = 0.0
    started: float = 0.0
    due: float = 0.0

    def start(self) -> None:
        """Start it; its output goes to its log."""
        rotate(self.log)
        self.process = spawn(
            self.command,
            log=self.log,
            env=self.env,
            cwd=BASE_DIR,
            pass_fds=self.pass_fds,
            on_parent_death=self.on_parent_death,
        )
        self.started, self.due = time.monotonic(), 0.0

    def watch(self, now: float) -> None:
        """Start it again when it has ended: at once the first time, then with growing pauses."""
        if self.due:
            if now >= self.due:
                self.start()
        elif self.process is not None and self.process.poll() is not None:
            self.pause = _next_pause(self.pause, now - self.started)
            self.due = now + self.pause
            say(f"{self.name} {_how(self.process.returncode)}; starting it again")

    def stop(self) -> None:
        """End it and whatever it started."""
        if self.process is not None:
            stop(self.process, signal.SIGTERM, self.stop_seconds)


def _next_pause(last: float, lived: float) -> float:
    """Return the seconds to wait before the next start."""
    if lived > STEADY:
        return 0.5
    return min(max(0.5, last * 2), LONGEST_PAUSE)


def _how(code: int) -> str:
    """Say how a process ended."""
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"


@dataclass
class Supervisor:
    """All children; ``also`` are further checks run at each turn (the two servers)."""

    children: list[Child] = field(default_factory=list)
    also: list[Callable[[], None]] = field(default_factory=list)

    def watch_forever(self) -> None:
        """Look after everything until Stop is raised."""
        while True:
            for check in self.also:
                check()
            now = time.monotonic()
            for child in self.children:
                child.watch(now)
            time.sleep(0.3)

    def stop(self) -> None:
        """Stop in the order of the list (the schedule first)."""
        for child in self.children:
            child.stop()


def run_command(arguments: Sequence[str], env: Mapping[str, str], log: Path) -> tuple[int, str]:
    """Run a management command to its end; return its code and output (also kept in ``log``).

    The child ends with us and with a Stop.
    """
    with open(log, "ab") as file:
        start = file.tell()
    child = spawn(
        [sys.executable, "-W", "ignore", str(BASE_DIR / "manage.py"), *arguments],
        log=log,
        env=env,
        cwd=BASE_DIR,
    )
    try:
        code = child.wait()
    finally:
        stop(child, signal.SIGTERM, 10)
    with open(log, "rb") as file:
        file.seek(start)
        return code, file.read().decode(errors="replace").strip()


def install_signals() -> None:
    """Turn SIGINT, SIGTERM and SIGHUP into Stop, once."""

    def ask(number: int, frame: object) -> None:
        ignore_signals()
        raise Stop

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)


def ignore_signals() -> None:
    """Finish the ending undisturbed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def environment(**extra: str) -> dict[str, str]:
    """Return our environment with additions, for children."""
    return {**os.environ, **extra}
