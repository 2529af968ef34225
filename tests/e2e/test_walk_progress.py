"""A duty of 李海务街道 logged on a phone, returned, mended and passed by 旅游度假区."""

import re

from playwright.sync_api import Page

from tests.e2e.browser import NewPage, go, shot, sign_in

TEXT = "入户走访 42 户，更换电暖器 1 台。"


def log_something(page: Page) -> str:
    """Log on the first duty of the list and hand it in; return the entry's path."""
    go(page, "/duties/?status=not_started")
    page.locator("main a[href*='/progress/new/']").first.click()
    page.fill("textarea[name=text]", TEXT)
    page.set_input_files(
        "input[name=files]",
        {"name": "走访.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF"},
    )
    shot(page, "progress-phone")
    page.click("button[value=submit]")
    assert "已报送" in page.inner_text("main"), page.inner_text("main")[:400]
    return re.sub(r"^https?://[^/]+", "", page.url)


def test_logged_returned_mended_and_passed(new_page: NewPage) -> None:
    phone, desk = new_page(phone=True), new_page()
    sign_in(phone, "recorder-371502011")
    shot(phone, "workbench-phone")
    assert "李海务街道" in phone.inner_text("main")
    entry = log_something(phone)

    sign_in(desk, "reviewer-3715Z3")
    go(desk, "/review/")
    shot(desk, "review-queue")
    go(desk, entry)
    assert TEXT in desk.inner_text("main")
    desk.click("summary:has-text('退回其中几项')")
    desk.fill("input[name='remark:text']", "请写明哪几户")
    desk.click("button[value=return]")

    go(phone, "/")
    assert "请写明哪几户" in phone.inner_text("main")
    go(phone, entry)
    shot(phone, "returned-phone")
    assert "请写明哪几户" in phone.inner_text("main")
    assert phone.locator("input[name=done_on]").is_disabled()
    phone.fill("textarea[name=text]", TEXT + "宇星社区 3 户。")
    phone.click("button[value=submit]")

    go(desk, entry)
    assert "宇星社区 3 户" in desk.inner_text("main")
    desk.click("button[value=pass]")
    go(phone, entry)
    shot(phone, "passed-phone")
    assert "通过" in phone.inner_text("main .page-head")

    for stranger in ("reviewer-371502", "office-371502", "recorder-371525"):
        other = new_page()
        sign_in(other, stranger)
        go(other, entry, status=404)


def test_logging_works_without_script(new_page: NewPage) -> None:
    page = new_page(phone=True, java_script_enabled=False)
    page.goto("/login/")
    page.fill("input[name=login]", "recorder-371502108")
    page.fill("input[name=password]", page.__dict__["_site"].password)
    page.click("button[type=submit]")
    page.goto("/duties/?status=not_started")
    page.locator("main a[href*='/progress/new/']").first.click()
    page.fill("textarea[name=text]", TEXT)
    page.click("button[value=submit]")
    assert "已报送" in page.inner_text("main")


def test_what_was_typed_survives_an_expired_session(new_page: NewPage) -> None:
    page = new_page(phone=True)
    sign_in(page, "recorder-371502009")
    go(page, "/duties/?status=not_started")
    page.locator("main a[href*='/progress/new/']").first.click()
    page.fill("textarea[name=text]", TEXT)
    page.context.clear_cookies(name="sessionid")
    page.click("button[value=submit]")
    assert "/login/" in page.url
    page.fill("input[name=login]", "recorder-371502009")
    page.fill("input[name=password]", page.__dict__["_site"].password)
    page.click("button[type=submit]")
    if "/progress/new/" not in page.url:
        page.go_back()
    page.click("text=恢复到表中")
    assert page.input_value("textarea[name=text]") == TEXT
    page.click("button[value=submit]")
    assert "已报送" in page.inner_text("main")
