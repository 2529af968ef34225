"""A report kind made without code, through the gate: filled, returned, passed, taken out."""

import io
import re

from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import Page

from tests.e2e.browser import NewPage, go, shot, sign_in

TITLE, FIGURE = "光伏扶贫电站运行情况报告", "并网运行的光伏扶贫电站"
WISH = {
    "name": FIGURE,
    "unit": "座",
    "definition": "到期末已并网发电的扶贫电站",
    "basis": "市扶贫开发领导小组通知",
    "purpose": "掌握电站运行，安排运维资金",
}


def path_of(page: Page) -> str:
    return re.sub(r"^https?://[^/]+", "", page.url)


def press(page: Page, selector: str) -> None:
    """Press what leads to another page, and wait for it."""
    with page.expect_navigation():
        page.click(selector)


def taken(page: Page, path: str) -> bytes:
    answer = page.request.get(path)
    assert answer.status == 200, path
    return answer.body()


def make_kind(office: Page) -> str:
    """Make the kind and propose it; return the gate's path."""
    go(office, "/reports/kinds/new/")
    office.fill("input[name=title]", TITLE)
    office.select_option("select[name=copy_of]", label="专项报告（样表）（第 1 版）")
    press(office, "button:has-text('建草稿')")
    edit = path_of(office)
    office.fill("input[name='section-title']", "二、电站运行")
    office.select_option("select[name='section-section_kind']", "figures")
    press(office, "button[value=add_section]")
    office.click("summary:has-text('指标字典里没有')")
    for name, value in WISH.items():
        office.fill(f"[name='wish-{name}']", value)
    press(office, "button[value=add_wish]")
    go(office, edit)
    office.fill("input[name=basis]", "市扶贫开发领导小组通知")
    office.fill("textarea[name=purpose]", "掌握电站运行")
    due = office.evaluate("new Date(Date.now() + 20 * 864e5).toISOString().slice(0, 10)")
    office.fill("input[name=due_on]", due)
    press(office, "button[value=save]")
    press(office, "text=去准入")
    press(office, "button[value=propose]")
    assert "待另一人审核" in office.inner_text("main")
    return path_of(office)


def test_made_filled_reviewed_and_exported(new_page: NewPage) -> None:
    office, second, county = new_page(), new_page(), new_page(phone=True)
    sign_in(office, "office-3715")
    gate = make_kind(office)
    sign_in(second, "reviewer-3715")
    go(second, gate)
    press(second, "button[value=approve]")
    assert "在用" in second.inner_text("main")

    sign_in(county, "recorder-371526")
    go(county, "/reports/")
    press(county, f"section.card:has-text('{TITLE}') button")
    report = path_of(county).removesuffix("edit/")
    field = county.locator("input[name^='figure:']").first
    item = field.get_attribute("name") or ""
    county.locator("textarea").first.fill("全部并网。")
    field.fill("12")
    shot(county, "kind-made-fill-phone")
    press(county, "button[value=submit]")
    assert "待审核" in county.inner_text("main")

    go(second, "/reports/waiting/")
    second.locator("main h1").wait_for()
    shot(second, "report-queue")
    press(second, f"tr:has-text('{TITLE}') a")
    second.keyboard.press("j")
    second.keyboard.press("r")
    assert second.is_checked(f"input[name='verdict:{item}'][value=return]")
    second.fill(f"input[name='remark:{item}']", "请核对并网数")
    press(second, "button[value=return]")

    go(county, f"{report}edit/")
    assert "请核对并网数" in county.inner_text("main")
    assert county.locator("textarea[name]:not([name^='answer'])").first.is_disabled()
    county.fill(f"input[name='{item}']", "14")
    county.fill("input[name^='answer:']", "漏了两座。")
    press(county, "button[value=submit]")

    go(second, f"{report}review/")
    said = second.inner_text("main")
    assert "第 1 轮" in said
    assert "漏了两座。" in said
    shot(second, "report-review-again")
    press(second, "button[value=pass]")
    assert "通过" in second.inner_text("main .page-head")

    book = load_workbook(io.BytesIO(taken(second, f"{report}xlsx/")))
    rows = {str(row[0]): row[2] for row in book.worksheets[0].iter_rows(values_only=True)}
    assert str(rows[FIGURE]) == "14"
    paper = Document(io.BytesIO(taken(second, f"{report}docx/")))
    words = [line.text for line in paper.paragraphs]
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert "全部并网。" in words
    assert any(FIGURE in text for text in [*words, *cells])
