"""The running system answers, and the watch itself sees what it must see."""

import pytest
from playwright.sync_api import Page

from tests.e2e.browser import go, shot, watch_of


def test_the_sign_in_page_stands_on_a_phone_and_on_a_desk(phone: Page, desktop: Page) -> None:
    for name, page in (("phone", phone), ("desktop", desktop)):
        go(page, "/login/")
        assert page.locator("input[name=password]").is_visible()
        assert shot(page, f"sign-in-{name}").stat().st_size > 2000


def test_a_stranger_is_sent_to_the_sign_in_page(desktop: Page) -> None:
    go(desktop, "/")
    assert "/login/" in desktop.url


def test_the_watch_sees_sideways_scroll_script_errors_and_inline_styles(desktop: Page) -> None:
    go(desktop, "/login/")
    desktop.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<b style=\"color:red\">x</b>')"
    )
    desktop.evaluate("setTimeout(() => { throw new Error('on purpose') })")
    desktop.evaluate(
        "const w = document.createElement('pre'); w.textContent = 'x'.repeat(3000);"
        "document.body.append(w)"
    )
    desktop.wait_for_timeout(200)
    watch = watch_of(desktop)
    with pytest.raises(AssertionError) as caught:
        watch.check()
    text = str(caught.value)
    assert "sideways" in text
    assert "on purpose" in text
    assert "CSP style-src" in text
    watch.wrong.clear()
    desktop.goto("about:blank")
