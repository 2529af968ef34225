"""The pages of the dictionary and of numbers: each role's, strangers, bad input, cost."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from responsibility.common import clock
from responsibility.figures.models import FigureValue, Indicator
from responsibility.figures.services import dictionary
from responsibility.figures.services.ledger import set_values
from tests.cast import Cast
from tests.duties_maker import make_indicator

VILLAGE = "371502011001"
FORM = {
    "name": "走访率",
    "unit": "%",
    "period_type": "year",
    "tier": "village",
    "nature": "ratio",
    "source_kind": "formula",
    "formula": "[走访户数] ÷ [在册户数]",
}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2021, 3, 1))


@pytest.fixture
def numbers(cast: Cast) -> tuple[Indicator, Indicator]:
    visits, households = make_indicator(cast), make_indicator(cast, "households")
    Indicator.objects.filter(pk=households.pk).update(name="在册户数")
    body = cast.main(VILLAGE)
    set_values(
        by=cast.user(f"recorder-{VILLAGE}"),
        body=body,
        period="2020",
        values={visits: Decimal(12), households: Decimal(16)},
        source=body,
    )
    return visits, households


def address(cast: Cast, key: str, code: str, period: str = "2020") -> str:
    return reverse("figure_value", args=[key, cast.main(code).public_id, period])


def test_the_office_makes_tries_and_changes_a_formula(
    cast: Cast, numbers: tuple[Indicator, Indicator]
) -> None:
    office = cast.client("office-3715")
    new = reverse("indicator_new")
    tried = office.post(new, {**FORM, "key": "rate", "preview": "1"})
    page = tried.content.decode()
    assert "走访户数 ÷ 在册户数" in page
    assert "走访户数 12 户 ÷ 在册户数 16 户" in page
    assert "<b>75</b> %" in page
    assert not Indicator.objects.filter(key="rate").exists()
    made = office.post(new, {**FORM, "key": "rate"})
    assert made.url == reverse("indicator", args=["rate"])
    change = reverse("indicator_change", args=["rate"])
    opened = office.get(change)
    assert opened.context["form"].initial["formula"] == "[走访户数] / [在册户数]"
    given = {**FORM, "definition": "含电话", "reason": "口径明确", "version": "1"}
    assert office.post(change, {**given, "reason": ""}).status_code == 400
    assert office.post(change, given).status_code == 302
    stale = office.post(change, {**given, "definition": "再改"})
    assert stale.status_code == 409
    assert "刚被别人改过" in stale.content.decode()
    detail = office.get(made.url).content.decode()
    assert "口径：空 → 含电话" in detail
    assert "第 2 版" in detail
    retire = reverse("indicator_retire", args=["rate"])
    assert office.post(retire, {"reason": "合并"}).status_code == 302
    assert "rate" not in office.get(reverse("indicator_list")).content.decode()
    assert "已停用" in office.get(reverse("indicator_list") + "?retired=1").content.decode()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"key": "visits"}, "已经用过"),
        ({"key": "大写"}, "只能用小写字母"),
        ({"formula": "[走访户数] ÷"}, "没有写完"),
        ({"formula": "[没有的] ÷ 2"}, "没有叫"),
        ({"formula": ""}, "公式还没有写"),
        ({"formula": "rate + 1"}, "公式互相引用"),
        ({"unit": "户"}, "与计量单位"),
        ({"source_kind": "query"}, "还没有可提取的台账"),
        ({"source_kind": "rollup"}, "没有这个选项"),
        ({"period_type": "month"}, "不一致"),
    ],
)
def test_bad_entries_come_back_with_what_was_typed(
    cast: Cast, numbers: tuple[Indicator, Indicator], wrong: dict[str, str], message: str
) -> None:
    office = cast.client("office-3715")
    for extra in ({}, {"preview": "1"}):
        if extra and "已经用过" in message:
            continue
        answer = office.post(reverse("indicator_new"), {"key": "rate", **FORM, **wrong, **extra})
        assert answer.status_code == 400
        assert message in answer.content.decode()
        assert "走访率" in answer.content.decode()


def test_every_step_is_one_click_down_to_the_entry(
    cast: Cast, numbers: tuple[Indicator, Indicator]
) -> None:
    dictionary.create_indicator(
        by=cast.user("office-3715"),
        programme=cast.programme,
        key="rate",
        values={**FORM, "formula": "visits / households"},
    )
    client = cast.client("office-3715")
    steps = [("rate", "3715"), ("visits", "3715"), ("visits", "3715Z3"), ("visits", "371502011")]
    for (key, code), following in zip(steps, [*steps[1:], ("visits", VILLAGE)], strict=True):
        page = client.get(address(cast, key, code)).content.decode()
        assert address(cast, *following) in page
    page = client.get(address(cast, "rate", "3715")).content.decode()
    assert "走访户数 12 户 ÷ 在册户数 16 户" in page
    assert "已报 1 个，还不完整" in page
    last = client.get(address(cast, "visits", VILLAGE)).content.decode()
    assert "在哪里填的" in last
    assert "未报" in client.get(address(cast, "visits", "3715")).content.decode()


def test_what_was_known_on_a_day(cast: Cast, numbers: tuple[Indicator, Indicator]) -> None:
    client = cast.client("office-3715")
    url = address(cast, "visits", "3715")
    assert "12 户" in client.get(url).content.decode()
    then = client.get(url + "?as_of=2019-01-01").content.decode()
    assert "走访户数：无数" in then
    assert client.get(url + "?as_of=2019-02-30").status_code == 400
    assert client.get(address(cast, "visits", "3715", "2020Q9")).status_code == 400


def test_numbers_are_in_scope_and_the_dictionary_is_the_office_s(
    cast: Cast, numbers: tuple[Indicator, Indicator]
) -> None:
    for name in ("office-371502", "recorder-371525", "member-3715", "system-3715"):
        assert cast.client(name).get(address(cast, "visits", VILLAGE)).status_code in (403, 404)
    recorder = cast.client(f"recorder-{VILLAGE}")
    assert recorder.get(reverse("indicator", args=["visits"])).status_code == 200
    for name in ("indicator_new", "indicator_change", "indicator_retire"):
        url = reverse(name, args=[] if name == "indicator_new" else ["visits"])
        assert recorder.get(url).status_code == 403
        assert recorder.post(url, FORM).status_code == 403
    assert cast.client("office-3715").get(reverse("indicator", args=["no"])).status_code == 404
    assert cast.client("system-3715").get(reverse("indicator_list")).status_code in (200, 403)


def test_the_list_is_searched_and_filtered(
    cast: Cast, numbers: tuple[Indicator, Indicator]
) -> None:
    client, url = cast.client("office-3715"), reverse("indicator_list")
    assert "在册户数" in client.get(url + "?q=在册").content.decode()
    assert "走访户数" not in client.get(url + "?q=在册").content.decode()
    assert "没有这样的指标" in client.get(url + "?tier=city").content.decode()
    assert client.get(url + "?tier=x&source=y&page=z&q=%00").status_code == 200


def test_pages_cost_the_same_for_many_rows(
    cast: Cast, numbers: tuple[Indicator, Indicator]
) -> None:
    client = cast.client("office-3715")
    urls = [
        reverse("indicator_list"),
        reverse("indicator", args=["visits"]),
        address(cast, "visits", "3715"),
    ]

    def cost() -> list[int]:
        found = []
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            found.append(len(queries))
        return found

    cost()
    before = cost()
    for number in range(20):
        make_indicator(cast, f"more-{number}")
        FigureValue.objects.filter(body=cast.main("3715"), indicator__key="visits").first()
    for code in ("371525001001", "371502001001"):
        body = cast.main(code)
        set_values(
            by=cast.user(f"recorder-{code}"),
            body=body,
            period="2020",
            values={numbers[0]: Decimal(1)},
            source=body,
        )
    assert cost() == before
    assert max(before) <= 12, before
