"""From the city's rate down to a village's entry; a formula made by the office; a sheet refused."""

import re

from playwright.sync_api import Locator, Page

from tests.e2e.browser import NewPage, go, shot, sign_in
from tests.e2e.checks import check_page


def follow(page: Page, link: Locator) -> None:
    """Click a link and wait for its page."""
    with page.expect_navigation():
        link.click()
    check_page(page)


def test_a_rate_is_followed_down_to_the_village_s_entry(new_page: NewPage) -> None:
    office, phone = new_page(), new_page(phone=True)
    sign_in(office, "office-3715")
    go(office, "/indicators/?q=建档")
    check_page(office)
    shot(office, "indicator-list")
    follow(office, office.locator("main table a", has_text="建档率"))
    shot(office, "indicator-rate")
    numbers = office.locator("main a.fig").all_inner_texts()
    year = next(place for place, text in enumerate(numbers) if text != "无数")
    follow(office, office.locator("main a.fig").nth(year))
    assert "÷" in office.inner_text("main")
    shot(office, "figure-formula")
    follow(office, office.locator("main table a", has_text="已建").first)
    shot(office, "figure-city")
    for _ in range(3):  # county, township, village
        rows = office.locator("main tr[data-row]")
        texts = rows.all_inner_texts()
        reported = next(place for place, text in enumerate(texts) if "未报" not in text)
        follow(office, rows.nth(reported).locator("a").first)
    shot(office, "figure-village")
    assert "在哪里填的" in office.inner_text("main")
    sign_in(phone, "recorder-371502011210")
    go(phone, "/indicators/i-file-rate/")
    check_page(phone)
    follow(phone, phone.locator("main a.fig").first)
    shot(phone, "figure-phone")


def test_the_office_tries_a_formula_and_keeps_it(new_page: NewPage) -> None:
    office = new_page()
    sign_in(office, "office-3715")
    go(office, "/indicators/new/")
    check_page(office)
    office.fill("input[name=key]", "i-walk-people-growth")
    office.fill("input[name=name]", "在册人口比上年增减")
    office.fill("input[name=unit]", "户")
    office.select_option("select[name=tier]", "village")
    office.select_option("select[name=source_kind]", "formula")
    office.fill("textarea[name=formula]", "[建档立卡贫困人口] - yoy([建档立卡贫困人口])")
    office.click("button[name=preview]")
    assert "与计量单位“户”不符" in office.inner_text("main")
    shot(office, "indicator-refused")
    office.fill("input[name=unit]", "人")
    office.click("button[name=preview]")
    assert "上年同期建档立卡贫困人口" in office.inner_text("#preview")
    shot(office, "indicator-preview")
    office.click("main form button.btn:not(.btn--2)")
    assert re.search(r"/indicators/i-walk-people-growth/$", office.url)


def test_a_sheet_with_mistakes_gives_a_receipt(new_page: NewPage) -> None:
    county = new_page()
    sign_in(county, "office-371525")
    go(county, "/indicators/sheet/")
    check_page(county)
    text = "区划代码,名称,建档立卡贫困户\n371502011210,,12\n371525001001,,十二\n"
    county.set_input_files(
        "input[name=file]",
        files=[{"name": "表.csv", "mimeType": "text/csv", "buffer": text.encode()}],
    )
    county.click("main form[method=post] button[type=submit]")
    assert "回执：未载入" in county.inner_text("main")
    assert "不在您的范围内" in county.inner_text("main")
    shot(county, "figures-receipt")
    check_page(county)
