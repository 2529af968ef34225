"""Every page of the menu, as each role, on a phone and on a desk."""

import pytest
from playwright.sync_api import Page

from tests.e2e.browser import NewPage, go, sign_in
from tests.e2e.checks import check_keyboard, check_large_text, check_page

ROLES = ["office-3715", "recorder-371502011", "reviewer-371525", "secretary-371525", "member-3715"]


def menu_paths(page: Page) -> list[str]:
    go(page, "/menu/")
    links = page.locator("main .menu a").evaluate_all(
        "list => list.map(el => el.getAttribute('href'))"
    )
    return ["/", *dict.fromkeys(link for link in links if link != "/")]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_the_menu_stands(new_page: NewPage, role: str) -> None:
    for phone in (False, True):
        page = new_page(phone=phone)
        sign_in(page, role)
        for path in menu_paths(page):
            go(page, path)
            check_page(page)
            check_large_text(page)


def test_the_sign_in_page_and_refusals_stand(phone: Page) -> None:
    go(phone, "/login/")
    check_page(phone)
    sign_in(phone, "recorder-371502011")
    go(phone, "/nowhere/", status=404)
    check_page(phone)
    go(phone, "/duties/generate/", status=403)
    check_page(phone)


def test_the_keyboard_reaches_everything(desktop: Page) -> None:
    sign_in(desktop, "office-3715")
    for path in ("/", "/duties/", "/overview/", "/feedback/"):
        go(desktop, path)
        check_keyboard(desktop)


def test_without_script_a_form_is_sent_and_a_list_filtered(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/login/")
    page.fill("input[name=login]", "recorder-371502011")
    page.fill("input[name=password]", page.__dict__["_site"].password)
    page.click("button[type=submit]")
    page.goto("/duties/?due=soon")
    assert page.locator("h1").inner_text() == "责任清单"
    page.goto("/feedback/")
    page.fill("textarea[name=text]", "没有脚本也能写")
    page.click("main form button[type=submit]")
    assert "没有脚本也能写" in page.inner_text("main")
    assert page.locator("[data-js]:visible").count() == 0
    page.goto("about:blank")
