"""``make run``: one process tree with everything in it, which stops whole."""

import fcntl
import ipaddress
import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from liaocheng_poverty.embedded import prepare
from liaocheng_poverty.embedded.ensure import export, hold_use
from liaocheng_poverty.embedded.locks import locked
from liaocheng_poverty.embedded.paths import Layout, data_dir
from liaocheng_poverty.embedded.process import tail
from liaocheng_poverty.embedded.services import Services
from liaocheng_poverty.embedded.supervisor import (
    Child,
    Stop,
    Supervisor,
    environment,
    ignore_signals,
    install_signals,
    run_command,
    say,
)

PORTS = range(8000, 8050)
OLDEST_PYTHON = (3, 11)


class Refusal(Exception):  # noqa: N818 - said to the user in one line
    """We cannot start, and this is why."""


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, given: str) -> socket.socket:
    """Return a bound socket: on the given port, or on the next free one from 8000."""
    if given and not (given.isdigit() and int(given) < 65536):
        raise Refusal(f"PORT={given} is not a port number")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in [int(given)] if given else [*PORTS, 0]:
        bound = socket.socket(family)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            bound.listen(512)
        except OSError as error:
            bound.close()
            if given:
                reason = error.strerror or str(error)
                raise Refusal(f"port {port} on {host} cannot be used: {reason}") from error
            continue
        bound.set_inheritable(True)
        return bound
    raise Refusal(f"no free port on {host}")


def only_one(layout: Layout) -> IO[str]:
    """Take the launcher's lock; refuse when another has it."""
    file = open(layout.data / "launcher.lock", "a+")  # noqa: SIM115 - held for our life
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        raise Refusal(f"already running on {layout.data}: {file.read().strip()}") from error
    return file


def choose_mode(host: str) -> bool:
    """Return whether demo data are wanted; set the production shape for an open address."""
    wanted = os.environ.get("DEMO", "1") not in ("0", "false", "no", "")
    if is_loopback(host):
        os.environ["EMBEDDED"] = "1"
    else:
        if not os.environ.get("ALLOWED_HOSTS"):
            raise Refusal(f"HOST={host} is open to others: set ALLOWED_HOSTS (docs/operations.md)")
        os.environ["EMBEDDED"] = "0"
        if wanted:
            say(f"HOST={host} is open to others: no demo accounts")
        wanted = False
    os.environ["DEMO"] = "1" if wanted else "0"
    return wanted


