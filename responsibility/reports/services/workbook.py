"""A report as a spreadsheet and back: rows known by hidden keys, changes compared three ways.

The sheet remembers each value as it was when downloaded. On the way back a cell is entered only
if it was changed in the sheet and not in the report meanwhile; what both changed is a conflict,
listed and left as it stands. A row that is missing, or emptied, takes nothing away.
"""

import hashlib
import io
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.db import transaction

from responsibility.common import periods
from responsibility.common.errors import Invalid
from responsibility.common.sheet_shape import Shape, shape_of
from responsibility.common.sheets import LETTERS, Page, column_name, read_pages
from responsibility.figures.rules import parse_value, shown
from responsibility.flow import services as flow
from responsibility.jobs.models import ImportReceipt
from responsibility.jobs.receipts import keep_sheet
from responsibility.jobs.rules import ReceiptStatus
from responsibility.reports.models import Report
from responsibility.reports.rules import FIGURE
from responsibility.reports.rules.content import TEXT_LIMIT
from responsibility.reports.services import filling

KIND = "reports"
MARK = "report-sheet"
HEAD = ("项目", "单位", "本期", "上期", "填写", "键", "下载时")
KEY, BASE, VALUE, LAST = HEAD.index("键"), HEAD.index("下载时"), HEAD.index("本期"), 3
HEAD_ROWS, KEPT, JUMP, LONGEST = 10, 1000, 1000, 200
NEEDED = ("键", "本期", "下载时")
HIDDEN = "这一行被隐藏了，请取消隐藏、核对后再传。"
CELL_LIMIT = 32_000  # characters; a cell of a spreadsheet holds no more than 32,767


@dataclass(frozen=True)
class Item:
    """One row of the sheet: a figure or a section's text, as the report has it now."""

    key: str
    name: str
    unit: str
    value: str
    last: str
    open: bool


@dataclass
class Reading:
    """What a sheet asks for: changes by item, mistakes by cell, what stays as it is."""

    changes: dict[str, str] = field(default_factory=dict)
    mistakes: list[dict[str, str]] = field(default_factory=list)
    unchanged: int = 0
    rows: int = 0
    sheet: str = ""
    shape: Shape = field(default_factory=Shape)

    def wrong(self, cell: str, given: Any, message: str, name: str = "") -> None:
        """Note a mistake at a cell: the sheet, the cell, its item's ``name``, what to do."""
        value = str(given if given is not None else "")[:LONGEST]
        row = cell.lstrip(LETTERS)
        where = f"“{self.sheet}”表 " if self.sheet and cell else ""
        where += f"第 {row} 行“本期”列（{cell}）" if cell else ""
        where += f" {name[:40]}" if name and cell else ""
        self.mistakes.append(
            {
                "sheet": self.sheet,
                "cell": cell,
                "where": where,
                "value": value,
                "message": message,
            }
        )


def items_of(report: Report) -> list[Item]:
    """Return the rows of the report's sheet: figures first, then texts, in order of the kind."""
    allowed = filling.open_now(report)
    cells = report.cells.select_related("definition__indicator").order_by(
        "definition__section__position", "definition__position", "id"
    )
    texts = report.texts.select_related("section").order_by("section__position")
    figures = [
        Item(
            f"{FIGURE}{cell.definition.indicator.key}",
            cell.definition.indicator.name,
            cell.definition.indicator.unit,
            _plain(cell.value),
            _plain(cell.last_value),
            cell.definition.typed
            and (allowed is None or f"{FIGURE}{cell.definition.indicator.key}" in allowed),
        )
        for cell in cells
    ]
    words = [
        Item(
            row.section.key,
            row.section.title,
            "文字",
            row.text,
            "",
            allowed is None or row.section.key in allowed,
        )
        for row in texts
    ]
    return figures + words


def _plain(value: Decimal | None) -> str:
    return "" if value is None else shown(value).replace(",", "")


def _mark(report: Report) -> dict[str, str]:
    return {
        "what": MARK,
        "report": str(report.public_id),
        "period": report.period,
        "body": report.body.name,
        "title": report.kind.title,
    }


