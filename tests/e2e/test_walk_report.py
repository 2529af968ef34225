"""The county's yearly report, from its recorder over 书记 to the city office's archive."""

import re

from tests.e2e.browser import NewPage, go, shot, sign_in


def test_filled_approved_returned_passed_and_archived(new_page: NewPage) -> None:
    county, phone, office = new_page(), new_page(phone=True), new_page()
    sign_in(county, "recorder-371522")
    go(county, "/reports/")
    county.locator("main table a[href*='/reports/']").first.click()
    path = re.sub(r"^https?://[^/]+", "", county.url)
    if county.locator("a[href$='/edit/']").count():
        go(county, f"{path}edit/")
        for name in ("organisation", "measures", "problems", "plan"):
            county.fill(f"textarea[name={name}]", f"{name}：已办。")
        shot(county, "report-edit")
        county.click("button[value=submit]")

    sign_in(phone, "secretary-371522")
    go(phone, path)
    if phone.locator("button[value=approve]").count():
        shot(phone, "report-approve-phone")
        phone.click("button[value=approve]")

    sign_in(office, "office-3715")
    go(office, f"{path}review/")
    shot(office, "report-review")
    office.locator("input[name='verdict:plan'][value=return]").check()
    office.fill("input[name='remark:plan']", "写清楚时间")
    office.click("button[value=return]")

    go(county, f"{path}edit/")
    assert "写清楚时间" in county.inner_text("main")
    assert county.locator("textarea[name=measures]").is_disabled()
    county.fill("textarea[name=plan]", "明年六月前完成。")
    county.click("button[value=submit]")
    go(phone, path)
    phone.click("button[value=approve]")
    go(office, f"{path}review/")
    assert "明年六月前完成" in office.inner_text("main")
    office.click("button[value=pass]")
    office.click("button[value=archive]")
    shot(office, "report-archived")
    assert "归档" in office.inner_text("main .page-head")
    go(office, f"{path}print/")
