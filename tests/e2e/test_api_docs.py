"""The API's page works under its own strict header."""

from playwright.sync_api import Page

from tests.e2e.browser import shot


def test_the_page_of_the_api_lists_its_operations(desktop: Page) -> None:
    desktop.goto("/api/v1/docs/")
    desktop.locator(".opblock").first.wait_for()
    assert desktop.locator(".opblock").count() > 20
    assert "/api/v1/assignments/" in desktop.locator("#swagger-ui").inner_text()
    shot(desktop, "api-docs")
