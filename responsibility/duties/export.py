"""The duty list as a sheet, written row by row."""

import tempfile
from collections.abc import Iterator
from typing import Any

import xlsxwriter

from responsibility.duties.models import Assignment, DutyClause

HEAD = (
    "编号",
    "责任事项",
    "条文",
    "类别",
    "频次",
    "责任主体",
    "区划代码",
    "年度",
    "认定",
    "认定原因",
    "办理状态",
    "完成时限",
)
CHUNK = 64 * 1024


def duty_list_xlsx(rows: Any) -> Iterator[bytes]:
    """Return the bytes of a workbook of assignments, in pieces."""
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            sheet = book.add_worksheet("责任清单")
            articles = _articles()
            for column, title in enumerate(HEAD):
                sheet.write_string(0, column, title)
            for number, row in enumerate(rows.iterator(chunk_size=2000), 1):
                for column, text in enumerate(_cells(row, articles)):
                    sheet.write_string(number, column, text)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


def _articles() -> dict[int, str]:
    """Return by duty the articles it rests on (第11条), read once for a sheet."""
    found: dict[int, list[str]] = {}
    ties = DutyClause.objects.order_by("id").values_list("duty_id", "clause__article__number")
    for duty_id, number in ties:
        found.setdefault(duty_id, []).append(f"第{number}条")
    return {key: "、".join(dict.fromkeys(names)) for key, names in found.items()}


def _cells(row: Assignment, articles: dict[int, str]) -> tuple[str, ...]:
    return (
        row.duty.key,
        row.duty.title,
        articles.get(row.duty_id, ""),
        row.duty.get_category_display(),
        row.duty.get_rhythm_display(),
        row.body.name,
        row.division.code,
        str(row.year),
        row.get_standing_display(),
        row.standing_reason,
        row.get_status_display(),
        row.due_on.isoformat() if row.due_on else "",
    )