class Launcher:
    """The run of one data folder."""

    def __init__(self, data: Path) -> None:
        """Name the folder; nothing is started yet."""
        self.services = Services(data)
        self.layout = self.services.layout
        self.supervisor = Supervisor()

    # --- the two servers ---------------------------------------------------------------------
    def start_services(self) -> None:
        """Start PostgreSQL and Redis, after any command that has them running has ended."""
        lock = self.layout.data / "start.lock"
        said = False
        while True:
            with locked(lock):
                if not self.services.running():
                    hold_use(self.layout.data)
                    self.services.start()
                    return
            if not said:
                say("Waiting for a command that uses the database to end …")
                said = True
            time.sleep(0.3)

    def watch_services(self) -> None:
        """Start a server again that has ended."""
        for name, restart in (
            ("redis", self.services.start_redis),
            ("postgres", self.services.start_postgres),
        ):
            process = getattr(self.services, name)
            if process is not None and process.poll() is not None:
                say(f"{name} ended; starting it again")
                restart()

    # --- the application ---------------------------------------------------------------------
    def children(self, bound: socket.socket) -> list[Child]:
        """Return beat, web and worker, in the order in which they are stopped."""
        python = [sys.executable, "-W", "ignore", "-m"]
        celery = [*python, "celery", "-A", "liaocheng_poverty"]
        log = self.layout.logs
        env = environment(BIND=f"fd://{bound.fileno()}")
        beat = [*celery, "beat", "--pidfile=", "-s", str(self.layout.data / "beat.db")]
        web = [*python, "gunicorn", "-c", "python:liaocheng_poverty.gunicorn"]
        worker = [
            *celery,
            "worker",
            "--concurrency",
            os.environ.get("WORKERS", "2"),
            "--without-gossip",
            "--without-mingle",
            "--hostname",
            "worker@embedded",
        ]
        fds = [bound.fileno()]
        return [
            Child("beat", beat, log / "beat.log", env, stop_seconds=5),
            Child(
                "web",
                [*web, "liaocheng_poverty.wsgi:application"],
                log / "web.log",
                env,
                pass_fds=fds,
            ),
            # cold on our death: what it was doing is delivered again
            Child("worker", worker, log / "worker.log", env, on_parent_death=signal.SIGQUIT),
        ]

    def start_application(self, bound: socket.socket) -> None:
        """Start beat, web and worker and wait until the first page answers."""
        metrics = self.layout.data / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
        self.supervisor.children = self.children(bound)
        self.supervisor.also = [self.watch_services]
        for child in reversed(self.supervisor.children):
            child.start()
        self.wait_for_web(bound)

    def wait_for_web(self, bound: socket.socket) -> None:
        """Wait for an answer on our port; raise with the log when the web process ends."""
        web = next(child for child in self.supervisor.children if child.name == "web")
        limit = time.monotonic() + 90
        while not _answers(address(bound)):
            if web.process is None or web.process.poll() is not None:
                raise RuntimeError(f"the web process ended:\n{tail(web.log, 20)}")
            if time.monotonic() > limit:
                raise RuntimeError(f"the web process does not answer (log: {web.log})")
            time.sleep(0.1)

    # --- the whole ---------------------------------------------------------------------------
    def run(self, host: str, port: str) -> None:
        """Run until asked to stop."""
        began = time.monotonic()
        self.layout.make()
        lock = only_one(self.layout)
        bound = listen(host, port)
        with_demo = choose_mode(host)
        lock.truncate(0)
        lock.write(address(bound) + "\n")
        lock.flush()
        say(f"Data folder: {self.layout.data}")
        self.start_services()
        export(self.layout)
        prepare.migrate(self.services)
        if not is_loopback(host):
            prepare.static(self.services)
        if with_demo:
            prepare.demo(self.services)
        say("Starting the web server, the worker and the schedule …")
        self.start_application(bound)
        say(f"Ready after {time.monotonic() - began:.0f} s. Ctrl-C stops everything.")
        self.say_who(with_demo)
        say(f"Open {address(bound)}/")
        self.supervisor.watch_forever()

    def say_who(self, with_demo: bool) -> None:
        """Print how to sign in, or how to open the first-run page."""
        password = self.layout.data / "demo-password"
        if with_demo and password.exists():
            say("Demo accounts: office-3715, recorder-371502011, head-371525 … (README.md)")
            say(f"Password of all of them: {password.read_text().strip()}")
        elif not with_demo:
            code, output = run_command(
                ["setup_code"], environment(), self.layout.logs / "prepare.log"
            )
            if not code:
                say(output)

    def stop(self) -> None:
        """Stop everything, the schedule first and PostgreSQL last."""
        ignore_signals()
        self.supervisor.stop()
        self.services.stop()


def address(bound: socket.socket) -> str:
    """Return the http address of a bound socket, as a browser on this machine would use it."""
    host, port = bound.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{shown}:{port}"


def _answers(base: str) -> bool:
    try:
        with urllib.request.urlopen(base + "/healthz", timeout=3):  # noqa: S310 - our own http
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def main() -> int:
    """Run the launcher; return the exit code."""
    if sys.version_info < OLDEST_PYTHON:
        say(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
        return 2
    launcher = Launcher(data_dir())
    install_signals()
    try:
        launcher.run(os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT", ""))
    except Stop:
        say("Stopping …")
    except Refusal as refusal:
        say(str(refusal))
        return 2
    except (RuntimeError, OSError) as error:
        say(f"Failed: {error}")
        return 1
    finally:
        launcher.stop()
    say("Stopped.")
    return 0
