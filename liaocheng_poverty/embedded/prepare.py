"""Bring the embedded database up to date: migrations, then the product's data, once."""

import hashlib
from collections.abc import Callable
from contextlib import closing

from liaocheng_poverty.embedded.locks import locked
from liaocheng_poverty.embedded.paths import BASE_DIR
from liaocheng_poverty.embedded.process import tail
from liaocheng_poverty.embedded.services import Services
from liaocheng_poverty.embedded.supervisor import environment, run_command, say

SCHEMA_FILES = (
    "*/migrations/*.py",
    "responsibility/*/migrations/*.py",
    "responsibility/*/apps.py",
    "responsibility/*/triggers.py",
    "requirements.txt",
    "liaocheng_poverty/settings.py",
)


STATIC_FILES = ("static/**/*", "data/map/*", "requirements.txt")


def digest(patterns: tuple[str, ...]) -> str:
    """Return a digest of the project's files that the patterns name."""
    total = hashlib.sha256()
    found = {path for pattern in patterns for path in BASE_DIR.glob(pattern) if path.is_file()}
    for path in sorted(found):
        total.update(str(path.relative_to(BASE_DIR)).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]


def marks(services: Services) -> set[str]:
    """Return what has been done to this database (its comment: it goes where the database goes)."""
    with closing(services.connect("app")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'app'"
        )
        return set((cursor.fetchone()[0] or "").split())


def add_mark(services: Services, mark: str, *, instead_of: str = "") -> None:
    """Remember that something is done; marks that start with ``instead_of`` are dropped."""
    kept = {old for old in marks(services) if not instead_of or not old.startswith(instead_of)}
    with closing(services.connect("app")) as connection, connection.cursor() as cursor:
        cursor.execute("COMMENT ON DATABASE app IS %s", [" ".join(sorted(kept | {mark}))])


def step(services: Services, *arguments: str) -> str:
    """Run one management command and return its output; raise RuntimeError if it fails."""
    log = services.layout.logs / "prepare.log"
    code, output = run_command(arguments, environment(), log)
    if code:
        raise RuntimeError(f"'{' '.join(arguments)}' failed (log: {log}):\n{tail(log, 15)}")
    return output


def migrate(services: Services, *, progress: Callable[[str], None] = say) -> None:
    """Migrate, unless this very schema has been migrated already."""
    mark = f"schema:{digest(SCHEMA_FILES)}"
    with locked(services.layout.data / "migrate.lock"):
        if mark in marks(services):
            return
        progress("Creating or updating the tables …")
        step(services, "migrate", "--verbosity", "0")
        add_mark(services, mark, instead_of="schema:")


def static(services: Services) -> None:
    """Collect and compress the static files, as the production shape serves them."""
    done, mark = services.layout.data / "static-done", digest(STATIC_FILES)
    if done.exists() and done.read_text() == mark:
        return
    say("Compressing the static files (half a minute, once) …")
    step(services, "collectstatic", "--noinput", "--verbosity", "0")
    done.write_text(mark)


def demo(services: Services) -> None:
    """Load 聊城's data and the demo year, unless that has been done."""
    if "demo" in marks(services):
        return
    say("Loading the divisions, the regulation, the duties and the demo year (about a minute) …")
    try:
        step(services, "seed_demo", "--if-empty")
    except RuntimeError as error:
        if "Unknown command" not in str(error):
            raise
        say("(no demo data yet)")
        return
    add_mark(services, "demo")
