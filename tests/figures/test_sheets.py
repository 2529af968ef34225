"""Ten sheets as they come from offices, each with a receipt that says what to mend."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from responsibility.common import clock
from responsibility.common.errors import Forbidden, Invalid
from responsibility.common.sheets import read_rows
from responsibility.figures.models import FigureValue, Indicator
from responsibility.figures.services import sheets
from responsibility.figures.services.ledger import standing
from responsibility.jobs.models import ImportReceipt
from tests.cast import Cast
from tests.duties_maker import make_indicator

HEAD = ["区划代码", "名称", "走访户数（户）", "集体收入（万元）"]
VILLAGE = "371525001001"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


@pytest.fixture
def income(cast: Cast) -> Indicator:
    make_indicator(cast)
    return Indicator.objects.create(
        programme=cast.programme,
        key="income",
        name="集体收入",
        unit="元",
        tier="village",
        nature="additive",
        source_kind="typed",
    )


def book(*rows: list[Any], hidden: bool = False, merge: tuple[str, str] | None = None) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        if hidden:
            workbook.add_worksheet("旧表").hide()
            workbook.worksheets()[0].write_row(0, 0, ["别的"])
        sheet = workbook.add_worksheet("数据")
        sheet.activate()
        sheet.set_first_sheet()
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, cell, day)  # type: ignore[arg-type]
                elif isinstance(cell, str) and cell.startswith("=") and cell.endswith("!"):
                    sheet.write_formula(number, place, cell[:-1], None, 7)
                elif cell is not None:
                    sheet.write(number, place, cell)
        if merge:
            sheet.merge_range(merge[0], merge[1])
    return file.getvalue()


def load(cast: Cast, data: bytes, who: str = "office-371525", **extra: Any) -> ImportReceipt:
    return sheets.import_sheet(
        by=cast.user(who), data=data, file_name="表.xlsx", period="2020", **extra
    )


def cells(receipt: ImportReceipt) -> list[tuple[str, str]]:
    return [(item["cell"], item["message"]) for item in receipt.mistakes]


def test_a_good_sheet_is_loaded_and_twice_changes_nothing(cast: Cast, income: Indicator) -> None:
    data = book(
        ["冠县 2020 年情况表"],
        HEAD,
        [VILLAGE, "清泉社区", "1,2０0", 1.25],
        ["合计", None, 1200, 1.25],
        hidden=True,
    )
    receipt = load(cast, data)
    assert (receipt.status, receipt.rows, receipt.loaded) == ("loaded", 1, 2), receipt.mistakes
    county = standing(cast.main("371525"), "2020")
    assert (county["visits"].value, county["income"].value) == (1200, 12_500)
    again = load(cast, data)
    assert (again.status, again.loaded, again.unchanged) == ("unchanged", 0, 2)
    row = FigureValue.objects.get(body=cast.main(VILLAGE), indicator=income)
    assert (row.source_model, row.source_id) == ("jobs.importreceipt", str(receipt.public_id))


@pytest.mark.parametrize(
    ("rows", "cell", "message"),
    [
        ([[VILLAGE, "", "十二"]], "C2", "请填数字"),
        ([[VILLAGE, "", date(2020, 1, 5)]], "C2", "日期格式"),
        ([[VILLAGE, "", "12人"]], "C2", "单位“人”不对"),
        ([["371502001001", "", 12]], "A2", "不在您的范围内"),
        ([["371525001", "", 12]], "C2", "由村"),
        ([[VILLAGE, "古楼社区", 12]], "A2", "与名称不符"),
        ([[None, "清泉社区", 12]], "A2", "合并单元格"),
        ([[VILLAGE, "", 12], [VILLAGE, "", 13]], "C2", "与 C3 重复"),
        ([[VILLAGE, "", "#REF!"]], "C2", "公式出错"),
        ([[VILLAGE, "", -1]], "C2", "负数"),
    ],
)
def test_each_mistake_is_named_by_its_cell(
    cast: Cast, income: Indicator, rows: list[list[Any]], cell: str, message: str
) -> None:
    receipt = load(cast, book(HEAD, *rows))
    assert (receipt.status, receipt.loaded) == ("refused", 0)
    found = dict(cells(receipt))
    assert message in found[cell]
    assert not FigureValue.objects.exists()


def test_wan_for_yuan_is_caught_by_the_jump_from_last_time(cast: Cast, income: Indicator) -> None:
    head = ["区划代码", "集体收入"]
    sheets.import_sheet(
        by=cast.user("office-371525"),
        data=book(head, [VILLAGE, 125_000]),
        file_name="a",
        period="2019",
    )
    receipt = load(cast, book(head, [VILLAGE, 13.2]))
    assert "像是按万元填的" in cells(receipt)[0][1]
    assert load(cast, book(head, [VILLAGE, 13.2]), accept_jumps=True).loaded == 1


def test_a_sheet_of_last_year_is_refused(cast: Cast, income: Indicator) -> None:
    receipt = load(cast, book(["区划代码", "所属期", "走访户数"], [VILLAGE, 2019.0, 5]))
    assert cells(receipt) == [("B2", "是另一期的数，本次导入的是 2020。")]
    fine = load(cast, book(["区划代码", "年度", "走访户数"], [VILLAGE, "2020年", 5]))
    assert fine.status == "loaded"


def test_formulas_count_by_their_results(cast: Cast, income: Indicator) -> None:
    assert load(cast, book(HEAD, [VILLAGE, "", "=3+4!"])).loaded == 1
    assert standing(cast.main(VILLAGE), "2020")["visits"].value == 7


def test_good_cells_are_loaded_when_asked_and_exactly_those(cast: Cast, income: Indicator) -> None:
    data = book(
        [*HEAD, "别的列"],
        [VILLAGE, "", 12, "约3万", 1],
        ["371502011001", "", 9, 1, 1],
    )
    receipt = load(cast, data, load_good=True)
    assert (receipt.status, receipt.loaded) == ("partial", 1)
    assert [cell for cell, _ in cells(receipt)] == ["E1", "D2", "A3"]
    typed = FigureValue.objects.filter(source_kind="typed")
    assert [(row.body_id, row.value) for row in typed] == [(cast.main(VILLAGE).pk, 12)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "没有找到"),
        (b"PK\x03\x04 broken", "打不开"),
        (b"\0\1\2", "不是 CSV"),
        (book(["甲", "乙"], ["1", "2"]), "没有找到“区划代码”"),
        (book(["区划代码", "乙"], [VILLAGE, "2"]), "没有一列"),
        (book(HEAD), "没有数据行"),
    ],
)
def test_what_is_no_such_sheet_is_refused(
    cast: Cast, income: Indicator, data: bytes, message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        load(cast, data)


def test_only_offices_import(cast: Cast, income: Indicator) -> None:
    for who in ("reviewer-371525001", "recorder-371525", "recorder-371525001001"):
        if who in cast.users:
            with pytest.raises(Forbidden):
                load(cast, book(HEAD, [VILLAGE, "", 1]), who)


def test_the_template_comes_back_as_it_went_out(cast: Cast, income: Indicator) -> None:
    load(cast, book(HEAD, [VILLAGE, "", 12, 3]))
    data = sheets.template(user=cast.user("office-371525"), period="2020", tier="village")
    rows = read_rows(data)
    assert rows[0][:3] == ["区划代码", "名称", "所属期"]
    assert [row[0] for row in rows[1:]] == [VILLAGE]
    assert load(cast, data).status == "unchanged"
    assert FigureValue.objects.get(body=cast.main(VILLAGE), indicator=income).value == Decimal(
        30_000
    )


def test_statements_do_not_grow_with_rows(cast: Cast, income: Indicator) -> None:
    places = (VILLAGE, "371502011001", "371502001001")

    def cost(value: int, *codes: str) -> int:
        data = book(HEAD, *[[code, "", value, value] for code in codes])
        with CaptureQueriesContext(connection) as queries:
            assert load(cast, data, "office-3715").status == "loaded"
        return len(queries)

    cost(1, *places)
    assert cost(2, places[0]) == cost(3, *places) <= 36


def test_the_page_takes_a_sheet_and_shows_the_receipt(cast: Cast, income: Indicator) -> None:
    client, url = cast.client("office-371525"), reverse("figures_sheet")
    assert client.get(url).status_code == 200
    data = book(HEAD, [VILLAGE, "", "十二", 1])

    def send(**extra: str) -> Any:
        upload = SimpleUploadedFile("表.xlsx", data)
        return client.post(url, {"period": "2020", "file": upload, **extra}, follow=True)

    page = send().content.decode()
    assert "回执：未载入" in page
    assert "C2" in page
    assert "十二" in page
    assert "回执：部分载入" in send(load_good="on").content.decode()
    assert send(period="二〇二〇").status_code == 400
    assert client.post(url, {"period": "2020"}).status_code == 400
    got = client.get(reverse("figures_sheet_template"), {"period": "2020", "tier": "village"})
    assert got["Content-Disposition"].startswith("attachment")
    wrong = client.get(reverse("figures_sheet_template"), {"period": "x", "tier": "village"})
    assert wrong.status_code == 400
    for name in ("recorder-371525001001", "member-3715", "system-3715"):
        assert cast.client(name).get(url).status_code == 403
        assert cast.client(name).get(reverse("figures_sheet_template")).status_code == 403
