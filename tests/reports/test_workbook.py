"""A report out as a sheet and back: by keys, three ways, nothing overwritten silently."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from responsibility.common import clock
from responsibility.common.errors import Invalid
from responsibility.jobs.models import ImportReceipt
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.services import filling, workbook
from tests.cast import Cast
from tests.reports.test_services import kind, opened
from tests.reports.test_typed import asked, stations

__all__ = ["asked", "kind"]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


@pytest.fixture
def report(cast: Cast, asked: ReportKind) -> Report:
    return opened(cast, asked)


def keys(report: Report) -> tuple[str, str]:
    """Return the keys of the typed figure and of the text."""
    return f"figure:{stations().key}", report.kind.sections.get(section_kind="text").key


class Sheet:
    """A downloaded sheet, in a clerk's hands."""

    def __init__(self, report: Report) -> None:
        self.book = load_workbook(io.BytesIO(workbook.template(report)))
        self.page: Any = self.book.active

    def row(self, key: str) -> int:
        return next(r for r in range(1, 60) if self.page.cell(r, 6).value == key)

    def put(self, key: str, value: Any) -> "Sheet":
        self.page.cell(self.row(key), 3).value = value
        return self

    def data(self) -> bytes:
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()


def load(cast: Cast, report: Report, data: bytes, *, good: bool = False) -> ImportReceipt:
    user = cast.user("recorder-371525")
    return workbook.load(by=user, report=report, data=data, file_name="表.xlsx", load_good=good)


def now(report: Report, key: str) -> str:
    return next(item.value for item in workbook.items_of(report) if item.key == key)


def test_locked_but_for_what_is_asked(report: Report) -> None:
    sheet, (figure, text) = Sheet(report), keys(report)
    assert sheet.page.protection.sheet
    assert not sheet.page.cell(sheet.row(figure), 3).protection.locked
    assert not sheet.page.cell(sheet.row(text), 3).protection.locked
    assert sheet.page.cell(sheet.row("figure:i-poor-households"), 3).protection.locked
    assert sheet.page.column_dimensions["F"].hidden


def test_there_and_back_wherever_the_rows_stand(cast: Cast, report: Report) -> None:
    figure, text = keys(report)
    sheet = Sheet(report).put(figure, "１，２34").put(text, "已建成。")
    sheet.page.insert_rows(4, 3)
    data = sheet.data()
    receipt = load(cast, report, data)
    assert (receipt.status, receipt.loaded, receipt.mistakes) == ("loaded", 2, [])
    assert (now(report, figure), now(report, text)) == ("1234", "已建成。")
    assert load(cast, report, data).status == "unchanged"


def test_what_moved_meanwhile_is_listed_not_overwritten(cast: Cast, report: Report) -> None:
    figure, text = keys(report)
    sheet = Sheet(report).put(figure, 7).put(text, "线下写的。")
    filling.save_texts(
        by=cast.user("recorder-371525"), report=report, texts={}, figures={stations().key: "9"}
    )
    receipt = load(cast, report, sheet.data(), good=True)
    assert receipt.status == "partial"
    assert [item["cell"] for item in receipt.mistakes] == [f"C{sheet.row(figure)}"]
    assert "已改为“9”" in receipt.mistakes[0]["message"]
    assert (now(report, figure), now(report, text)) == ("9", "线下写的。")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("三座", "请填写数字"),
        ("1.2万", "不要写“万”"),
        (date(2020, 1, 2), "日期"),
        ("-1", "负数"),
        (True, "请填写数字"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_loaded(
    cast: Cast, report: Report, value: Any, words: str
) -> None:
    figure, text = keys(report)
    sheet = Sheet(report).put(figure, value).put(text, "写了。")
    receipt = load(cast, report, sheet.data())
    assert (receipt.status, receipt.loaded) == ("refused", 0)
    assert receipt.mistakes[0]["cell"] == f"C{sheet.row(figure)}"
    assert words in receipt.mistakes[0]["message"]
    assert now(report, text) == ""
    assert load(cast, report, sheet.data(), good=True).loaded == 1
    assert (now(report, figure), now(report, text)) == ("", "写了。")


def test_a_row_twice_is_not_loaded(cast: Cast, report: Report) -> None:
    figure, _ = keys(report)
    sheet = Sheet(report).put(figure, 7)
    for column in range(1, 8):
        sheet.page.cell(40, column).value = sheet.page.cell(sheet.row(figure), column).value
    sheet.page.cell(40, 3).value = 8
    receipt = load(cast, report, sheet.data(), good=True)
    assert "同一项" in receipt.mistakes[0]["message"]
    assert now(report, figure) == ""


def test_wan_taken_for_yuan_is_asked_about(cast: Cast, report: Report) -> None:
    figure, _ = keys(report)
    report.cells.filter(definition__typed=True).update(last_value=12)
    receipt = load(cast, report, Sheet(report).put(figure, 120000).data(), good=True)
    assert "千倍" in receipt.mistakes[0]["message"]
    assert now(report, figure) == ""


def test_what_is_emptied_or_taken_out_stays(cast: Cast, report: Report) -> None:
    figure, text = keys(report)
    user = cast.user("recorder-371525")
    filling.save_texts(
        by=user, report=report, texts={text: "1、已建成，并网。"}, figures={stations().key: "9"}
    )
    sheet = Sheet(report).put(figure, None)
    sheet.page.delete_rows(sheet.row(text))
    receipt = load(cast, report, sheet.data(), good=True)
    words = "".join(item["message"] for item in receipt.mistakes)
    assert "没有清除" in words
    assert "没有“" in words
    assert (now(report, figure), now(report, text)) == ("9", "1、已建成，并网。")


def test_a_locked_figure_stays(cast: Cast, report: Report) -> None:
    receipt = load(cast, report, Sheet(report).put("figure:i-poor-households", 3).data(), good=True)
    assert "不在可填之列" in receipt.mistakes[0]["message"]
    assert now(report, "figure:i-poor-households") == ""


def test_a_sheet_of_another_is_refused_by_name(cast: Cast, report: Report) -> None:
    other = Sheet(report)
    mark = other.page.cell(1, 6).value
    for wrong, words in (
        (mark.replace(str(report.public_id), "x").replace("2020", "2019"), "2019"),
        (mark.replace(str(report.public_id), "x").replace(report.body.name, "某县"), "某县"),
    ):
        other.page.cell(1, 6).value = wrong
        with pytest.raises(Invalid, match=words):
            load(cast, report, other.data())
    with pytest.raises(Invalid, match="打不开"):
        load(cast, report, Sheet(report).data()[:2000])


def test_pages(cast: Cast, report: Report, client: Client) -> None:
    client.force_login(cast.user("recorder-371525"))
    figure, text = keys(report)
    address = reverse("report_sheet", args=[report.public_id])
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 400
    data = Sheet(report).put(figure, "三").put(text, "已建成。").data()
    answer = client.post(address, {"file": SimpleUploadedFile("表.xlsx", data), "load_good": "1"})
    assert "请填写数字" in answer.content.decode()
    paper = client.get(reverse("report_docx", args=[report.public_id]))
    assert "已建成。" in [line.text for line in Document(io.BytesIO(paper.content)).paragraphs]
    assert client.get(reverse("report_xlsx", args=[report.public_id])).content[:2] == b"PK"
