"""Configuration mistakes are named; the production shape itself is clean."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from liaocheng_poverty import checks
from liaocheng_poverty.embedded.keys import new_field_key

BASE_DIR = Path(__file__).resolve().parents[2]
GOOD = {
    "EMBEDDED": False,
    "DEBUG": False,
    "SECRET_KEY": "s" * 60,
    "ALLOWED_HOSTS": ["zrz.example.gov.cn"],
    "CSRF_TRUSTED_ORIGINS": ["https://zrz.example.gov.cn"],
    "DATABASE_ADMIN_URL": "postgres://owner@db/app",
    "DEMO": False,
}


def found(settings: Settings, **changes: object) -> list[str]:
    for name, value in {**GOOD, "FIELD_KEYS": [new_field_key()], **changes}.items():
        setattr(settings, name, value)
    return [message.id for message in checks.configuration(None)]


def test_the_production_shape_is_clean(settings: Settings) -> None:
    assert found(settings) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"SECRET_KEY": "unset-" + "x" * 50}, "liaocheng.E001"),
        ({"FIELD_KEYS": []}, "liaocheng.E002"),
        ({"FIELD_KEYS": ["short"]}, "liaocheng.E003"),
        ({"SECRET_KEY": "short"}, "liaocheng.E004"),
        ({"ALLOWED_HOSTS": []}, "liaocheng.E005"),
        ({"ALLOWED_HOSTS": ["*"]}, "liaocheng.E006"),
        ({"DEMO": True}, "liaocheng.E007"),
        ({"CSRF_TRUSTED_ORIGINS": ["http://zrz.example.gov.cn"]}, "liaocheng.W001"),
        ({"DATABASE_ADMIN_URL": ""}, "liaocheng.W002"),
    ],
)
def test_each_mistake_is_named(
    settings: Settings, change: dict[str, object], expected: str
) -> None:
    assert found(settings, **change) == [expected]


def test_the_embedded_default_needs_no_settings(settings: Settings) -> None:
    assert found(settings, EMBEDDED=True, SECRET_KEY="short") == []


def test_check_deploy_is_clean_in_the_production_shape() -> None:
    environment = {
        **{key: os.environ[key] for key in ("PATH", "DATABASE_URL", "REDIS_URL")},
        "EMBEDDED": "0",
        "SECRET_KEY": "".join(chr(33 + i) for i in range(60)).replace("$", "x"),
        "FIELD_KEYS": new_field_key(),
        "ALLOWED_HOSTS": "zrz.example.gov.cn",
        "CSRF_TRUSTED_ORIGINS": "https://zrz.example.gov.cn",
        "DATABASE_ADMIN_URL": os.environ.get("DATABASE_ADMIN_URL", "postgres://owner@db/app"),
    }
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "manage.py",
            "check",
            "--deploy",
            "--fail-level",
            "WARNING",
        ],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
