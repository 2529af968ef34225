"""The office makes a report kind without code; a second person lets it in; a county fills it."""

import re

from playwright.sync_api import Page

from tests.e2e.browser import NewPage, go, shot, sign_in

TITLE = "危房改造扫尾情况专项报告"


def path_of(page: Page) -> str:
    return re.sub(r"^https?://[^/]+", "", page.url)


def press(page: Page, selector: str) -> None:
    """Press what leads to another page, and wait for it."""
    with page.expect_navigation():
        page.click(selector)


def test_made_in_the_browser_let_through_the_gate_and_filled(new_page: NewPage) -> None:
    office, second, county = new_page(), new_page(), new_page(phone=True)
    sign_in(office, "office-3715")
    go(office, "/reports/kinds/")
    shot(office, "kinds")
    press(office, "text=新拟报表")
    office.fill("input[name=title]", TITLE)
    office.select_option("select[name=copy_of]", label="专项报告（样表）（第 1 版）")
    press(office, "button:has-text('建草稿')")
    edit = path_of(office)
    office.fill("input[name='section-title']", "二、主要数据")
    office.select_option("select[name='section-section_kind']", "figures")
    press(office, "button[value=add_section]")
    office.select_option("select[name='cell-indicator']", "i-poor-households")
    press(office, "button[value=add_cell]")
    office.click("summary:has-text('指标字典里没有')")
    for name, value in {
        "name": "建档立卡的贫困户数",
        "unit": "户",
        "definition": "年末在册的贫困户",
        "basis": "电话通知",
        "purpose": "核对",
    }.items():
        office.fill(f"[name='wish-{name}']", value)
    press(office, "button[value=add_wish]")
    shot(office, "kind-section")
    go(office, edit)
    press(office, "tr:has-text('二、主要数据') button[value=up]")
    first = office.locator("table tbody tr").first
    assert "二、主要数据" in first.inner_text()
    office.fill("input[name=due_on]", "2999-01-01")
    press(office, "button[value=save]")
    assert "核对年份" in office.inner_text("main")
    office.fill("input[name=basis]", "市危房改造领导小组通知")
    office.fill("textarea[name=purpose]", "掌握扫尾进度")
    due = office.evaluate("new Date(Date.now() + 20 * 864e5).toISOString().slice(0, 10)")
    office.fill("input[name=due_on]", due)
    press(office, "button[value=save]")
    shot(office, "kind-edit")
    press(office, "text=去准入")
    gate = path_of(office)
    assert "名称相近" in office.inner_text("main")
    shot(office, "kind-gate")
    press(office, "button[value=use] >> nth=0")
    press(office, "button[value=propose]")
    assert "待另一人审核" in office.inner_text("main")

    sign_in(second, "reviewer-3715")
    assert TITLE in second.inner_text("main")
    go(second, gate)
    shot(second, "kind-decide")
    press(second, "button[value=approve]")
    assert "在用" in second.inner_text("main")

    sign_in(county, "recorder-371524")
    go(county, "/reports/")
    shot(county, "report-offers-phone")
    press(county, f"section.card:has-text('{TITLE}') button")
    assert "建档立卡贫困户" in county.inner_text("main")
    assert "本单位无此数据" in county.inner_text("main")
    county.locator("textarea").first.fill("已全部完成。")
    shot(county, "special-fill-phone")
    press(county, "button[value=submit]")
    assert "待审核" in county.inner_text("main")

    go(office, "/reports/burden/")
    assert TITLE in office.inner_text("main")
    shot(office, "burden")
    go(office, "/reports/timely/")
    shot(office, "timely")
