"""The office's way from a clause to a street, and the administrators' own pages."""

import pytest

from tests.e2e.browser import NewPage, go, shot, sign_in


def test_from_the_regulation_to_a_body(new_page: NewPage) -> None:
    page = new_page()
    sign_in(page, "office-3715")
    shot(page, "workbench-office", full=False)
    go(page, "/regulations/")
    page.click("a:has-text('第二十一条')")
    shot(page, "article")
    page.click("main table a >> nth=0")
    assert "条文原话" in page.inner_text("main") or "原文" in page.inner_text("main")
    go(page, "/overview/")
    page.wait_for_selector(".map.is-live, .map svg", timeout=10_000)
    shot(page, "overview")
    go(page, "/duties/generate/")
    page.fill("input[name=year]", "2030")
    page.click("button[value=plan]")
    assert "将生成" in page.inner_text("main")


@pytest.mark.parametrize(
    ("who", "sees", "hidden"),
    [
        ("audit-3715", "/audit/", "/duties/generate/"),
        ("system-3715", "/system/", "/audit/"),
        ("security-3715", "/security/tokens/", "/audit/"),
        ("admin-371525", "/users/", "/audit/"),
        ("member-3715", "/duties/", "/users/"),
        ("inspector-3715", "/duties/", "/users/"),
        ("secretary-371525", "/duties/", "/duties/generate/"),
    ],
)
def test_each_has_his_own_pages(new_page: NewPage, who: str, sees: str, hidden: str) -> None:
    page = new_page(phone=who.startswith("secretary"))
    sign_in(page, who)
    shot(page, f"home-{who}", full=False)
    go(page, sees)
    shot(page, f"page-{who}", full=False)
    go(page, hidden, status=403)
