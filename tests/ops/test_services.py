"""The embedded servers start for anyone and anywhere."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from liaocheng_poverty.embedded import keys, process
from liaocheng_poverty.embedded.paths import Layout, data_dir, run_dir
from liaocheng_poverty.embedded.services import Services
from tests.ops.running import clean_environment

BASE_DIR = Path(__file__).resolve().parents[2]
AS_SOMEBODY = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
START_AND_STOP = """
import os, sys
from pathlib import Path
from liaocheng_poverty.embedded.services import Services
from tests.ops.running import clean_environment
services = Services(Path(sys.argv[1]))
services.start()
print(os.getuid(), services.running())
services.stop()
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other accounts may pass through (tmp_path may not be)."""
    folder = Path(tempfile.mkdtemp(prefix="lp-open-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def chinese_text_works(services: Services) -> bool:
    with closing(services.connect("app")) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("SELECT array_length(show_trgm('李海务街道'), 1) > 2")
        return bool(cursor.fetchone()[0])


def test_a_path_with_spaces_commas_and_chinese_and_far_too_long(tmp_path: Path) -> None:
    data = tmp_path / "a folder, 聊城市" / ("long" * 20) / "数据"
    services = Services(data)
    try:
        services.start()
        assert services.running()
        assert chinese_text_works(services)
    finally:
        services.stop()
    assert not run_dir(data).is_relative_to(data)
    assert not services.running()


def test_a_restart_keeps_what_was_written(tmp_path: Path) -> None:
    for expected in (1, 2):
        services = Services(tmp_path / "data")
        try:
            services.start()
            with closing(services.connect("app")) as connection, connection.cursor() as cursor:
                cursor.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
                cursor.execute("INSERT INTO kept VALUES (1)")
                cursor.execute("SELECT count(*) FROM kept")
                assert cursor.fetchone() == (expected,)
        finally:
            services.stop()


@pytest.mark.skipif(os.getuid() != 0, reason="needs root")
def test_root_without_user_namespaces_starts_as_another_account(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_namespaces_allowed", lambda: False)
    services = Services(open_folder / "data")
    try:
        services.start()
        assert services.running()
        assert services.layout.postgres.stat().st_uid != 0
    finally:
        services.stop()


@pytest.mark.skipif(not process._namespaces_allowed(), reason="needs user namespaces")
def test_an_ordinary_user_needs_nothing_special(tmp_path: Path) -> None:
    done = subprocess.run(
        [*AS_SOMEBODY, sys.executable, "-c", START_AND_STOP, str(tmp_path / "data")],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "1000 True", done.stderr


def test_redis_ends_with_its_starter_even_when_it_cannot_save(tmp_path: Path) -> None:
    services = Services(tmp_path / "data")
    services.layout.make()
    services.start_redis()
    assert services.redis is not None
    shutil.rmtree(services.layout.redis)
    services.redis.terminate()
    try:
        assert services.redis.wait(10) == 0
    finally:
        services.redis.kill()


def test_a_folder_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letter.txt").write_text("mine")
    services = Services(tmp_path)
    services.layout.make()
    with pytest.raises(RuntimeError, match="not empty"):
        services.start_postgres()
    assert (tmp_path / "postgres" / "letter.txt").read_text() == "mine"


def test_keys_are_made_once_and_private(tmp_path: Path) -> None:
    first = keys.secret_key(tmp_path), keys.field_keys(tmp_path)
    assert (keys.secret_key(tmp_path), keys.field_keys(tmp_path)) == first
    for name in ("secret-key", "field-keys"):
        assert (tmp_path / "keys" / name).stat().st_mode & 0o777 == 0o600
    more = tmp_path / "keys" / "field-keys"
    more.write_text(f"{keys.new_field_key()}\n{first[1]}\n")
    assert keys.field_keys(tmp_path).endswith("," + first[1])


def test_the_data_folder_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert data_dir() == tmp_path
    monkeypatch.delenv("DATA_DIR")
    assert data_dir() == BASE_DIR / ".data"


def test_addresses_are_what_django_and_celery_read() -> None:
    layout = Layout(Path("/srv/lp"))
    assert layout.database_url("app") == "postgres://app@//srv/lp/run/app"
    assert layout.redis_url(3) == "unix:///srv/lp/run/redis.sock?db=3"


@pytest.mark.slow
def test_a_command_on_a_fresh_folder_starts_and_migrates_by_itself(tmp_path: Path) -> None:
    data = tmp_path / "data"
    count = "from accounts.models import User; print(User.objects.count())"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "shell", "-v", "0", "-c", count],
        cwd=BASE_DIR,
        env=clean_environment(data),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "0\n", done.stderr
    assert "Creating or updating the tables" in done.stderr
    assert not Services(data).running()
