"""Fixtures for every test."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache

from tests.cast import Cast, make_cast


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
