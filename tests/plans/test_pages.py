"""The pages of plans: the whole way, the grid, strangers, bad input, cost."""

import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from responsibility.plans.models import Allocation, HandDown, Plan
from responsibility.plans.services import splitting
from tests.cast import Cast
from tests.plans.maker import draft, indicator, issued_city, make_townships, value
from tests.plans.test_rules import DAYING


def at(name: str, plan: Plan) -> str:
    return reverse(name, args=[plan.public_id])


def daying(cast: Cast) -> tuple[Plan, str]:
    make_townships(cast)
    plan = draft(cast, target=4267)
    rows = "\n".join(f"{name}\t{people}" for name, (people, _) in DAYING.items())
    return plan, f"单位\t减贫人口（人）\n清泉街道\t0\n{rows}\n合计\t4267\n外乡镇\t9"


def cells(plan: Plan) -> dict[str, str]:
    return {
        f"c-{line}-{place}": f"{part.target:f}".rstrip("0").rstrip(".") or "0"
        for (line, place), part in splitting.parts_of(plan).items()
    }


def test_the_real_example_pasted_adds_up_and_one_less_is_red(cast: Cast) -> None:
    plan, block = daying(cast)
    client, url = cast.client("recorder-371525"), at("plan_split", plan)
    shown = client.post(url, {"do": "paste", "block": block})
    text = shown.content.decode()
    assert shown.status_code == 200
    assert "已分平" in text
    assert "外乡镇" in text
    assert splitting.parts_of(plan) == {}
    form = {
        f"c-{line.pk}-{child.pk}": shown.context["grid"].text((line.pk, child.pk))
        for line in shown.context["grid"].lines
        for child in shown.context["grid"].children
    }
    assert client.post(url, {**form, "do": "save", "seen": "{}"}).status_code == 302
    assert "已分平" in client.get(url).content.decode()
    seen = client.get(url).context["grid"].seen()
    first = next(name for name, text in form.items() if text == "941")
    changed = {**form, first: "940", "do": "save", "seen": seen}
    assert client.post(url, changed).status_code == 302
    assert "差 1" in client.get(url).content.decode()
    assert "差 1" in client.get(at("plan", plan)).content.decode()


def test_a_sheet_goes_out_and_comes_back(cast: Cast) -> None:
    plan, _ = daying(cast)
    client = cast.client("recorder-371525")
    sheet = client.get(at("plan_split_sheet", plan)).content
    assert sheet[:2] == b"PK"
    rows = "\n".join(f"{people},{name}" for name, (people, _) in DAYING.items())
    upload = SimpleUploadedFile("分解.csv", f"减贫人口,单位\n{rows}".encode())
    shown = client.post(at("plan_split", plan), {"do": "upload", "file": upload})
    assert "已分平" in shown.content.decode()
    empty = SimpleUploadedFile("a.xlsx", b"PK\x03\x04 no")
    wrong = client.post(at("plan_split", plan), {"do": "upload", "file": empty})
    assert wrong.status_code == 400
    assert "打不开" in wrong.content.decode()


def test_two_people_meet_in_one_cell(cast: Cast) -> None:
    plan = draft(cast, "3715", 100)
    line = plan.lines.get()
    a, b, _ = [f"c-{line.pk}-{child.pk}" for child in splitting.children_of(plan)]
    url = at("plan_split", plan)
    one, two = cast.client("recorder-3715"), cast.client("office-3715")
    assert one.post(url, {a: "40", "seen": "{}"}).status_code == 302
    met = two.post(url, {a: "50", b: "60", "seen": "{}"})
    assert met.status_code == 409
    text = met.content.decode()
    assert "他人已改为 40" in text
    assert 'value="50"' in text
    again = {a: "50", b: "60", "seen": met.context["grid"].seen()}
    assert two.post(url, again).status_code == 302
    assert cells(plan) == {a: "50", b: "60"}
    assert "超 10" in two.get(url).content.decode()


@pytest.mark.parametrize("text", ["abc", "-1", "1e99", "０x", "9" * 30])
def test_a_wrong_number_stays_in_its_cell(cast: Cast, text: str) -> None:
    plan = draft(cast, "3715", 100)
    line, child = plan.lines.get(), splitting.children_of(plan)[0]
    name = f"c-{line.pk}-{child.pk}"
    url = at("plan_split", plan)
    answer = cast.client("recorder-3715").post(url, {name: text, "seen": "{}"})
    assert answer.status_code == 400
    assert text in answer.content.decode()
    assert splitting.parts_of(plan) == {}


@pytest.mark.parametrize(
    "data",
    [
        {"seen": "["},
        {"seen": json.dumps({"x": 1})},
        {"do": "propose", "rule": "x"},
        {"do": "propose", "rule": "indicator"},
        {"do": "upload"},
        {"do": "paste", "block": "没有\t表头"},
    ],
)
def test_nonsense_is_refused_with_words(cast: Cast, data: dict[str, str]) -> None:
    plan = draft(cast, "3715", 100)
    answer = cast.client("recorder-3715").post(at("plan_split", plan), data)
    assert answer.status_code == 400
    assert "note--red" in answer.content.decode()


