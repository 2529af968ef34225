"""Spreadsheets as they come back from offices: each is received, nothing is lost or let slip in."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from openpyxl.styles import PatternFill

from responsibility.common import clock
from responsibility.common.errors import Invalid
from responsibility.jobs.receipts import receipt_xlsx
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.services import designing, gate
from tests.cast import Cast
from tests.reports.test_gate import WISH, draft, table
from tests.reports.test_services import kind, opened
from tests.reports.test_workbook import Sheet, load

__all__ = ["kind"]
NAMES = ("光伏扶贫电站", "扶贫车间", "公益岗位", "村级网点")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


@pytest.fixture
def report(cast: Cast, kind: ReportKind) -> Report:
    """Return a county's open report that asks for four figures and a text."""
    office = cast.user("office-3715")
    row = draft(cast)
    key = table(cast, row)
    for name in NAMES:
        designing.add_wish(by=office, kind=row, key=key, values={**WISH, "name": name})
    row = gate.propose(by=office, kind=row)
    asked = gate.decide(by=cast.user("reviewer-3715"), kind=row, approve=True)
    return opened(cast, asked)


class Clerk(Sheet):
    """A sheet filled well: four figures and a text, before something is done to it."""

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.rows = {str(self.page.cell(r, 1).value): r for r in range(4, 12)}
        for number, name in enumerate(NAMES, 1):
            self.cell(name).value = number
        self.text = next(name for name in self.rows if name not in (*NAMES, "None"))
        self.cell(self.text).value = "已建成。"

    def cell(self, name: str) -> Any:
        return self.page.cell(self.rows[name], 3)


GOOD = {"光伏扶贫电站": "1", "扶贫车间": "2", "公益岗位": "3", "村级网点": "4"}
TEXT = "文字"


def stands(report: Report) -> dict[str, str]:
    """Return what the report holds now, by name."""
    found = {
        cell.definition.indicator.name: "" if cell.value is None else f"{cell.value.normalize():f}"
        for cell in report.cells.select_related("definition__indicator")
    }
    return {**found, TEXT: report.texts.get().text}


def merged(clerk: Clerk) -> None:
    top, low = clerk.rows["扶贫车间"], clerk.rows["公益岗位"]
    clerk.page.merge_cells(start_row=top, end_row=low, start_column=3, end_column=3)


def formulas(clerk: Clerk) -> None:
    clerk.cell("扶贫车间").value = "=1+1"
    clerk.cell("公益岗位").value = "#DIV/0!"


def hidden_rows(clerk: Clerk) -> None:
    clerk.page.row_dimensions[clerk.rows["扶贫车间"]].hidden = True


def words_for_numbers(clerk: Clerk) -> None:
    clerk.cell("光伏扶贫电站").value = "１"
    clerk.cell("扶贫车间").value = "约2座"
    clerk.cell("公益岗位").value = "1.2万"
    clerk.cell("村级网点").value = " 4 "


def dates(clerk: Clerk) -> None:
    clerk.cell("公益岗位").value = date(2020, 3, 3)


def twice(clerk: Clerk) -> None:
    for column in range(1, 8):
        clerk.page.cell(30, column).value = clerk.page.cell(clerk.rows["扶贫车间"], column).value


def strange_rows(clerk: Clerk) -> None:
    clerk.page.cell(30, 1).value = "冠县"
    clerk.page.cell(30, 3).value = 9
    clerk.page.cell(30, 6).value = "figure:elsewhere"


def too_long(clerk: Clerk) -> None:
    clerk.cell(clerk.text).value = "长" * 5001


@dataclass(frozen=True)
class Bad:
    """What was done to the sheet, the mistakes by (row's name, words), what is entered anyway."""

    do: Callable[[Clerk], None]
    mistakes: tuple[tuple[str, str], ...]
    lost: tuple[str, ...]


CASES = {
    "merged cells": Bad(
        merged,
        (("扶贫车间", "请取消合并，逐行填"), ("公益岗位", "请取消合并，逐行填")),
        ("扶贫车间", "公益岗位"),
    ),
    "formulas": Bad(
        formulas,
        (("扶贫车间", "公式没有算出结果"), ("公益岗位", "请改成数字")),
        ("扶贫车间", "公益岗位"),
    ),
    "hidden rows": Bad(hidden_rows, (("扶贫车间", "这一行被隐藏了"),), ("扶贫车间",)),
    "numbers as words": Bad(
        words_for_numbers,
        (("扶贫车间", "请填写数字"), ("公益岗位", "不要写“万”")),
        ("扶贫车间", "公益岗位"),
    ),
    "dates": Bad(dates, (("公益岗位", "这一格是日期"),), ("公益岗位",)),
    "a row twice": Bad(twice, (("扶贫车间", "是同一项，请只留一行"),), ("扶贫车间",)),
    "another's row": Bad(strange_rows, (("", "不是本报告的项目"),), ()),
    "a text too long": Bad(too_long, ((TEXT, "最多 5000 字，现在 5001 字"),), (TEXT,)),
}


