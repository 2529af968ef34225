"""``make backup`` and ``make restore``: database, files, keys and anchors in one archive.

The archive holds the keys of personal data: keep it as you keep the keys.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from liaocheng_poverty.embedded import prepare
from liaocheng_poverty.embedded.ensure import ensure
from liaocheng_poverty.embedded.paths import BASE_DIR, Layout, data_dir, postgres_bin
from liaocheng_poverty.embedded.services import Services

FORMAT = 1
FOLDERS = ("media", "keys", "anchors")  # under DATA_DIR
SINGLE = ("demo-password",)
SCRATCH = "restore.new"


class Trouble(Exception):  # noqa: N818 - said in one line
    """A backup or restore cannot be done, and this is why."""


def _tool(name: str, arguments: list[str]) -> None:
    """Run pg_dump or pg_restore; raise Trouble with its last words."""
    found = shutil.which(name) if not postgres_bin(name).exists() else str(postgres_bin(name))
    if found is None:
        raise Trouble(f"{name} is not installed")
    done = subprocess.run([found, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"{name} failed: {done.stderr.strip()[-1000:]}")


def owner_url() -> str:
    """Return the owner's address of the database, in libpq's form."""
    url = os.environ.get("DATABASE_ADMIN_URL") or os.environ["DATABASE_URL"]
    _, _, rest = url.partition("://")
    user, _, place = rest.partition("@")
    if place.startswith("/"):  # a socket folder: django-environ's form is not libpq's
        folder, _, database = place[1:].rpartition("/")
        return f"host={folder} user={user} dbname={database}"
    return f"postgresql://{rest}"


def _media(data: Path) -> Path:
    return Path(os.environ.get("MEDIA_ROOT") or data / "media")


def _contents(data: Path) -> Iterator[tuple[Path, str]]:
    """Yield what goes into the archive beside the database: path and name inside."""
    for name in FOLDERS:
        folder = _media(data) if name == "media" else data / name
        for path in sorted(folder.rglob("*")) if folder.exists() else ():
            if path.is_file() and not path.is_symlink():
                yield path, f"{name}/{path.relative_to(folder)}"
    for name in SINGLE:
        if (data / name).exists():
            yield data / name, name


def backup(target: str = "") -> Path:
    """Write the archive and return its path; the services may be running."""
    ensure()
    data = data_dir()
    when = time.strftime("%Y%m%d-%H%M%S")
    path = Path(target).expanduser().resolve() if target else data / "backups" / f"{when}.tar.gz"
    if path.exists():
        raise Trouble(f"{path} exists already")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    dump = path.with_name(path.name + ".dump")
    unfinished = path.with_name(path.name + ".part")
    try:
        # the database first: files are only ever added, so each one it names is there afterwards
        options = ["--format=custom", "--no-owner", "--no-privileges"]
        _tool("pg_dump", [*options, f"--file={dump}", f"--dbname={owner_url()}"])
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as tar:
            _add_text(tar, "manifest.json", json.dumps(manifest(when), indent=1))
            tar.add(dump, "database.dump")
            for source, name in _contents(data):
                tar.add(source, name)
        unfinished.rename(path)
    finally:
        dump.unlink(missing_ok=True)
        unfinished.unlink(missing_ok=True)
    return path


def manifest(when: str) -> dict[str, Any]:
    """Return what the archive says of itself."""
    return {"format": FORMAT, "product": "liaocheng-poverty", "made": when}


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(text.encode()), 0o600
    tar.addfile(info, io.BytesIO(text.encode()))


def _destination(data: Path, name: str) -> Path:
    """Return where a file of the archive goes; refuse names that lead elsewhere."""
    parts = Path(name).parts
    known = name in (*SINGLE, "manifest.json", "database.dump") or parts[0] in FOLDERS
    if not known or Path(name).is_absolute() or ".." in parts:
        raise Trouble(f"the archive holds an unexpected file: {name}")
    if parts[0] == "media":
        return _media(data).joinpath(*parts[1:])
    if name in ("manifest.json", "database.dump"):
        return data / SCRATCH / name
    return data / name


def _unpack(path: Path, data: Path) -> None:
    try:
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                if not member.isfile():
                    raise Trouble(f"the archive holds an unexpected entry: {member.name}")
                target = _destination(data, member.name)
                source = tar.extractfile(member)
                assert source is not None
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                target.touch(mode=0o600)
                with source, open(target, "wb") as file:
                    shutil.copyfileobj(source, file)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Trouble(f"{path} cannot be read: {error}") from error
    if not (data / SCRATCH / "database.dump").exists():
        raise Trouble(f"{path} is not a backup of this system")


def _must_be_empty(data: Path) -> None:
    """Refuse to restore over anything."""
    used = [name for name in ("postgres", "keys", "media", "anchors") if (data / name).exists()]
    if used:
        raise Trouble(f"{data} already holds {', '.join(used)}: give an empty DATA_DIR")


def restore(source: str) -> None:
    """Bring an archive back into an empty data folder (or an empty given database)."""
    path = Path(source).expanduser().resolve()
    if not source or not path.is_file():
        raise Trouble(f"no such file: {source or '(give FILE=…)'}")
    layout = Layout(data_dir())
    _must_be_empty(layout.data)
    layout.make()
    try:
        _unpack(path, layout.data)
        embedded = not os.environ.get("DATABASE_URL")
        ensure()
        if embedded:
            _clear_embedded(layout)
        options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        dump = layout.data / SCRATCH / "database.dump"
        _tool("pg_restore", [*options, f"--dbname={owner_url()}", str(dump)])
        _manage("migrate", "--verbosity", "0")
        if embedded and (layout.data / "demo-password").exists():
            prepare.add_mark(Services(layout.data), "demo")
    finally:
        shutil.rmtree(layout.data / SCRATCH, ignore_errors=True)


def _clear_embedded(layout: Layout) -> None:
    """Forget what was remembered of the fresh database."""
    with Services(layout.data).connect("app") as connection, connection.cursor() as cursor:
        cursor.execute("COMMENT ON DATABASE app IS NULL")


def _manage(*arguments: str) -> None:
    command = [sys.executable, "-W", "ignore", str(BASE_DIR / "manage.py"), *arguments]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"{arguments[0]} failed: {done.stderr.strip()[-1000:]}")
