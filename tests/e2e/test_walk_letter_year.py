"""The year of a county's letter, on the real pages; ``BUSINESS_DATE`` moves the day.

Plan, letter, four signatures; another head in June who confirms; a revised plan and the letter
in its place; settlement in December.
"""

import os
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Page

from liaocheng_poverty.embedded.process import stop
from tests.e2e.browser import NewPage, go, shot, sign_in
from tests.e2e.site import Site

YEAR = date.today().year  # the demo city is seeded for this year


class Turning(Site):
    """A site of its own, whose web process is started anew for each day."""

    def __init__(self) -> None:
        """Take a database and a Redis of its own."""
        super().__init__()
        self.database += "_year"
        base = os.environ["DATABASE_URL"].rpartition("/")[0]
        self.environment["DATABASE_URL"] = f"{base}/{self.database}"
        owner = base.replace("//app@", "//owner@")
        self.environment["DATABASE_ADMIN_URL"] = f"{owner}/{self.database}"
        redis = os.environ["TEST_REDIS"].rpartition("=")[0]
        self.environment["REDIS_URL"] = f"{redis}=60"

    def start(self) -> None:
        """Copy the seeded database; the first ``turn`` starts the web."""
        self._database()

    def turn(self, month: int, day: int, *jobs: str) -> None:
        """Go on to a day: its jobs run, the web serves it."""
        today = date(YEAR, month, day).isoformat()
        self.environment["BUSINESS_DATE"] = today
        while self.children:
            stop(self.children.pop(), 15, 10)
        for job in jobs:
            self.manage("run_day", "--today", today, "--only", job)
        self.start_web()
        self.wait()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The site of this walk, in place of the one that the others share."""
    site = Turning()
    try:
        site.start()
        yield site
    finally:
        site.stop()


class People:
    """Who takes part: a page for each, signed in once."""

    def __init__(self, new_page: NewPage, site: Turning) -> None:
        """Begin with nobody."""
        self.new_page, self.site = new_page, site
        self.pages: dict[str, Page] = {}

    def at(self, name: str, path: str = "") -> Page:
        """Return the page of a user, at an address."""
        if name not in self.pages:
            self.pages[name] = self.new_page(phone=name.startswith(("secretary", "head")))
            sign_in(self.pages[name], name)
        if path:
            go(self.pages[name], path)
        return self.pages[name]

    def send(self, name: str, path: str, do: str, **typed: str) -> str:
        """Fill in a page and press a button; return what the page says then."""
        page = self.at(name, path)
        for field, text in typed.items():
            form = page.locator(f"form:has(button[value={do}]) [name={field}]")
            form.fill(text)
        with page.expect_navigation():
            page.click(f"button[value={do}]")
        return page.inner_text("main")

    def sign(self, letter: str, *names: str) -> None:
        """Let each sign for himself, with his password."""
        for name in names:
            said = self.send(name, letter, "sign", password=self.site.password)
            assert "等您签署" not in said, name


def path_of(page: Page) -> str:
    """Return the address of a page below the host."""
    return "/" + page.url.split("/", 3)[3]


def issue_plan(people: People, plan: str, code: str) -> None:
    """Submit, review one tier up, and issue."""
    people.send(f"recorder-{code}", plan, "submit")
    people.send("office-3715", f"{plan}review/", "pass")
    assert "已下达 第" in people.send(f"office-{code}", plan, "issue")


def test_a_letter_lives_through_its_year(new_page: NewPage, site: Turning) -> None:
    people = People(new_page, site)
    letter_id, code = site.fetch(
        "SELECT l.public_id, left(d.code, 6) FROM letters_letter l"
        " JOIN divisions_division d ON d.id = l.division_id WHERE l.status = 'consulting'"
    )[0]
    letter, recorder = f"/letters/{letter_id}/", f"recorder-{code}"

    site.turn(3, 10)
    page = people.at(recorder, "/plans/")
    with page.expect_navigation():
        page.click("form[action='/plans/start/'] button")
    plan = path_of(page).removesuffix("edit/")
    said = people.send(recorder, f"{plan}split/", "propose")
    assert "差" not in people.at(recorder).inner_text("tfoot"), said
    with page.expect_navigation():
        page.click("button[value=save]")
    issue_plan(people, plan, code)
    shot(people.at(f"office-{code}"), "letter-year-1-plan")

    said = people.send("office-3715", letter, "issue")
    assert "年度计划已经变动" in said
    people.send("office-3715", letter, "refresh")
    assert "待签" in people.send("office-3715", letter, "issue")
    four = (f"secretary-{code}", f"head-{code}", "secretary-3715", "head-3715")
    people.sign(letter, *four)
    office = people.at("office-3715", letter)
    assert "已签" in office.inner_text("main .page-head")
    shot(office, "letter-year-2-signed")
    change_head(people, letter, code)
    replace(people, letter, plan, code)


def change_head(people: People, letter: str, code: str) -> None:
    """In June the county has another head, who confirms what the former one signed."""
    site, new = people.site, f"head-{code}001"
    site.turn(6, 15)
    page = people.at(f"admin-{code}", f"/posts/?q={code}000000")
    page.locator("main .tasks a", has_text="行政正职").first.click()
    page.locator("main a[href$='hand-over/']").first.click()
    page.fill("[name=user]", new)
    page.fill("[name=document]", "任字〔2020〕9号")
    with page.expect_navigation():
        page.click("main form button[type=submit]")
    shot(page, "letter-year-3-hand-over")
    site.turn(6, 16, "letters.ask_confirmations")
    head = people.at(new, "/")
    assert "交接" in head.inner_text("main")
    shot(head, "letter-year-4-workbench")
    go(head, letter)
    assert "请确认交接" in head.inner_text("main")
    assert "7月15日前" in head.inner_text("main .page-head"), "30 days from taking office"
    assert "细则未规定" in head.inner_text("main .page-head")
    shot(head, "letter-year-5-confirm")
    assert "密码不对" in people.send(new, letter, "confirm", password="wrong")
    said = people.send(new, letter, "confirm", password=site.password)
    assert "已确认交接" in said
    old = people.at(f"head-{code}", letter)
    assert "请确认交接" not in old.inner_text("main")


def replace(people: People, letter: str, plan: str, code: str) -> None:
    """In July the plan is revised and a letter takes the place of the first; December settles."""
    site, recorder = people.site, f"recorder-{code}"
    site.turn(7, 20)
    people.send(recorder, plan, "revise", reason="市里追加任务")
    page = people.at(recorder)
    revised = path_of(page).removesuffix("edit/")
    target = page.locator("[name^=target-]:not([name=target-new])").first
    target.fill(str(int(target.input_value()) + 10))
    with page.expect_navigation():
        page.click("button[value=save]")
    go(page, f"{revised}split/")
    left = page.locator("output[data-left]").first
    assert left.inner_text() == "差 10"
    cell = page.locator("input[data-line]").first
    cell.fill(str(int(cell.input_value()) + 10))
    assert left.inner_text() == "已分平"
    with page.expect_navigation():
        page.click("button[value=save]")
    issue_plan(people, revised, code)
    assert "年度计划已变动" in people.at("office-3715", letter).inner_text("main")
    people.send("office-3715", letter, "supersede", reason="年度计划追加任务")
    new = path_of(people.at("office-3715"))
    people.send("office-3715", new, "issue")
    assert "被替换" in people.at("office-3715", letter).inner_text("main .page-head")
    shot(people.at("office-3715"), "letter-year-6-superseded")
    refused = people.at(f"head-{code}", new)
    assert "等您签署" not in refused.inner_text("main"), "no longer in office"
    people.sign(new, f"secretary-{code}", f"head-{code}001", "secretary-3715", "head-3715")
    shot(people.at(f"head-{code}001"), "letter-year-7-signed-again")
    settle(people, new, code)


def settle(people: People, letter: str, code: str) -> None:
    """Both sides confirm what the ledger says, each line that fell short explained."""
    site, own = people.site, f"office-{code}"
    said = people.at(own, f"{letter}settlement/").inner_text("main")
    assert "确认对账" not in said, "in July it is progress, not settlement"
    assert "对账从 12 月起" in said
    site.turn(12, 5, "letters.open_settlements")
    page = people.at(own, letter)
    assert "责任书年终对账" in page.inner_text("main .page-head")
    go(page, f"{letter}settlement/")
    shot(page, "letter-year-8-settlement")
    for field in page.locator("input[name^='why:']").all():
        field.fill("项目跨年，下年一季度完成")
    with page.expect_navigation():
        page.click("main form button[type=submit]")
    assert "等接受方确认" in page.inner_text("main")
    said = people.send("office-3715", f"{letter}settlement/", "settle")
    assert "已对账" in people.at("office-3715", letter).inner_text("main")
    go(people.at("office-3715"), f"{letter}settlement/")
    assert "对账已固定" in people.at("office-3715").inner_text("main")
    shot(people.at("office-3715"), "letter-year-9-settled")
