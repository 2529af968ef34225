"""A county's assessment of its townships, each role on its own pages, from scheme to circular."""

import re

from playwright.sync_api import Page

from tests.e2e.browser import NewPage, go, shot, sign_in

COUNTY, RUN = "office-371525", "2026年度乡镇（街道）成效考核"


def _main(page: Page) -> str:
    return page.inner_text("main")


def _open_run(page: Page, kind: str) -> str:
    go(page, "/assessments/")
    page.locator(f"main a:has-text('{kind}')").first.click()
    return page.url.split("/", 3)[3]


def test_a_score_is_walked_to_a_villages_entry_and_its_article(new_page: NewPage) -> None:
    page = new_page()
    sign_in(page, "office-3715")
    go(page, "/assessments/")
    clicks = ("县（市、区）成效考核", "冠县党委、政府", "责任事项按期完成")
    for words in clicks:
        page.locator(f"main a:has-text('{words}')").first.click()
        page.wait_for_load_state()
    shot(page, "assessment-walk")
    assert "完成率" in _main(page)
    assert "第十二条" in _main(page)
    page.click("button[value=recompute]")
    assert "重算一致" in _main(page)
    page.go_back()
    page.locator("main aside a:has-text('第十二条')").click()  # the fourth click: the article
    assert "第十二条" in _main(page)
    shot(page, "assessment-article")
    assert "工作创新" not in _main(page)
    assert "责任事项按期完成" in _main(page)


def test_the_number_of_a_ledger_is_walked_down_to_a_village(new_page: NewPage) -> None:
    page = new_page()
    sign_in(page, "office-3715")
    go(page, "/assessments/")
    for words in ("县（市、区）成效考核", "冠县党委、政府", "一户一档"):
        page.locator(f"main a:has-text('{words}')").first.click()
        page.wait_for_load_state()
    page.locator("main td[data-l=背后的记录] a").first.click()  # 4: the county's number
    shot(page, "assessment-lineage")
    for _ in range(2):  # 5, 6: a township's part, a village's part
        page.locator("main tbody tr:not(:has-text('未报')) a").first.click()
        page.wait_for_load_state()
    shot(page, "assessment-village")
    page.locator("main .cols a[href*='/progress/']").first.click()  # 7: what the village logged
    page.wait_for_load_state()
    assert "一户一档" in _main(page)
    page.locator("main a:has-text('第二十六条')").first.wait_for()
    shot(page, "assessment-entry")


def test_a_run_of_townships_by_each_role(new_page: NewPage) -> None:
    office = new_page()
    sign_in(office, COUNTY)
    path = _open_run(office, "乡镇（街道）成效考核")
    shot(office, "assessment-run-self")
    row = office.locator("main tbody tr").first
    name = row.locator("a").inner_text()
    unit = row.locator("a").get_attribute("href") or ""
    site = office.__dict__["_site"]
    [(code,)] = site.fetch(
        "SELECT left(d.code, 9) FROM assessments_subject s JOIN divisions_division d"
        " ON d.id = s.division_id WHERE s.public_id = %s",
        unit.rstrip("/").rsplit("/", 1)[1],
    )

    phone = new_page(phone=True)
    sign_in(phone, f"recorder-{code}")
    go(phone, unit)
    assert "台账里没有" in _main(phone)
    shot(phone, "assessment-unit-phone")
    phone.click("main a:has-text('重点户走访')")
    phone.fill("input[name='v:visited']", "四十")
    phone.click("button[value=answer]")
    assert "没有办成" in _main(phone)
    phone.fill("input[name='v:visited']", "40")
    phone.fill("input[name='v:households']", "50")
    phone.fill("input[name=self_mark]", "32")
    phone.click("button[value=answer]")
    shot(phone, "assessment-leaf-phone")
    assert "32.00" in _main(phone)

    sender = new_page()
    sign_in(sender, f"reviewer-{code}")
    go(sender, unit)
    sender.fill("textarea[name=statement]", "如实自评。")
    sender.click("button[value=submit]")
    assert "已于" in _main(sender)

    go(office, f"/{path}")
    assert re.search(rf"{name}.*已报送", _main(office).replace("\n", " ").replace("\t", " "))
    shot(office, "assessment-run-handed-in")
    stranger = new_page()
    sign_in(stranger, "office-371502")
    go(stranger, f"/{path}", status=404)
