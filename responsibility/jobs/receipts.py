"""Receipts as workbooks: the user's own sheet with the mistakes marked, and those of runs."""

import io
import zipfile
from contextlib import suppress
from typing import Any

import structlog
import xlsxwriter
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from responsibility.common.errors import Invalid
from responsibility.common.sheets import read_rows
from responsibility.jobs.models import ImportReceipt, Run

logger = structlog.get_logger(__name__)
RED = PatternFill("solid", fgColor="FFFFC7CE")
BOLD = Font(bold=True)
MARKED_UP_TO = 4 * 1024 * 1024  # bytes of a sheet that is returned marked; past it, the list alone
HEAD = ("单元格", "填的内容", "怎么改")


def keep_sheet(receipt: ImportReceipt, data: bytes) -> None:
    """Keep an upload that has mistakes, so that it can be returned with them marked."""
    if not receipt.mistakes or len(data) > MARKED_UP_TO:
        return
    name = f"uploads/{receipt.sha256[:2]}/{receipt.public_id}"
    receipt.storage_name = default_storage.save(name, ContentFile(data))
    receipt.save(update_fields=["storage_name"])


def receipt_xlsx(receipt: ImportReceipt) -> bytes:
    """Return the user's own sheet, each bad cell red with a comment, after a first sheet 回执."""
    book, sheet = _own_sheet(receipt)
    if sheet is not None:
        for item in receipt.mistakes:
            named = item.get("sheet") in book.sheetnames
            _mark(book[item["sheet"]] if named else sheet, item)
    front = book.create_sheet("回执", 0)
    for row in book.worksheets[1:]:
        row.sheet_view.tabSelected = False
    book.active = 0
    _front(front, receipt)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _own_sheet(receipt: ImportReceipt) -> tuple[Workbook, Any]:
    """Return the upload as a workbook and its first visible sheet (None: it was not kept)."""
    empty = Workbook()
    sheet: Any = empty.active
    if receipt.storage_name:
        try:
            with default_storage.open(receipt.storage_name) as file:
                data = file.read()
            if data[:4] == b"PK\x03\x04":
                book = load_workbook(io.BytesIO(data), keep_links=False)
                seen = [item for item in book.worksheets if item.sheet_state == "visible"]
                return book, (seen or book.worksheets)[0]
            sheet.title = "原表"
            for row in read_rows(data):
                _append(sheet, row)
            return empty, sheet
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, Invalid) as error:
            logger.warning("receipt_sheet_unreadable", error=type(error).__name__)
            empty = Workbook()
            sheet = empty.active
    empty.remove(sheet)
    return empty, None


def _append(sheet: Any, values: Any) -> None:
    """Write a row of text; what looks like a formula stays text."""
    row = sheet.max_row + 1 if sheet.max_row > 1 or sheet.cell(1, 1).value is not None else 1
    for column, value in enumerate(values, 1):
        _text(sheet, row, column, str(value))


def _text(sheet: Any, row: int, column: int, value: str) -> Any:
    cell = sheet.cell(row, column)
    with suppress(ValueError):  # letters that no sheet may hold
        cell.value = value
        cell.data_type = "s"
    return cell


def _mark(sheet: Any, item: dict[str, str]) -> None:
    with suppress(AttributeError, ValueError, KeyError):  # a merged cell, or none at all
        cell = sheet[item.get("cell", "")]
        cell.fill = RED
        cell.comment = Comment(item.get("message", ""), "回执", width=280, height=90)


def _front(sheet: Any, receipt: ImportReceipt) -> None:
    facts = (
        ("文件", receipt.file_name),
        ("结果", receipt.get_status_display()),
        ("行数", str(receipt.rows)),
        ("载入", str(receipt.loaded)),
        ("无变化", str(receipt.unchanged)),
        ("文件指纹", receipt.sha256),
    )
    for number, (name, value) in enumerate(facts, 1):
        _text(sheet, number, 1, name).font = BOLD
        _text(sheet, number, 2, value)
    start = len(facts) + 2
    for column, title in enumerate(HEAD, 1):
        _text(sheet, start, column, title).font = BOLD
    for number, item in enumerate(receipt.mistakes, start + 1):
        where = item.get("where") or item.get("cell", "")
        for column, text in enumerate((where, item.get("value", ""), item.get("message", "")), 1):
            _text(sheet, number, column, text)
        sheet.cell(number, 2).fill = RED
    for letter, width in (("A", 12), ("B", 48), ("C", 48)):
        sheet.column_dimensions[letter].width = width


def run_xlsx(run: Run) -> bytes:
    """Return the receipt of a background run: what was done, what was not, and why."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        mark = book.add_format({"bg_color": "#FDECEC", "text_wrap": True})
        sheet = book.add_worksheet("回执")
        sheet.set_column(0, 0, 48)
        sheet.set_column(1, 1, 12)
        sheet.set_column(2, 2, 48)
        facts = (
            ("任务", run.title),
            ("状态", run.get_status_display()),
            ("进度", f"{run.done}/{run.total}"),
            ("说明", run.error),
        )
        for number, (name, value) in enumerate(facts):
            sheet.write_string(number, 0, name, bold)
            sheet.write_string(number, 1, value)
        start = len(facts) + 1
        for column, title in enumerate(("事项", "结果", "原因")):
            sheet.write_string(start, column, title, bold)
        for number, line in enumerate(run.receipt, start + 1):
            sheet.write_string(number, 0, line["what"])
            sheet.write_string(number, 1, "已办" if line["done"] else "未办")
            sheet.write_string(number, 2, line["why"], None if line["done"] else mark)
    return file.getvalue()
