"""Compose file, image and entry commands, as far as they can be proved without an engine."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from liaocheng_poverty.embedded.keys import new_field_key
from liaocheng_poverty.embedded.process import spawn, stop, tail
from tests import services
from tests.ops.running import free_port, until

BASE_DIR = Path(__file__).resolve().parents[2]
INTERNAL = {"EMBEDDED", "TEST_TEMPLATE"}  # set by our own starters, not by operators
ours = pytest.mark.skipif("TEST_TEMPLATE" not in os.environ, reason="needs our own servers")


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())
    return content


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False)


def test_the_compose_file_fits_the_specification() -> None:
    done = run(
        *(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"),
        "docker-compose.yml",
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_passes_the_linter() -> None:
    linter = Path(sys.executable).parent / "hadolint"
    done = run(str(linter), "--config", ".hadolint.yaml", "Dockerfile")
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_parts_are_there_watched_and_started_again() -> None:
    parts = compose()["services"]
    assert set(parts) == {"postgres", "redis", "migrate", "web", "worker", "beat", "proxy"}
    for name, part in parts.items():
        if name == "migrate":
            assert part["restart"] == "no"
            continue
        assert part["restart"] == "unless-stopped", name
        assert part["healthcheck"]["test"], name
    for name in ("web", "worker", "beat"):
        needs = parts[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert parts[name]["read_only"] is True


def test_only_the_migration_knows_the_owner() -> None:
    parts = compose()["services"]
    knowing = {name for name, part in parts.items() if "DATABASE_ADMIN_URL" in part["environment"]}
    assert knowing == {"migrate"}


def test_no_secret_has_a_default() -> None:
    text = (BASE_DIR / "docker-compose.yml").read_text()
    for name in re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|KEYS)\w*)", text):
        assert not re.search(rf"\$\{{{name}:?-", text), name
    example = (BASE_DIR / ".env.example").read_text()
    for name in ("SECRET_KEY", "FIELD_KEYS", "POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD"):
        assert f"\n{name}=\n" in example


def test_the_example_lists_every_variable() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source("liaocheng_poverty/settings.py")))
    read |= set(re.findall(r'environ\.get\("([A-Z_]+)"', source("liaocheng_poverty/gunicorn.py")))
    read |= set(re.findall(r"\$\{([A-Z_]+)", source("docker-compose.yml")))
    listed = set(re.findall(r"(?m)^#?([A-Z_]+)=", source(".env.example")))
    assert read - listed - INTERNAL - {"PROMETHEUS_MULTIPROC_DIR"} == set()


def test_the_image_runs_the_commands_that_compose_runs() -> None:
    parts = compose()["services"]
    for name in ("migrate", "web", "worker", "beat"):
        assert parts[name]["command"] == ["deploy/entry", name]
    assert 'CMD ["deploy/entry", "web"]' in source("Dockerfile")
    assert "USER 10001" in source("Dockerfile")
    assert os.access(BASE_DIR / "deploy/entry", os.X_OK)


def source(name: str) -> str:
    return (BASE_DIR / name).read_text()


# --- the entry commands, in the production shape, without containers ---------------------------
@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of compose's containers, on the servers of this run."""
    database = f"test_entry_{os.getpid()}"
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    redis = os.environ["TEST_REDIS"].rpartition("=")[0]
    with closing(services.owner_connect("postgres")) as owner:
        owner.cursor().execute(f'CREATE DATABASE "{database}"')
    yield {
        "PATH": os.environ["PATH"],
        "PYTHON": sys.executable,
        "PYTHONWARNINGS": "ignore",
        "DATABASE_URL": f"{base}/{database}",
        "REDIS_URL": f"{redis}=60",
        "SECRET_KEY": "deploy-" + "k" * 60,
        "FIELD_KEYS": new_field_key(),
        "ALLOWED_HOSTS": "zrz.example.gov.cn,127.0.0.1",
        "CSRF_TRUSTED_ORIGINS": "https://zrz.example.gov.cn",
        "DATA_DIR": str(tmp_path / "data"),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
        "BIND": f"127.0.0.1:{free_port()}",
        "TMPDIR": str(tmp_path),
        "CELERY_QUEUE": database,
    }
    services.drop_database(database)


def entry(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["deploy/entry", *arguments],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def probe(environment: dict[str, str], kind: str) -> Callable[[], bool]:
    return lambda: entry(environment, "probe", kind).returncode == 0


@ours
@pytest.mark.slow
def test_the_entry_commands_serve(environment: dict[str, str], tmp_path: Path) -> None:
    owner = {"DATABASE_ADMIN_URL": environment["DATABASE_URL"].replace("//app@", "//owner@")}
    done = entry({**environment, **owner}, "migrate")
    assert done.returncode == 0, done.stderr
    assert entry(environment, "probe", "web").returncode == 1
    started = []
    try:
        for kind in ("web", "worker", "beat"):
            log = tmp_path / f"{kind}.log"
            started.append(
                spawn([BASE_DIR / "deploy/entry", kind], log=log, env=environment, cwd=BASE_DIR)
            )
        for kind in ("web", "worker", "beat"):
            until(probe(environment, kind), 90, f"{kind}: {tail(tmp_path / f'{kind}.log')}")
    finally:
        began = time.monotonic()
        for child in started:
            stop(child, 15, 20)
    assert time.monotonic() - began < 40
    assert entry(environment, "probe", "web").returncode == 1


def test_an_unknown_entry_is_refused() -> None:
    done = run("deploy/entry", "everything")
    assert done.returncode == 2
    assert "entry web | worker | beat | migrate" in done.stderr
