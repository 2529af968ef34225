"""A revision of the demo city's plan: opened, split live in the grid, printed; seen by phone."""

import re

from tests.e2e.browser import NewPage, go, shot, sign_in


def test_a_plan_is_revised_and_its_grid_says_what_is_left(new_page: NewPage) -> None:
    desk, phone = new_page(), new_page(phone=True)
    sign_in(desk, "recorder-3715")
    go(desk, "/plans/")
    shot(desk, "plan-list")
    desk.locator("main tbody a", has_text="年度计划").first.click()
    shot(desk, "plan-detail")
    desk.fill("input[name=reason]", "市级调整任务")
    desk.click("button[value=revise]")
    path = re.sub(r"^https?://[^/]+", "", desk.url).removesuffix("edit/")
    assert path.startswith("/plans/")
    go(desk, f"{path}split/")
    left = desk.locator("output[data-left]").first
    assert left.inner_text() == "已分平"
    cell = desk.locator("input[data-line]").first
    cell.fill(str(int(cell.input_value()) - 1))
    assert left.inner_text() == "差 1"
    shot(desk, "plan-split")
    desk.click("button[value=save]")
    assert "差 1" in desk.inner_text("tfoot")
    go(desk, f"{path}edit/")
    shot(desk, "plan-edit")
    go(desk, f"{path}diff/")
    assert "调整" in desk.inner_text("main")
    go(desk, f"{path}print/")
    sign_in(phone, "recorder-371525")
    go(phone, "/plans/")
    phone.locator("main tbody a", has_text="年度计划").first.click()
    shot(phone, "plan-phone")
    go(phone, "/plans/allocations/")
