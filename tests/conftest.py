"""Fixtures for every test."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from xdist.scheduler import LoadScopeScheduling

from tests.cast import Cast, make_cast

TOGETHER = {"tests/e2e/": "browser", "tests/ops/": "launcher"}


class Together(LoadScopeScheduling):
    """Spread single tests over the workers; what shares something costly stays on one of them.

    By path rather than by ``xdist_group``: pytest 9.2 and xdist 3.8 do not agree on that mark.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((name for path, name in TOGETHER.items() if nodeid.startswith(path)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Use the scheduler above whenever tests run on several workers."""
    return Together(config, log)


@pytest.fixture
def cast(db: None) -> Cast:
    """The people and places of tests/cast.py."""
    return make_cast()


@pytest.fixture(autouse=True)
def _clean_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep what one test cached from the next (only where a database is used)."""
    yield
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames:
        cache.clear()


@pytest.fixture(autouse=True)
def _own_media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files and anchors of tests go to a folder of the test run."""
    old = settings.MEDIA_ROOT, settings.DATA_DIR
    base = tmp_path_factory.getbasetemp()
    settings.MEDIA_ROOT, settings.DATA_DIR = str(base / "media"), base / "data"
    yield
    settings.MEDIA_ROOT, settings.DATA_DIR = old
