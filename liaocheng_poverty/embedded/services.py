"""PostgreSQL and Redis on one data folder: create, start, stop."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import psycopg2
import redis

from liaocheng_poverty.embedded.paths import Layout, postgres_bin, redis_server
from liaocheng_poverty.embedded.process import identity, spawn, stop, wait_until

INITDB = [
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=PG_UNICODE_FAST",
    "--lc-ctype=C.UTF-8",  # with C, pg_trgm finds no trigrams in Chinese
    "--lc-collate=C",
    "--username=postgres",
    "--auth=trust",  # sockets only, in a folder of 0700
]
DISPOSABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
}
LIBPQ = (
    "PGHOST",
    "PGPORT",
    "PGDATABASE",
    "PGUSER",
    "PGOPTIONS",
    "PGSERVICE",
    "PGDATA",
    "PGHOSTADDR",
)


def clean_environment() -> None:
    """Drop libpq's own variables: the addresses we give are whole."""
    for name in LIBPQ:
        os.environ.pop(name, None)


def _environment() -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name not in LIBPQ},
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


class Services:
    """The two servers of one data folder; ``disposable`` trades safety for speed (tests)."""

    def __init__(self, data: Path, *, disposable: bool = False) -> None:
        """Name the folder; nothing is started or created yet."""
        self.layout = Layout(data)
        self.disposable = disposable
        self.postgres: subprocess.Popen[bytes] | None = None
        self.redis: subprocess.Popen[bytes] | None = None

    # --- state ---------------------------------------------------------------------------------
    def postgres_answers(self, database: str = "postgres") -> bool:
        """Say whether PostgreSQL takes connections."""
        try:
            with closing(self.connect(database)):
                return True
        except psycopg2.OperationalError:
            return False

    def redis_answers(self) -> bool:
        """Say whether Redis answers a PING."""
        try:
            with closing(redis.Redis(unix_socket_path=str(self.layout.redis_socket))) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def running(self) -> bool:
        """Say whether both answer (whoever started them)."""
        return self.redis_answers() and self.postgres_answers("app")

    def connect(self, database: str = "postgres") -> "psycopg2.extensions.connection":
        """Return an autocommitting connection of the superuser."""
        connection = psycopg2.connect(
            host=str(self.layout.run), user="postgres", dbname=database, connect_timeout=5
        )
        connection.autocommit = True
        return connection

    # --- start -----------------------------------------------------------------------------------
    def start(self) -> None:
        """Create what is missing and start both servers; raise RuntimeError with the log."""
        clean_environment()
        self.layout.make()
        self.start_redis()
        self.start_postgres()
        self._create_roles()

    def start_redis(self) -> None:
        """Start Redis and wait for it."""
        layout, log = self.layout, self.layout.logs / "redis.log"
        layout.redis_socket.unlink(missing_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(layout.redis_socket),
            "unixsocketperm": "700",
            "dir": str(layout.redis),
            "databases": "64",
            # else a full disk keeps it alive: it refuses to end without having saved
            "shutdown-on-sigterm": "force",
            "save": "" if self.disposable else "60 1",
            "appendonly": "no" if self.disposable else "yes",
        }
        arguments = [part for key, value in options.items() for part in (f"--{key}", value)]
        self.redis = spawn([redis_server(), *arguments], log=log, env=_environment())
        wait_until(self.redis_answers, self.redis, log, "Redis", 20)

    def start_postgres(self) -> None:
        """Create the cluster if there is none, start it and wait for it."""
        if not (self.layout.postgres / "PG_VERSION").exists():
            self._init()
        self._end_leftover()
        for attempt in range(3):
            try:
                self._start_once()
                return
            except RuntimeError as error:
                # workers of a killed server let go of its shared memory a moment later
                if "shared memory" not in str(error) or attempt == 2:
                    raise
                time.sleep(1)

    def _start_once(self) -> None:
        layout, log = self.layout, self.layout.logs / "postgres.log"
        who = identity(layout.postgres)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{layout.run}"',
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **(DISPOSABLE if self.disposable else {}),
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self.postgres = spawn(
            [postgres_bin("postgres"), "-D", layout.postgres, *options],
            log=log,
            on_parent_death=signal.SIGINT,
            env=_environment(),
            who=who,
        )
        wait_until(self.postgres_answers, self.postgres, log, "PostgreSQL", 60)

    def _init(self) -> None:
        """Run initdb beside the final place: an interrupted one leaves nothing half made."""
        final = self.layout.postgres
        if final.exists() and any(final.iterdir()):
            raise RuntimeError(f"{final} is not empty and holds no database: move it away")
        folder = final.with_name("postgres.new")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        who = identity(folder)
        if who.uid is not None:
            self.layout.data.chmod(0o711)  # the account must get through to its own folder
            for path in (folder, self.layout.run):
                os.chown(path, who.uid, -1)
        command = [*who.prefix, str(postgres_bin("initdb")), "-D", str(folder), *INITDB]
        done = subprocess.run(
            command, env=_environment(), cwd="/", capture_output=True, check=False, **who.popen
        )
        if done.returncode:
            text = (done.stdout + done.stderr).decode(errors="replace").strip()
            raise RuntimeError(f"initdb failed:\n{text[-1500:]}")
        folder.rename(final)

    def _end_leftover(self) -> None:
        """Stop a server that outlived its launcher on the same folder."""
        try:
            pid = int((self.layout.postgres / "postmaster.pid").read_text().split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return
        if os.fsencode(self.layout.postgres) not in command:
            return
        os.kill(pid, signal.SIGINT)
        limit = time.monotonic() + 20
        while Path(f"/proc/{pid}").exists() and time.monotonic() < limit:
            time.sleep(0.1)

    def _create_roles(self) -> None:
        """Create the roles ``owner`` (migrations) and ``app`` (what serves), and the database."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT rolname FROM pg_roles WHERE rolname IN ('owner', 'app')")
            roles = {row[0] for row in cursor.fetchall()}
            for role in {"owner", "app"} - roles:
                cursor.execute(f"CREATE ROLE {role} LOGIN")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'app'")
            if cursor.fetchone() is None:
                cursor.execute("CREATE DATABASE app OWNER owner")

    # --- stop ------------------------------------------------------------------------------------
    def stop(self) -> None:
        """Stop what we started: Redis saves, PostgreSQL ends its sessions."""
        if self.redis is not None:
            stop(self.redis, signal.SIGTERM, 10)
        if self.postgres is not None:
            stop(self.postgres, signal.SIGINT, 30)
        self.redis = self.postgres = None
