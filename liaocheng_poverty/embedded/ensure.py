"""Give a command its services: use those that run, or start them for its length."""

import atexit
import fcntl
import os
import sys
from pathlib import Path
from typing import IO

from liaocheng_poverty.embedded import keys, prepare
from liaocheng_poverty.embedded.locks import locked
from liaocheng_poverty.embedded.paths import Layout, data_dir
from liaocheng_poverty.embedded.services import Services, clean_environment

_held: list[IO[str]] = []


def hold_use(data: Path) -> IO[str]:
    """Mark the services as in use until this process ends (a shared lock)."""
    file = open(data / "use.lock", "a")  # noqa: SIM115 - held for the life of the process
    fcntl.flock(file, fcntl.LOCK_SH)
    _held.append(file)
    return file


def _stop_when_unused(services: Services, mark: IO[str]) -> None:
    """Wait for the other commands that use our services, then stop them."""
    fcntl.flock(mark, fcntl.LOCK_EX)
    services.stop()


def export(layout: Layout) -> None:
    """Set the environment that the settings read, for the embedded services."""
    clean_environment()
    os.environ.update(
        DATA_DIR=str(layout.data),
        DATABASE_URL=layout.database_url("app"),
        DATABASE_ADMIN_URL=layout.database_url("owner"),
        REDIS_URL=layout.redis_url(),
    )
    os.environ.setdefault("EMBEDDED", "1")
    os.environ.setdefault("SECRET_KEY", keys.secret_key(layout.data))
    os.environ.setdefault("FIELD_KEYS", keys.field_keys(layout.data))


def tell(text: str) -> None:
    """Say something without disturbing a command's own output."""
    print(text, file=sys.stderr, flush=True)


def ensure(*, start: bool = True, migrated: bool = False) -> None:
    """Make the embedded services answer and export their addresses.

    Does nothing when DATABASE_URL is set: then real servers are meant. Without ``start`` the
    addresses are exported and nothing is started; ``migrated`` brings the tables up to date as
    well. Raises RuntimeError.
    """
    if os.environ.get("DATABASE_URL"):
        return
    services = Services(data_dir())
    services.layout.make()
    export(services.layout)
    if not start:
        return
    mark = hold_use(services.layout.data)
    with locked(services.layout.data / "start.lock"):
        if not services.running():
            services.start()
            atexit.register(_stop_when_unused, services, mark)
    if migrated:
        prepare.migrate(services, progress=tell)
