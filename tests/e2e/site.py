"""The running system that the browser walks in: web and worker on a seeded database."""

import hashlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management import get_commands

from liaocheng_poverty.embedded.process import spawn, stop, tail
from tests import services

BASE_DIR = Path(__file__).resolve().parents[2]
SEEDED_FROM = ("data/**/*", "responsibility/**/seed*.py", "responsibility/**/demo*/**/*.py")


def _seed_digest() -> str:
    total = hashlib.sha256(f"{os.environ['TEST_TEMPLATE']} {date.today()}".encode())
    files = {path for pattern in SEEDED_FROM for path in BASE_DIR.glob(pattern)}
    for path in sorted(path for path in files if path.is_file()):
        total.update(path.read_bytes())
    return total.hexdigest()[:12]


class Site:
    """The address, the accounts' password, and the processes behind them."""

    def __init__(self) -> None:
        """Choose names; nothing is started."""
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        self.database = f"test_site_{worker}"
        self.folder = Path(tempfile.mkdtemp(prefix="lp-site-"))
        self.bound = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.bound.getsockname()[1]}"
        base = os.environ["DATABASE_URL"].rpartition("/")[0]
        redis = os.environ["TEST_REDIS"].rpartition("=")[0]
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"{base}/{self.database}",
            "DATABASE_ADMIN_URL": base.replace("//app@", "//owner@") + f"/{self.database}",
            "REDIS_URL": f"{redis}={40 + int(worker)}",
            "DATA_DIR": str(self.folder),
            "EMBEDDED": "1",
            "DEMO": "1",
            "BIND": f"fd://{self.bound.fileno()}",
            "WEB_WORKERS": "1",
            "WEB_THREADS": "4",
        }
        self.password = ""
        self.children: list[subprocess.Popen[bytes]] = []

    # --- life ------------------------------------------------------------------------------------
    def start(self) -> None:
        """Seed (or copy what was seeded before), start web and worker, wait for the first page."""
        self._database()
        python = [sys.executable, "-W", "ignore", "-m"]
        celery = [*python, "celery", "-A", "liaocheng_poverty", "worker", "--concurrency", "1"]
        self.start_web()
        self._spawn("worker", [*celery, "--without-gossip", "--without-mingle", "-n", "e2e@site"])
        self.wait()

    def start_web(self) -> None:
        """Start the web process."""
        web = [sys.executable, "-W", "ignore", "-m", "gunicorn", "-c"]
        web += ["python:liaocheng_poverty.gunicorn", "liaocheng_poverty.wsgi:application"]
        self._spawn("web", web)

    def wait(self) -> None:
        """Wait for the first page."""
        limit = time.monotonic() + 60
        while not self._answers():
            assert self.children[0].poll() is None, tail(self.folder / "web.log", 30)
            assert time.monotonic() < limit, tail(self.folder / "web.log", 30)
            time.sleep(0.1)

    def stop(self) -> None:
        """End the processes and drop the database."""
        for child in self.children:
            stop(child, 15, 10)
        self.bound.close()
        services.drop_database(self.database)

    def _spawn(self, name: str, command: list[str]) -> None:
        child = spawn(
            command,
            log=self.folder / f"{name}.log",
            env=self.environment,
            cwd=BASE_DIR,
            pass_fds=[self.bound.fileno()],
        )
        self.children.append(child)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "/healthz", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def _database(self) -> None:
        """Clone the seeded template; seed it first if this code has not yet."""
        seeded = f"demo_{_seed_digest()}"
        kept = Path(os.environ["TEST_FOLDER"]) / f"{seeded}.password"
        with closing(services.owner_connect("postgres")) as owner, owner.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^demo_'")
            there = {row[0] for row in cursor.fetchall()}
            for old in there - {seeded}:
                cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
            if seeded in there and kept.exists():
                cursor.execute(f'CREATE DATABASE "{self.database}" TEMPLATE "{seeded}"')
                self.password = kept.read_text()
            else:
                cursor.execute(f'DROP DATABASE IF EXISTS "{seeded}" WITH (FORCE)')
                self._seed()
                cursor.execute(f'CREATE DATABASE "{seeded}" TEMPLATE "{self.database}"')
                kept.write_text(self.password)
        (self.folder / "demo-password").write_text(self.password)

    def _seed(self) -> None:
        services.clone_template(self.database)
        if "seed_demo" in get_commands():
            self.manage("seed_demo", "--if-empty")
        given = self.folder / "demo-password"
        self.password = given.read_text().strip() if given.exists() else secrets.token_hex(8)

    # --- looking inside --------------------------------------------------------------------------
    def manage(self, *arguments: str) -> str:
        """Run a management command against the site; return its output."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", *arguments],
            cwd=BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def execute(self, statement: str, *parameters: Any) -> None:
        """Change the site's database behind its back (a day that has passed)."""
        with closing(services.owner_connect(self.database)) as owner, owner.cursor() as cursor:
            cursor.execute(statement, parameters)

    def fetch(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the site's database."""
        with closing(services.owner_connect(self.database)) as owner, owner.cursor() as cursor:
            cursor.execute(query, parameters)
            return list(cursor.fetchall())