def template(report: Report) -> bytes:
    """Return the sheet to fill: what may be typed unlocked, the rest locked, keys hidden."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet("填报")
        bold = book.add_format({"bold": True})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        free = {"locked": False, "text_wrap": True, "valign": "top", "bg_color": "#FFF8DC"}
        number = book.add_format({**free, "num_format": "General"})
        words = book.add_format({**free, "num_format": "@"})
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.freeze_panes(3, 1)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 8)
        sheet.set_column(VALUE, VALUE, 44)
        sheet.set_column(LAST, LAST + 1, 14)
        sheet.set_column(KEY, BASE, 10, None, {"hidden": True})
        label = periods.parse(report.period).label
        sheet.write_string(0, 0, f"{report.body.name} {label} {report.kind.title}", bold)
        sheet.write_string(0, KEY, json.dumps(_mark(report), ensure_ascii=False))
        sheet.write_string(
            1, 0, "黄色的格可以填；其余由台账取得，不用填。行可以移动，不要删隐藏列。"
        )
        sheet.write_row(2, 0, HEAD, bold)
        for line, item in enumerate(items_of(report), 3):
            look = (number if item.unit != "文字" else words) if item.open else plain
            how = "可填" if item.open else "不用填"
            row = (item.name, item.unit, item.value, item.last, how, item.key, item.value)
            for place, text in enumerate(row):
                sheet.write_string(
                    line, place, text[:CELL_LIMIT], look if place == VALUE else plain
                )
            if item.open and item.key.startswith(FIGURE) and _fits(item.value):
                sheet.write_number(line, VALUE, float(item.value), number)
    return stream.getvalue()


def _fits(value: str) -> bool:
    """Say whether a spreadsheet's number holds this value exactly (some 15 digits)."""
    return bool(value) and _text(float(value)) == value


@transaction.atomic
def load(
    *, by: Any, report: Report, data: bytes, file_name: str, load_good: bool = False
) -> ImportReceipt:
    """Enter a filled sheet and return its receipt, mistakes and conflicts by cell.

    With any mistake nothing is entered, or with ``load_good`` exactly the good rows. The same
    sheet twice changes nothing. Raises Invalid for what is no sheet of this very report.
    """
    row = flow.lock(report)
    filling.check_open(row, by)
    page, head, places = _page(read_pages(data))
    found = read(page, head, places, row, shape_of(data, page.name))
    receipt = ImportReceipt(
        kind=KIND,
        file_name=file_name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        status=ReceiptStatus.REFUSED,
        rows=found.rows,
        mistakes=_kept(found.mistakes),
        unchanged=found.unchanged,
        uploaded_by=by,
    )
    receipt.save()
    keep_sheet(receipt, data)
    if found.mistakes and not load_good:
        return receipt
    if found.changes:
        _enter(row, by, found.changes)
        receipt.loaded = len(found.changes)
        receipt.status = ReceiptStatus.PARTIAL if found.mistakes else ReceiptStatus.LOADED
    elif not found.mistakes:
        receipt.status = ReceiptStatus.UNCHANGED
    receipt.save()
    return receipt


def _enter(row: Report, by: Any, changes: dict[str, str]) -> None:
    figures = {
        key.removeprefix(FIGURE): text for key, text in changes.items() if key.startswith(FIGURE)
    }
    texts = {key: text for key, text in changes.items() if not key.startswith(FIGURE)}
    filling.save_texts(by=by, report=row, texts=texts, figures=figures)


def _kept(mistakes: list[dict[str, str]]) -> list[dict[str, str]]:
    if len(mistakes) <= KEPT:
        return mistakes
    more = f"另有 {len(mistakes) - KEPT} 处没有列出，改好后再传。"
    return [*mistakes[:KEPT], {"cell": "", "value": "", "message": more}]


def read(
    page: Page, head: int, places: dict[str, int], report: Report, shape: Shape | None = None
) -> Reading:
    """Compare a sheet with the report; raise Invalid for one of another report or of none."""
    rows = page.rows
    _check_mark(rows[:head], report)
    items = {item.key: item for item in items_of(report)}
    found = Reading(sheet=page.name, shape=shape or Shape())
    seen = dict[str, int]()
    for number, row in enumerate(rows[head + 1 :], head + 2):
        if not any(str(cell or "").strip() for cell in row):
            continue
        found.rows += 1
        key = str(_at(row, places["键"]) or "").strip()
        _read_row(found, items, seen, key, number, row, places)
    for key, item in items.items():
        if key not in seen and item.open:
            found.wrong("", item.name, f"表里没有“{item.name[:20]}”这一行，仍按现在的内容。")
    return found


def _read_row(
    found: Reading,
    items: dict[str, Item],
    seen: dict[str, int],
    key: str,
    number: int,
    row: Sequence[Any],
    places: dict[str, int],
) -> None:
    given, where = _at(row, places["本期"]), f"{column_name(places['本期'])}{number}"
    item = items.get(key)
    if item is None:
        found.wrong(where, given, "这一行不是本报告的项目，请从系统下载的表里填。")
    elif key in seen:
        found.changes.pop(key, None)
        found.wrong(where, given, f"与第 {seen[key]} 行是同一项，请只留一行。", item.name)
    else:
        seen[key] = number
        if item.open and (problem := _shape_problem(found.shape, where, number)):
            if problem is not HIDDEN or _text(given) != _text(_at(row, places["下载时"])):
                found.wrong(where, given, problem, item.name)
            else:
                found.unchanged += 1
            return
        _compare(found, item, _text(_at(row, places["下载时"])), given, where)


def _shape_problem(shape: Shape, where: str, number: int) -> str:
    if merged := shape.merged.get(where):
        return f"与别的格合并了（{merged}），请取消合并，逐行填。"
    if where in shape.unanswered:
        return "公式没有算出结果，请改成数字。"
    return HIDDEN if number in shape.hidden_rows else ""


