"""Fixtures of the browser walks. Others write: ``def test_x(phone): sign_in(phone, "…")``."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser import DESKTOP, FLAGS, PHONE, NewPage, Watch, find_browser, watch_of
from tests.e2e.site import Site

REASON = "no browser: apt-get install chromium fonts-noto-cjk, or set BROWSER_PATH"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the walks; without a browser skip them aloud, or fail where they are required."""
    here = [item for item in items if "tests/e2e/" in item.nodeid]
    required = os.environ.get("E2E") == "required" or os.environ.get("CI") == "true"
    for item in here:
        item.add_marker(pytest.mark.e2e)
        if find_browser() is None and not required:
            item.add_marker(pytest.mark.skip(reason=REASON))
    if here and find_browser() is None and required:
        raise pytest.UsageError(REASON)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the machine's own Chromium; nothing is downloaded."""
    return {"executable_path": find_browser(), "args": FLAGS}


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The running system with demo data, one for all walks of this process."""
    site = Site()
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture
def new_page(browser: Browser, site: Site) -> Iterator[NewPage]:
    """Open further pages, each with cookies of its own: ``new_page(phone=True)``."""
    opened: list[Page] = []

    def make(*, phone: bool = False, **options: Any) -> Page:
        context = browser.new_context(
            base_url=site.url,
            viewport=PHONE if phone else DESKTOP,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=phone,
            is_mobile=phone,
            **options,
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.__dict__.update(_watch=Watch(page), _site=site)
        opened.append(page)
        return page

    yield make
    try:
        for page in opened:
            watch_of(page).check()
    finally:
        for page in opened:
            page.context.close()


@pytest.fixture
def desktop(new_page: NewPage) -> Page:
    """A page of 1280 × 800."""
    return new_page()


@pytest.fixture
def phone(new_page: NewPage) -> Page:
    """A page of 390 × 844 with touch."""
    return new_page(phone=True)
