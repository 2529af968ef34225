"""Reading a split that was pasted or uploaded: by code, then by exact name. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from responsibility.figures.rules import parse_value

TOTALS = {"合计", "总计", "小计", "全市", "全县"}
CODE_HEADS = {"代码", "区划代码", "编码", "code"}
NAME_HEADS = {"单位", "区划", "名称", "下级单位", "县（市、区）", "乡镇", "乡镇（街道）", "村"}


@dataclass
class Sheet:
    """What was read: cells by (line key, place key), and a receipt of what was not."""

    cells: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    receipt: list[tuple[str, str]] = field(default_factory=list)


def split_pasted(text: str) -> list[list[str]]:
    """Return the cells of a pasted block: tabs between columns, or commas, or runs of spaces."""
    rows = []
    for row in text.replace("\r\n", "\n").split("\n"):
        if not row.strip():
            continue
        if "\t" in row:
            rows.append([cell.strip() for cell in row.split("\t")])
        else:
            rows.append(row.replace("，", " ").replace(",", " ").split())
    return rows


def read(
    rows: Sequence[Sequence[str]],
    lines: Mapping[str, Sequence[str]],
    places: Mapping[str, Sequence[str]],
) -> Sheet:
    """Match a table (a row a place, a column an indicator) with the lines and places of a plan.

    ``lines`` and ``places`` map a key to the texts by which it is known (code first, then names). A
    header may stand in any order; with one line only it may be missing.
    """
    sheet = Sheet()
    if not rows:
        return sheet
    known_lines, known_places = _index(lines), _index(places)
    columns = {n: known_lines[c] for n, c in enumerate(map(_plain, rows[0])) if c in known_lines}
    body, first = rows[1:], 2
    if not columns:
        width = max(len(row) for row in rows)
        if len(lines) != 1 or not _numeric(rows[0][-1]):
            sheet.receipt.append(("首行", "没有认出指标，请照样表的首行写指标名称"))
            return sheet
        columns, body, first = {width - 1: next(iter(lines))}, rows, 1
    else:
        _strange_heads(rows[0], columns, sheet)
    for number, row in enumerate(body, first):
        _row(number, row, columns, known_places, sheet)
    return sheet


def _index(names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    twice = set()
    for key, texts in names.items():
        for text in texts:
            plain = _plain(text)
            if found.setdefault(plain, key) != key:
                twice.add(plain)
    return {text: key for text, key in found.items() if text and text not in twice}


def _plain(text: str) -> str:
    return text.replace("(", "（").replace(")", "）").replace(" ", "").strip()


def _numeric(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).isdigit()


def _strange_heads(head: Sequence[str], columns: Mapping[int, str], sheet: Sheet) -> None:
    for n, text in enumerate(head):
        plain = _plain(text)
        if n not in columns and plain and plain not in CODE_HEADS | NAME_HEADS:
            sheet.receipt.append((f"首行“{text[:20]}”", "不是本计划的指标，这一列没有读"))


def _row(
    number: int,
    row: Sequence[str],
    columns: Mapping[int, str],
    places: Mapping[str, str],
    sheet: Sheet,
) -> None:
    words = [cell for n, cell in enumerate(row) if n not in columns and cell.strip()]
    if any(_plain(word) in TOTALS for word in words) or not any(cell.strip() for cell in row):
        return
    place = next((places[_plain(w)] for w in words if _plain(w) in places), None)
    label = " ".join(words)[:30] or "（没有单位）"
    if place is None:
        sheet.receipt.append((f"第 {number} 行 {label}", "不是本级的下级单位，没有读"))
        return
    for n, line in columns.items():
        text = row[n].strip() if n < len(row) else ""
        if not text:
            continue
        try:
            value = parse_value(text)
        except ValueError as error:
            sheet.receipt.append((f"第 {number} 行 {label}“{text[:12]}”", str(error)))
            continue
        if (line, place) in sheet.cells:
            sheet.receipt.append((f"第 {number} 行 {label}", "重复，没有读，以前一行为准"))
            continue
        sheet.cells[line, place] = value