def _compare(found: Reading, item: Item, base: str, given: Any, where: str) -> None:
    """Compare what was downloaded, what stands now and what the sheet says."""
    try:
        text = _number(given) if item.key.startswith(FIGURE) else _text(given)
    except ValueError as error:
        found.wrong(where, given, str(error), item.name)
        return
    now = _text(item.value)
    if text in (now, base):
        found.unchanged += 1
    elif problem := _problem(item, text, now, base):
        found.wrong(where, given, problem, item.name)
    else:
        found.changes[item.key] = text


def _problem(item: Item, text: str, now: str, base: str) -> str:
    """Return why a changed cell is not entered; empty if it is."""
    if not item.open:
        return "这一格不在可填之列，内容没有改动。"
    if not text:
        return "原有内容在表里是空的，没有清除；没有的填 0 或“无”。"
    if now != base:
        return f"下载后系统里已改为“{now[:20] or '空'}”，请在网页上核定。"
    if len(text) > TEXT_LIMIT:
        return f"最多 {TEXT_LIMIT} 字，现在 {len(text)} 字，请缩短。"
    return _jump(item, text)


def _jump(item: Item, text: str) -> str:
    before = item.last or item.value
    if not item.key.startswith(FIGURE) or not before or not Decimal(before) or not Decimal(text):
        return ""
    ratio = Decimal(text) / Decimal(before)
    if 1 / Decimal(JUMP) < ratio < JUMP:
        return ""
    return f"与上期相差千倍以上，单位是{item.unit}，请核对万元与元。"


def _number(cell: Any) -> str:
    if isinstance(cell, bool):
        raise ValueError("请填写数字，例如 1280 或 12.5。")
    if isinstance(cell, datetime | date | time):
        raise ValueError("这一格是日期，请把格式改为常规，再填数字。")
    text = "".join(unicodedata.normalize("NFKC", _text(cell)).split())
    if text.endswith(("万", "亿")):
        raise ValueError("不要写“万”“亿”，请按表里的单位填整个数。")
    if text.startswith("#"):
        raise ValueError("公式有错，请改成数字。")
    return _plain(parse_value(text)) if text else ""


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        cell = int(cell) if cell.is_integer() else repr(cell)
    if cell is None:
        return ""
    return str(cell).replace("\0", "").replace("\r\n", "\n").strip()


def _at(row: Sequence[Any], place: int) -> Any:
    return row[place] if place < len(row) else None


def _page(pages: Sequence[Page]) -> tuple[Page, int, dict[str, int]]:
    """Return the sheet that is ours, its head and columns: the first one seen that has them."""
    for page in (item for item in pages if item.visible):
        if found := _head(page.rows):
            return page, *found
    for page in pages:
        if _head(page.rows):
            raise Invalid(f"“{page.name[:10]}”表被隐藏了，请取消隐藏再传。", where="file")
    near = [_missing(page.rows) for page in pages]
    words = next((item for item in near if item), "认不出这张表，请用本报告下载的表来填。")
    raise Invalid(words, where="file")


def _head(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[str, int]] | None:
    for number, row in enumerate(rows[:HEAD_ROWS]):
        heads = [str(cell or "").strip() for cell in row]
        if all(name in heads for name in NEEDED):
            return number, {name: heads.index(name) for name in NEEDED}
    return None


def _missing(rows: Sequence[Sequence[Any]]) -> str:
    """Say which column of a sheet that is nearly ours is not there."""
    for number, row in enumerate(rows[:HEAD_ROWS], 1):
        heads = [str(cell or "").strip() for cell in row]
        gone = [name for name in NEEDED if name not in heads]
        if len(set(HEAD) & set(heads)) < len(HEAD) - len(NEEDED):
            continue
        if gone == ["本期"]:
            return f"第 {number} 行没有“本期”列名，请改回原名再传。"
        return f"隐藏的“{'”“'.join(gone)}”列不在了，请重新下载，把数抄进新表。"
    return ""


def _check_mark(rows: Sequence[Sequence[Any]], report: Report) -> None:
    own = _mark(report)
    for cell in (cell for row in rows for cell in row if isinstance(cell, str)):
        if MARK not in cell:
            continue
        try:
            mark = json.loads(cell)
        except ValueError:
            continue
        if not isinstance(mark, dict):
            continue
        if mark.get("report") == own["report"]:
            return
        if mark.get("body") != own["body"]:
            raise Invalid(f"这是{str(mark.get('body'))[:20]}的表，请换本单位的。", where="file")
        if mark.get("period") != own["period"]:
            raise Invalid(
                f"这是 {str(mark.get('period'))[:9]} 的表，请重新下载本期的。", where="file"
            )
        raise Invalid(f"这是“{str(mark.get('title'))[:20]}”的表，请换本报告的。", where="file")
    raise Invalid("认不出这张表是哪份报告的，请重新下载。", where="file")
