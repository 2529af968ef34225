"""Early pytest plugin: PostgreSQL and Redis for the run, and a migrated template database.

With DATABASE_URL already set nothing is started and pytest-django does what it always does.
Otherwise (``-p tests.services`` in pyproject.toml):

* the controller starts both servers on ``.data/test`` (kept between runs; a second run at the
  same time gets a folder of its own); xdist workers inherit the environment;
* the role ``owner`` migrates a template once per hash of the migrations; each process clones it;
* tests connect as the role ``app``, which may not touch audit rows: the protection is real;
* a transactional test ends with a fresh clone instead of Django's flush (``app`` may not
  truncate). ``owner_connection`` gives a connection of the owner to the same database.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import psycopg2
import pytest

from liaocheng_poverty.embedded import keys
from liaocheng_poverty.embedded.services import Services

BASE_DIR = Path(__file__).resolve().parent.parent
KEPT = BASE_DIR / ".data" / "test"
HASHED = (
    "*/migrations/*.py",
    "responsibility/*/migrations/*.py",
    "responsibility/*/apps.py",
    "responsibility/common/**/*.py",
    "responsibility/*/triggers.py",
    "requirements.txt",
    "liaocheng_poverty/settings.py",
)

_services: Services | None = None
_lock: IO[str] | None = None


# --- servers: before Django reads its settings ---------------------------------------------------
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, Any]:
    """Start the services in the controller, before pytest-django loads the settings."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # pytest-playwright runs a loop
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker and "TEST_REDIS" in os.environ:
        _use_redis(int(worker.removeprefix("gw")) + 1)
    elif "DATABASE_URL" not in os.environ and not {"--help", "-h", "--version"} & set(sys.argv):
        _start()
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Replace pytest-django's database set-up by clones of our template."""
    if os.environ.get("TEST_TEMPLATE"):
        config.pluginmanager.register(_Clones(), "tests.services.clones")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say aloud that the browser walks were left out."""
    left_out = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if "no browser" in str(report.longrepr)
    ]
    if left_out:
        terminalreporter.section("NO BROWSER", red=True)
        terminalreporter.line(
            f"{len(left_out)} browser tests did not run. "
            "To run them: apt-get install chromium fonts-noto-cjk (or set BROWSER_PATH)"
        )


def pytest_unconfigure() -> None:
    """Stop the services where we started them."""
    if _services is None:
        return
    _services.stop()
    shutil.rmtree(os.environ["DATA_DIR"], ignore_errors=True)
    if _services.layout.data != KEPT:
        shutil.rmtree(_services.layout.data, ignore_errors=True)
    if _lock is not None:
        _lock.close()


def _folder() -> Path:
    """Return the kept folder, or a fresh one when another run has it."""
    global _lock
    KEPT.mkdir(parents=True, exist_ok=True)
    _lock = open(KEPT / "lock", "a")  # noqa: SIM115 - held for the run
    try:
        fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="lp-test-"))
    return KEPT


def _start() -> None:
    global _services
    folder = _folder()
    services = Services(folder, disposable=True)
    try:
        services.start()
    except RuntimeError:
        services.stop()
        shutil.rmtree(folder / "postgres", ignore_errors=True)  # unsafe by choice: made anew
        services = Services(folder, disposable=True)
        services.start()
    _services = services
    layout = services.layout
    scratch = tempfile.mkdtemp(prefix="lp-data-")
    os.environ.update(
        EMBEDDED="1",
        DATA_DIR=scratch,
        TEST_FOLDER=str(layout.data),
        SECRET_KEY="tests-" + "k" * 50,
        FIELD_KEYS=keys.new_field_key(),
        TEST_REDIS=layout.redis_url(0),
        DATABASE_URL=layout.database_url("app"),
    )
    _use_redis(0)
    # last: a failing migration must not leave the servers behind
    os.environ["TEST_TEMPLATE"] = _template(services)
    os.environ["DATABASE_ADMIN_URL"] = layout.database_url("owner")


def _use_redis(number: int) -> None:
    """Give this process a Redis database of its own, so workers don't eat each other's tasks."""
    address = os.environ["TEST_REDIS"].rpartition("=")[0] + f"={number}"
    os.environ["REDIS_URL"] = address


def _digest() -> str:
    files = sorted({path for pattern in HASHED for path in BASE_DIR.glob(pattern)})
    total = hashlib.sha256()
    for path in files:
        total.update(str(path.relative_to(BASE_DIR)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]


def _template(services: Services) -> str:
    """Return the name of a migrated template; make it unless it is there."""
    name = f"tmpl_{_digest()}"
    with closing(services.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("ALTER ROLE owner CREATEDB")
        cursor.execute("GRANT pg_signal_backend TO owner")
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^(test_|tmpl_|making_)'")
        there = {row[0] for row in cursor.fetchall()}
        for old in there - {name}:
            cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
        if name in there:
            return name
        cursor.execute(f'CREATE DATABASE "making_{name}" OWNER owner')
        try:
            _migrate(services, f"making_{name}")
            cursor.execute(f'ALTER DATABASE "making_{name}" RENAME TO "{name}"')
        finally:
            cursor.execute(f'DROP DATABASE IF EXISTS "making_{name}" WITH (FORCE)')
    return name


def _migrate(services: Services, database: str) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": services.layout.database_url("app", database),
        "DATABASE_ADMIN_URL": services.layout.database_url("owner", database),
    }
    command = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity", "0"]
    done = subprocess.run(
        command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        services.stop()
        raise pytest.UsageError(f"migrate failed:\n{done.stdout}{done.stderr}")


# --- databases: clones of the template -----------------------------------------------------------
def owner_connect(database: str) -> "psycopg2.extensions.connection":
    """Return an autocommitting connection of the owner."""
    host = os.environ["DATABASE_ADMIN_URL"].split("@/", 1)[1].rpartition("/")[0]
    connection = psycopg2.connect(host=host, user="owner", dbname=database)
    connection.autocommit = True
    return connection


def drop_database(database: str) -> None:
    """Drop a database, ending its sessions."""
    with closing(owner_connect("postgres")) as connection, connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def clone_template(database: str) -> None:
    """Make a database anew from the migrated template (the one of that name is dropped)."""
    template = os.environ["TEST_TEMPLATE"]
    with closing(owner_connect("postgres")) as connection, connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY FILE_COPY')


class _Clones:
    """The plugin that replaces pytest-django's set-up; registered only with our own servers."""

    @pytest.fixture(scope="session")
    def django_db_setup(
        self,
        django_test_environment: None,
        django_db_blocker: Any,
        django_db_modify_db_settings: None,
    ) -> Iterator[None]:
        """Clone the template for this process and connect to it as ``app``."""
        import redis
        from django.conf import settings
        from django.db import connection
        from django.test import TransactionTestCase

        redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()
        name = connection.creation._get_test_db_name()
        with django_db_blocker.unblock():
            clone_template(name)
            connection.close()
        before = settings.DATABASES["default"]["NAME"]
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name

        def fresh(case: TransactionTestCase) -> None:
            connection.close()
            clone_template(name)

        TransactionTestCase._fixture_teardown = fresh  # type: ignore[method-assign]
        yield
        with django_db_blocker.unblock():
            connection.close()
            drop_database(name)
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = before

    @pytest.fixture
    def owner_connection(
        self, transactional_db: None
    ) -> "Iterator[psycopg2.extensions.connection]":
        """Give the owner's connection to the test database: for tampering on purpose."""
        from django.db import connection

        with closing(owner_connect(connection.settings_dict["NAME"])) as owner:
            yield owner
