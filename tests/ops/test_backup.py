"""A backup holds everything; restored into an empty folder, all of it is back."""

import io
import json
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands

from liaocheng_poverty.embedded import backup
from liaocheng_poverty.embedded.services import Services
from tests.ops.running import BASE_DIR, clean_environment

pytestmark = pytest.mark.slow
WRITE = """
from django.contrib.sessions.models import Session
from django.utils import timezone
Session.objects.create(session_key="kept", session_data="聊城", expire_date=timezone.now())
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def run(data: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=BASE_DIR,
        env=clean_environment(data),
        capture_output=True,
        text=True,
        check=False,
    )


def count(cursor: Any, table: str) -> int:
    cursor.execute(f'SELECT count(*) FROM "{table}"')
    return int(cursor.fetchone()[0])


def counts(data: Path) -> dict[str, int]:
    services = Services(data)
    try:
        services.start()
        with closing(services.connect("app")) as connection, connection.cursor() as cursor:
            cursor.execute(TABLES)
            return {table: count(cursor, table) for (table,) in cursor.fetchall()}
    finally:
        services.stop()


def test_there_and_back(tmp_path: Path) -> None:
    old, new, archive = tmp_path / "old", tmp_path / "new folder", tmp_path / "all.tar.gz"
    for arguments in (["migrate", "--verbosity", "0"], ["shell", "-c", WRITE]):
        done = run(old, "manage.py", *arguments)
        assert done.returncode == 0, done.stderr
    for name in ("media/ab/cdef", "anchors/extra.log", "demo-password"):
        (old / name).parent.mkdir(parents=True, exist_ok=True)
        (old / name).write_text(f"content of {name}")

    done = run(old, "-m", "liaocheng_poverty.embedded", "backup", str(archive))
    assert done.returncode == 0, done.stdout + done.stderr
    assert archive.stat().st_mode & 0o777 == 0o600
    again = run(old, "-m", "liaocheng_poverty.embedded", "backup", str(archive))
    assert (again.returncode, again.stdout) == (1, f"{archive} exists already\n")

    done = run(new, "-m", "liaocheng_poverty.embedded", "restore", str(archive))
    assert done.returncode == 0, done.stdout + done.stderr
    kept = ("media/ab/cdef", "anchors/extra.log", "keys/secret-key", "keys/field-keys")
    for name in (*kept, "demo-password"):
        assert (new / name).read_text() == (old / name).read_text()
    assert not (new / backup.SCRATCH).exists()
    before, after = counts(old), counts(new)
    assert before == after
    assert after["django_session"] == 1
    if "audit_verify" in get_commands():
        done = run(new, "manage.py", "audit_verify")
        assert done.returncode == 0, done.stdout + done.stderr
    check_rights(new)

    over = run(new, "-m", "liaocheng_poverty.embedded", "restore", str(archive))
    assert over.returncode == 1
    assert "already holds" in over.stdout


def check_rights(data: Path) -> None:
    """The application's role is bound in the restored database as in the first."""
    services = Services(data)
    try:
        services.start()
        with closing(services.connect("app")) as connection, connection.cursor() as cursor:
            cursor.execute("SET ROLE app")
            cursor.execute("SELECT has_table_privilege('audit_event', 'UPDATE')")
            assert cursor.fetchone() == (False,)
            cursor.execute("SELECT has_table_privilege('accounts_user', 'UPDATE')")
            assert cursor.fetchone() == (True,)
    finally:
        services.stop()


def archive_with(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/outside", "media/../../outside", "postgres/x"]
)
def test_an_archive_that_reaches_outside_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("MEDIA_ROOT", raising=False)
    manifest = json.dumps(backup.manifest("now")).encode()
    path = archive_with(tmp_path / "bad.tar.gz", {"manifest.json": manifest, name: b"x"})
    with pytest.raises(backup.Trouble, match="unexpected file"):
        backup.restore(str(path))
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("content", [b"", b"not an archive", None])
def test_a_file_that_is_no_backup_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    path = tmp_path / "some.tar.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(backup.Trouble, match=r"some\.tar\.gz"):
        backup.restore(str(path))