def test_the_whole_way_on_pages(cast: Cast) -> None:
    item = indicator(cast)
    recorder, office = cast.client("recorder-3715"), cast.client("office-3715")
    body = cast.main("3715")
    opened = recorder.post("/plans/start/", {"body": str(body.public_id), "period": "2020"})
    plan = Plan.objects.get()
    edit = at("plan_edit", plan)
    assert opened.url == edit
    page = recorder.get(edit)
    form = {
        name: page.context["form"][name].value() or ""
        for name in page.context["form"].fields
        if not name.startswith(("p", "remove"))
    }
    wrong = recorder.post(edit, {**form, "new-indicator": item.key, "target-new": "很多"})
    assert wrong.status_code == 400
    assert "请填写数字" in wrong.content.decode()
    right = {**form, "new-indicator": item.key, "target-new": "100", "basis": "细则第六条"}
    assert recorder.post(edit, {**right, "do": "split"}).url == at("plan_split", plan)
    key = plan.lines.get().pk
    stale = recorder.post(edit, {**form, f"target-{key}": "101"})
    assert stale.status_code == 409
    assert 'value="101"' in stale.content.decode()
    propose = recorder.post(at("plan_split", plan), {"do": "propose", "rule": "equal"})
    assert "还没有保存" in propose.content.decode()
    line = plan.lines.get()
    parts = {
        f"c-{line.pk}-{child.pk}": text
        for child, text in zip(splitting.children_of(plan), ("50", "30", "20"), strict=True)
    }
    recorder.post(at("plan_split", plan), {**parts, "seen": "{}"})
    act = at("plan_act", plan)
    recorder.post(act, {"do": "submit"})
    look = at("plan_review", plan)
    assert office.get(look).status_code == 200
    refused = office.post(look, {"do": "pass", f"remark-{line.pk}": "偏高"})
    assert refused.status_code == 400
    assert office.post(look, {"do": "return", f"remark-{line.pk}": "偏高"}).status_code == 302
    assert "偏高" in recorder.get(edit).content.decode()
    recorder.post(act, {"do": "submit"})
    assert office.post(look, {"do": "pass"}).status_code == 302
    assert "没有这个操作" in office.post(act, {"do": "x"}, follow=True).content.decode()
    assert office.post(act, {"do": "issue"}).status_code == 302
    assert "已下达" in office.get(at("plan", plan)).content.decode()
    given = HandDown.objects.get(division=cast.place("371525"))
    county = cast.client("recorder-371525")
    assert "查看并分解" in county.get("/plans/").content.decode()
    down = county.get(reverse("plan_hand_down", args=[given.public_id])).content.decode()
    assert "30 人" in down
    revised = recorder.post(act, {"do": "revise", "reason": "调整"})
    new = Plan.objects.get(version=2)
    assert revised.url == at("plan_edit", new)
    assert "未变" in recorder.get(at("plan_diff", new)).content.decode()
    assert recorder.get(at("plan_print", plan)).status_code == 200
    assert recorder.get(at("plan_diff", plan)).status_code == 302


NAMES = ("plan", "plan_edit", "plan_split", "plan_split_sheet", "plan_review", "plan_print")


@pytest.mark.parametrize("name", NAMES)
def test_strangers_find_nothing(cast: Cast, name: str) -> None:
    plan = draft(cast)
    for who in ("recorder-371502", "office-3715Z3", "audit-3715"):
        assert cast.client(who).get(at(name, plan)).status_code in (403, 404), who
    assert cast.client("recorder-371502").get(at("plan", plan)).status_code == 404


def test_a_county_does_not_see_the_draft_of_the_city(cast: Cast) -> None:
    plan = draft(cast, "3715", 100)
    assert cast.client("recorder-371525").get(at("plan", plan)).status_code == 404


def test_an_allocation_by_factors_on_pages(cast: Cast) -> None:
    item = indicator(cast)
    for code, number in (("371502", 1), ("371525", 1), ("3715Z3", 1)):
        value(cast.main(code), item, "2019", number)
    office = cast.client("office-3715")
    assert office.get("/plans/allocations/new/").status_code == 200
    head = {"title": "市级专项", "period": "2020", "basis": "细则第六条"}
    none = office.post("/plans/allocations/new/", {**head, "total": "100"})
    assert none.status_code == 400
    assert "至少选一个因素" in none.content.decode()
    good = {**head, "total": "100.00", f"w-{item.pk}": "70"}
    assert office.post("/plans/allocations/new/", good).status_code == 302
    row = Allocation.objects.get()
    amounts = [share.amount for share in row.shares.order_by("id")]
    assert sum(amounts) == Decimal("100.00")
    assert amounts == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    url = reverse("allocation", args=[row.public_id])
    assert "复算一致" in office.get(url).content.decode()
    act = reverse("allocation_act", args=[row.public_id])
    assert office.post(act, {"do": "adopt"}).status_code == 403
    assert cast.client("reviewer-3715").post(act, {"do": "adopt"}).status_code in (302, 403)
    assert cast.client("office-371525").get(url).status_code == 404
    assert cast.client("recorder-371525001001").get("/plans/allocations/new/").status_code == 403


def test_pages_cost_the_same_for_few_and_many(cast: Cast) -> None:
    plan = draft(cast)
    client = cast.client("recorder-371525")

    def cost(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    urls = ["/plans/", "/plans/missing/", *(at(n, plan) for n in ("plan", "plan_split"))]
    few = [cost(url) for url in urls]
    make_townships(cast)
    for n in range(15):
        extra = indicator(cast, f"x{n}", f"指标{n}")
        plan.lines.create(indicator=extra, target=Decimal(n), position=n + 2)
    assert [cost(url) for url in urls] == few
    assert max(few) <= 14, few


def test_the_list_shows_what_is_issued(cast: Cast) -> None:
    issued_city(cast, 1, 2, 3)
    text = cast.client("office-3715").get("/plans/?kind=yearly&year=2020").content.decode()
    assert "2020年度计划" in text
