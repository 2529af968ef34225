"""A county's assessment of its townships, each role on its own pages, from scheme to circular."""

import re

from playwright.sync_api import Page

from responsibility.common import clock
from tests.e2e.browser import NewPage, go, shot, sign_in

COUNTY = "office-371525"


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


REST = """
from decimal import Decimal
from accounts.models import User
from responsibility.assessments.models import AssessmentRun
from responsibility.assessments.services import filling
from responsibility.assessments.services.filling import Answer
run = AssessmentRun.objects.get(division__tier="county", status="self")
for unit in run.subjects.with_names().filter(self_at=None):
    code = unit.division.short_code
    values = {"visited": Decimal(45), "households": Decimal(50)}
    given = Answer(values=values, self_mark=Decimal(36), note="按台账")
    recorder = User.objects.get(username=f"recorder-{code}")
    filling.answer(by=recorder, subject=unit, leaf="visits", given=given)
    filling.submit(by=User.objects.get(username=f"reviewer-{code}"), subject=unit)
"""


def _step(page: Page, path: str, words: str) -> None:
    go(page, path)
    page.click("button[value=advance]")
    assert words in page.inner_text(".steps .is-now")


def test_from_verification_to_the_circular(new_page: NewPage) -> None:
    """After the run by each role: verified, two appeals, frozen, published, mended."""
    office = new_page()
    site = office.__dict__["_site"]
    sign_in(office, COUNTY)
    path = "/" + _open_run(office, "乡镇（街道）成效考核")
    site.manage("shell", "-c", REST)
    _step(office, path, "核验")
    [(verifier,)] = site.fetch(
        "SELECT u.username FROM assessments_verifier v JOIN accounts_user u ON u.id = v.user_id"
        " JOIN assessments_assessmentrun r ON r.id = v.run_id WHERE r.status = 'verifying'"
    )
    office.click("button[value=advance]")
    assert "没有核验" in _main(office)  # composing is refused while the sample is open

    judge = new_page()
    sign_in(judge, verifier)
    go(judge, f"{path}queue/")
    shot(judge, "assessment-queue")
    first = True
    while links := judge.locator("tr:has-text('抽中'):has-text('未核验') a").all():
        links[0].click()
        if first:
            judge.fill("input[name='note']", "已查阅走访台账")
            shot(judge, "assessment-verify")
            first = False
        judge.click("button[value=verify]")
        go(judge, f"{path}queue/")
    _step(office, path, "初步结果")
    _step(office, path, "反馈与申诉")
    shot(office, "assessment-run-noticed")

    units = [
        (code[:9], str(key))
        for code, key in site.fetch(
            "SELECT d.code, e.public_id FROM assessments_leafentry e JOIN assessments_subject s"
            " ON s.id = e.subject_id JOIN divisions_division d ON d.id = s.division_id"
            " JOIN assessments_assessmentrun r ON r.id = s.run_id"
            " WHERE r.status = 'noticed' AND e.leaf = 'visits'"
            " ORDER BY e.sampled, d.sort_key LIMIT 2"
        )
    ]
    for number, (code, entry) in enumerate(units):
        unit = new_page(phone=number == 0)
        sign_in(unit, f"reviewer-{code}")
        go(unit, f"/assessments/leaves/{entry}/")
        unit.fill("textarea[name=reason]", "有 2 户走访记录漏录，补交台账。")
        shot(unit, f"assessment-appeal-{number}")
        unit.click("button[value=appeal]")
        assert "申诉" in _main(unit)
        other = units[1 - number][1]
        go(unit, f"/assessments/leaves/{other}/", status=404)
        go(office, f"/assessments/leaves/{entry}/")
        if number == 0:
            office.fill("input[name='v:visited']", "50")
            office.check("input[name=granted][value=yes]")
        office.fill("input[name=reason]", "补交的台账属实" if number == 0 else "台账已计入")
        shot(office, f"assessment-decide-{number}")
        office.click("button[value=decide]")
        assert ("采纳" if number == 0 else "不采纳") in _main(office)

    go(office, path)
    office.click("button[value=freeze]")
    assert "过了这一天才能冻结" in _main(office)
    site.execute(
        "UPDATE assessments_assessmentrun SET noticed_on = noticed_on - 30,"
        " appeal_due = appeal_due - 30 WHERE status = 'noticed'"
    )
    go(office, path)
    office.click("button[value=freeze]")
    assert "结果已冻结" in office.inner_text(".steps .is-now")
    office.check("input[name=marks]")
    office.click("button[value=publish]")
    shot(office, "assessment-run-published")
    assert "已通报" in office.inner_text(".steps .is-now")
    with office.expect_download() as circular:
        office.click("a:has-text('通报 docx')")
    assert circular.value.suggested_filename.endswith(".docx")
    with office.expect_download() as signed:
        office.click("a:has-text('签名数据包')")
    assert signed.value.suggested_filename.endswith(".zip")
    go(office, "/assessments/rectifications/")
    shot(office, "assessment-mending")
    said = site.manage("assessments_verify", str(clock.today().year))
    assert said.count("重算一致") == 2  # the counties' run of the demo, and this one
