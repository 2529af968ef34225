"""The pages of those who keep accounts, rights, the log and the machine room."""

import pytest

from tests.e2e.browser import NewPage, go, sign_in
from tests.e2e.checks import check_large_text, check_page
from tests.e2e.test_pages import menu_paths

ROLES = ["audit-3715", "security-3715", "system-3715", "admin-371525"]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_an_administrator_stands(new_page: NewPage, role: str) -> None:
    for phone in (False, True):
        page = new_page(phone=phone)
        sign_in(page, role)
        for path in menu_paths(page):
            go(page, path)
            check_page(page)
            check_large_text(page)


def test_the_log_is_proved_from_its_page(new_page: NewPage) -> None:
    page = new_page()
    sign_in(page, "audit-3715")
    go(page, "/audit/?verb=accounts")
    assert "账号：登录" in page.inner_text("main")
    page.click("button:has-text('现在核验')")
    for _ in range(30):
        if page.locator(".badge--green:has-text('完好')").count():
            break
        page.wait_for_timeout(1000)
        go(page, "/audit/")
    assert page.locator(".badge--green:has-text('完好')").count() == 1