@pytest.mark.parametrize("name", CASES)
def test_receipt_names_sheet_row_column_and_the_good_rows_enter(
    cast: Cast, report: Report, name: str
) -> None:
    bad, clerk, before = CASES[name], Clerk(report), stands(report)
    bad.do(clerk)
    data = clerk.data()
    refused = load(cast, report, data)
    assert (refused.status, refused.loaded) == ("refused", 0)
    assert stands(report) == before
    assert len(refused.mistakes) == len(bad.mistakes)
    for (item, words), mistake in zip(
        sorted(bad.mistakes, key=lambda pair: clerk.rows.get(pair[0], 99)),
        refused.mistakes,
        strict=True,
    ):
        item = clerk.text if item == TEXT else item
        row = 30 if name in ("a row twice", "another's row") else clerk.rows[item]
        assert mistake["where"].startswith(f"“填报”表 第 {row} 行“本期”列（C{row}）")
        assert mistake["where"].endswith(item)
        assert words in mistake["message"]
    partial = load(cast, report, data, good=True)
    wanted = {**before, **GOOD, TEXT: "已建成。"}
    for item in bad.lost:
        wanted[item] = before[item]
    assert (partial.status, partial.loaded) == ("partial", 5 - len(bad.lost))
    assert stands(report) == wanted


def test_the_receipt_is_the_clerks_own_sheet_marked(cast: Cast, report: Report) -> None:
    clerk = Clerk(report)
    words_for_numbers(clerk)
    receipt = load(cast, report, clerk.data())
    book = load_workbook(io.BytesIO(receipt_xlsx(receipt)))
    cell = book["填报"].cell(clerk.rows["公益岗位"], 3)
    assert "不要写“万”" in cell.comment.text
    words = [str(value) for row in book["回执"].values for value in row if value]
    assert any(word.startswith("“填报”表 第") and "扶贫车间" in word for word in words)


def test_a_merge_within_its_row_and_a_formula_with_its_result_are_read(
    cast: Cast, report: Report
) -> None:
    clerk = Clerk(report)
    row = clerk.rows["扶贫车间"]
    clerk.page.merge_cells(start_row=row, end_row=row, start_column=3, end_column=4)
    receipt = load(cast, report, clerk.data())
    assert (receipt.status, receipt.loaded) == ("loaded", 5)


def test_other_sheets_are_passed_over_and_a_hidden_one_is_named(cast: Cast, report: Report) -> None:
    clerk = Clerk(report)
    clerk.book.create_sheet("说明", 0)["A1"] = "本表由扶贫办填写"
    hidden = clerk.book.copy_worksheet(clerk.page)
    hidden.title, hidden.sheet_state = "旧表", "hidden"
    hidden.cell(clerk.rows["扶贫车间"], 3).value = 99
    clerk.book.move_sheet(hidden, -2)
    assert load(cast, report, clerk.data()).status == "loaded"
    assert stands(report)["扶贫车间"] == "2"
    clerk.page.sheet_state = "hidden"
    with pytest.raises(Invalid, match="被隐藏了，请取消隐藏"):
        load(cast, report, clerk.data())


def test_50_000_empty_rows_are_no_rows(cast: Cast, report: Report) -> None:
    clerk, grey = Clerk(report), PatternFill("solid", fgColor="FFEEEEEE")
    for row in range(12, 50_012):
        clerk.page.cell(row, 1).fill = grey
    clerk.page.cell(50_011, 3).value = " "
    receipt = load(cast, report, clerk.data())
    assert (receipt.status, receipt.rows, receipt.loaded) == ("loaded", 5, 5)


def _rename(clerk: Clerk) -> bytes:
    clerk.page.cell(3, 3).value = "本期数"
    return clerk.data()


def _no_key(clerk: Clerk) -> bytes:
    clerk.page.delete_cols(6)
    return clerk.data()


def _last_year(clerk: Clerk) -> bytes:
    mark, public_id = clerk.page.cell(1, 6), "00000000-0000-0000-0000-000000000000"
    before = mark.value[mark.value.index('"report": "') + 11 :][:36]
    mark.value = mark.value.replace(before, public_id).replace('"2020', '"2019')
    return clerk.data()


WHOLE: dict[str, tuple[Callable[[Clerk], bytes], str]] = {
    "a renamed header": (_rename, "第 3 行没有“本期”列名，请改回原名"),
    "no key column": (_no_key, "隐藏的“键”列不在了，请重新下载"),
    "last year's sheet": (_last_year, "这是 2019"),
    "broken off at half": (lambda clerk: clerk.data()[:3000], "表格打不开"),
    "a PDF": (lambda _: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "这是 PDF"),
    "an old xls": (lambda _: OLE + b"\0" * 1000, "旧版 xls"),
    "with a password": (
        lambda _: OLE + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 64,
        "取消密码",
    ),
    "a picture": (lambda _: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "请核对"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_not_this_sheet_is_refused_with_what_to_do(
    cast: Cast, report: Report, client: Client, name: str
) -> None:
    make, words = WHOLE[name]
    before = stands(report)
    client.force_login(cast.user("recorder-371525"))
    answer = client.post(
        reverse("report_sheet", args=[report.public_id]),
        {"file": SimpleUploadedFile("表.xlsx", make(Clerk(report))), "load_good": "1"},
    )
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert stands(report) == before
