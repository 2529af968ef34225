"""The duty list as a sheet, written row by row."""

import tempfile
from collections.abc import Iterator
from typing import Any

import xlsxwriter

from responsibility.duties.models import Assignment

HEAD = ("编号", "责任事项", "责任主体", "区划代码", "年度", "认定", "办理状态", "完成时限")
CHUNK = 64 * 1024


def duty_list_xlsx(rows: Any) -> Iterator[bytes]:
    """Return the bytes of a workbook of assignments, in pieces."""
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            sheet = book.add_worksheet("责任清单")
            for column, title in enumerate(HEAD):
                sheet.write_string(0, column, title)
            for number, row in enumerate(rows.iterator(chunk_size=2000), 1):
                for column, text in enumerate(_cells(row)):
                    sheet.write_string(number, column, text)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


def _cells(row: Assignment) -> tuple[str, ...]:
    return (
        row.duty.key,
        row.duty.title,
        row.body.name,
        row.division.code,
        str(row.year),
        row.get_standing_display(),
        row.get_status_display(),
        row.due_on.isoformat() if row.due_on else "",
    )
