"""What 李海务街道 hands in stays out of 东昌府区: page, file, list, export, form choice."""

import re
from io import BytesIO

from openpyxl import load_workbook

from tests.e2e.browser import NewPage, go, sign_in
from tests.e2e.test_walk_progress import log_something

STRANGERS = ("reviewer-371502", "office-371502")


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def exported(sheet: bytes) -> str:
    rows = load_workbook(BytesIO(sheet), read_only=True).active.iter_rows(values_only=True)
    return "\n".join(str(row) for row in rows)


def test_a_stranger_finds_nothing_of_the_street(new_page: NewPage) -> None:
    phone, above = new_page(phone=True), new_page()
    sign_in(phone, "recorder-371502011")
    entry = log_something(phone)
    file = path_of(phone.locator("main a[href*='/evidence/']").first.get_attribute("href") or "")
    duty = path_of(phone.locator(".crumbs a[href*='/duties/']").get_attribute("href") or "")
    assert phone.request.get(file).status == 200

    sign_in(above, "reviewer-3715Z3")
    assert above.request.get(file).status == 200
    go(above, "/duties/?q=李海务街道")
    assert above.locator("main table a[href*='/duties/']").count()

    for name in STRANGERS:
        page = new_page()
        sign_in(page, name)
        go(page, entry, status=404)
        go(page, duty, status=404)
        assert page.request.get(file).status == 404
        new = page.request.get(f"/progress/new/?assignment={duty.strip('/').split('/')[-1]}")
        assert new.status in (403, 404)
        for listing in ("/progress/", "/duties/", "/review/", "/deadlines/", "/divisions/?q=lhwjd"):
            go(page, listing)
            assert "李海务" not in page.locator("main").inner_text()
        assert "李海务" not in exported(page.request.get("/duties/export/?due=late").body())
    own = exported(above.request.get("/duties/export/?due=late").body())
    assert "李海务" in own


def test_the_review_list_goes_by_keyboard(new_page: NewPage) -> None:
    page = new_page()
    sign_in(page, "reviewer-371525")
    go(page, "/review/")
    focused = "document.activeElement.closest('[data-row]')?.rowIndex"
    page.keyboard.press("j")
    first = page.evaluate(focused)
    page.keyboard.press("j")
    assert page.evaluate(focused) == first + 1
    page.keyboard.press("k")
    assert page.evaluate(focused) == first
    page.keyboard.press("p")
    assert page.locator("[data-row] input:checked").count() == 1
    page.click("button:has-text('通过选中的')")
    assert "通过" in page.inner_text("main")


def test_the_office_extends_a_duty_to_the_zones(new_page: NewPage) -> None:
    page = new_page()
    sign_in(page, "office-3715")
    go(page, "/duties/zones/")
    name = page.locator("form.card tr[data-row] label").first.inner_text()
    page.locator("form.card tr[data-row] input[type=checkbox]").first.check()
    page.fill("textarea[name=basis], input[name=basis]", " ")
    page.click("button:has-text('明确所选责任')")
    assert page.locator("[role=alert]").count(), "without a basis it must be refused"
    assert page.locator("form.card tr[data-row] input:checked").count() == 1
    page.fill("textarea[name=basis], input[name=basis]", "市领导小组会议明确，演示。")
    page.click("button:has-text('明确所选责任')")
    assert name in page.locator("main > section.card, main section.card").last.inner_text()
