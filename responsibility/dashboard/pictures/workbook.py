"""The pictures as one workbook: a sheet each, the same numbers as on the page."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from responsibility.common.plots import Plot
from responsibility.dashboard import overview
from responsibility.dashboard.overview import Ground
from responsibility.dashboard.pictures import burden, heat, month, trend

CHUNK = 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLACE_HEAD = (
    "区划代码",
    "地方",
    "承担",
    "已落实",
    "待审核",
    "退回",
    "逾期",
    "超限",
    "未定",
    "状态",
)


@dataclass(frozen=True)
class Sheet:
    """One table."""

    title: str
    head: Sequence[str]
    rows: list[Sequence[Any]]


def places(ground: Ground) -> list[Sheet]:
    """Return the state of each place."""
    _, table = overview.lines(ground)
    rows = [
        (line.code, line.name, *(line.numbers[key] for key in overview.NUMBERS), line.worst[1])
        for line in table
    ]
    return [Sheet("各地情况", PLACE_HEAD, list(rows))]


def _plot(plot: Plot, title: str) -> Sheet:
    head = (plot.head, *(f"{one.name}（{plot.unit}）" for one in plot.series))
    return Sheet(title, head, [(label, *values) for label, _, values in plot.rows()])


def trends(ground: Ground) -> list[Sheet]:
    """Return both plots."""
    return [
        _plot(trend.by_week(ground), "按周办结"),
        _plot(trend.by_month(ground), "各月到期"),
    ]


def heats(ground: Ground) -> list[Sheet]:
    """Return the table of duties by place."""
    found = heat.table(ground, "duty")
    head = ("责任项", *(name for name, _ in found.places))
    rows = [(row.title, *(cell.words for cell in row.cells)) for row in found.rows]
    return [Sheet("责任和地方", head, list(rows))]


def calendars(ground: Ground) -> list[Sheet]:
    """Return what is due this month (of the year) by day and rule."""
    found = month.of(ground, month.first_of("", ground))
    rows = [
        (
            day.date.isoformat(),
            due.rule.title if due.rule else "",
            due.rule.get_basis_display() if due.rule else "",
            due.rule.basis_line if due.rule else "",
            due.total,
            due.settled,
        )
        for day in found.days
        for due in day.rules
    ]
    head = ("日期", "时限规则", "依据种类", "依据", "到期", "已办结")
    return [Sheet(f"{found.first:%Y年%m月}到期", head, list(rows))]


def burdens(ground: Ground) -> list[Sheet]:
    """Return the reports asked of each place."""
    found = burden.of(ground)
    keys = ("total", *burden.GROUPS, "cells", "typed")
    rows = [(load.name, *(load.numbers[key] for key in keys)) for load in found.loads]
    head = ("地方", "报告份数", *burden.LABELS.values(), "数字格", "其中手填")
    return [Sheet("报表负担", head, list(rows))]


SHEETS = {
    "places": places,
    "trend": trends,
    "heat": heats,
    "calendar": calendars,
    "burden": burdens,
}


def sheets(ground: Ground, only: str = "") -> list[Sheet]:
    """Return the sheets of one picture, or of all."""
    chosen = [SHEETS[only]] if only in SHEETS else list(SHEETS.values())
    return [sheet for make in chosen for sheet in make(ground)]


def workbook(ground: Ground, tables: Iterable[Sheet]) -> Iterator[bytes]:
    """Return the pictures' workbook in pieces; every sheet says whose, of when, and its source."""
    about = f"{ground.top.name} {ground.year}年度"
    note = f"截至 {ground.today}，不排名次"
    return write_book(tables, about, f"来源：本系统责任清单、时限和报告台账；{note}")


def write_book(tables: Iterable[Sheet], about: str, source: str) -> Iterator[bytes]:
    """Return a workbook in pieces: on each sheet a title above the table, the source below it."""
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
            bold = book.add_format({"bold": True, "text_wrap": True})
            for table in tables:
                _write(book.add_worksheet(table.title), table, (about, source), bold)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


def _write(sheet: Any, table: Sheet, words: tuple[str, str], bold: Any) -> None:
    about, source = words
    sheet.write_string(0, 0, f"{about} {table.title}，{source.rpartition('；')[2]}", bold)
    sheet.write_row(1, 0, table.head, bold)
    for number, row in enumerate(table.rows, 2):
        sheet.write_row(number, 0, row)
    sheet.write_string(len(table.rows) + 3, 0, source)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, max(1, len(table.head) - 1), 14)
    sheet.freeze_panes(2, 1)
