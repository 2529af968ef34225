"""A sheet of numbers: a row a place, a column an indicator. Where what stands; pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from responsibility.figures.rules.incoming import Item, Mistake, read_period

CODE = ("区划代码", "行政区划代码", "代码", "code")
NAME = ("名称", "单位", "单位名称", "区划名称", "村名", "name")
PERIOD = ("所属期", "期别", "年度", "period")
TOTALS = ("合计", "总计", "小计", "全市合计", "全县合计")
HEAD_ROWS = 10
_UNIT = re.compile(r"^(.*?)[(（]([^()（）]{1,12})[)）]$")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Column:
    """A column of numbers: its letters, its indicator, and the unit that its head names."""

    place: int
    letters: str
    key: str
    unit: str = ""


@dataclass
class Layout:
    """Where the head stands and what each column is."""

    head: int
    code: int
    name: int | None = None
    period: int | None = None
    columns: list[Column] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)


def letters(place: int) -> str:
    """Return the letters of a column counted from 0."""
    high, low = divmod(place, 26)
    return (_LETTERS[high - 1] if high else "") + _LETTERS[low]


def _plain(cell: Any) -> str:
    return "".join(unicodedata.normalize("NFKC", str("" if cell is None else cell)).split())


def find_layout(rows: Sequence[Sequence[Any]], names: Mapping[str, str]) -> Layout | None:
    """Return where things stand, None where no row of the first ten has 区划代码 in it.

    ``names`` maps an indicator's name, and its key, to the key.
    """
    for number, row in enumerate(rows[:HEAD_ROWS]):
        heads = [_plain(cell) for cell in row]
        code = _first(heads, CODE)
        if code is not None:
            layout = Layout(number, code, _first(heads, NAME), _first(heads, PERIOD))
            _put_columns(layout, heads, {_plain(name): key for name, key in names.items()})
            return layout
    return None


def _first(heads: Sequence[str], known: Sequence[str]) -> int | None:
    return next((place for place, head in enumerate(heads) if head.lower() in known), None)


def _put_columns(layout: Layout, heads: Sequence[str], names: Mapping[str, str]) -> None:
    taken: dict[str, str] = {}
    for place, head in enumerate(heads):
        if not head or place in (layout.code, layout.name, layout.period) or head == "序号":
            continue
        where = f"{letters(place)}{layout.head + 1}"
        match = _UNIT.match(head)
        key = names.get(head) or (names.get(match[1]) if match else None)
        if key is None:
            message = "不认识的列，请对照指标库改表头，或删去。"
            layout.mistakes.append(Mistake(where, head[:60], "column", message))
        elif key in taken:
            message = f"与 {taken[key]} 是同一个指标，请只留一列。"
            layout.mistakes.append(Mistake(where, head[:60], "column", message))
        else:
            taken[key] = where
            unit = match[2] if match and head not in names else ""
            layout.columns.append(Column(place, letters(place), key, unit))


def items_of(
    rows: Sequence[Sequence[Any]], layout: Layout, period: str
) -> tuple[list[Item], list[Mistake], int]:
    """Return the numbers given, the mistakes of whole rows, and how many rows there are.

    A row of totals and an empty row are passed over; a row of another period is a mistake.
    """
    items: list[Item] = []
    mistakes: list[Mistake] = []
    count = 0
    for number, row in enumerate(rows[layout.head + 1 :], layout.head + 2):
        code, name = text_of(_cell(row, layout.code)), _plain(_cell(row, layout.name))
        filled = [column for column in layout.columns if _holds(row, column.place)]
        if name in TOTALS or code in TOTALS or not (code or name or filled):
            continue
        count += 1
        wrong = _row_mistake(row, layout, number, code, period)
        if wrong:
            mistakes.append(wrong)
            continue
        items += [
            Item(
                where=f"{column.letters}{number}",
                indicator=column.key,
                place=code,
                period=period,
                value=row[column.place],
                unit=column.unit,
                name=name,
            )
            for column in filled
        ]
    return items, mistakes, count


def _holds(row: Sequence[Any], place: int) -> bool:
    """Say whether a cell holds anything but blanks."""
    cell = row[place] if place < len(row) else None
    return not (cell is None or cell == "" or (isinstance(cell, str) and not cell.strip()))


def _cell(row: Sequence[Any], place: int | None) -> Any:
    return row[place] if place is not None and place < len(row) else None


def text_of(cell: Any) -> str:
    """Return a code's cell as text: a number without ``.0``, without spaces."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return _plain(cell).upper()


def _row_mistake(
    row: Sequence[Any], layout: Layout, number: int, code: str, period: str
) -> Mistake | None:
    if not code:
        message = "区划代码空着；有合并单元格请先拆开。"
        return Mistake(f"{letters(layout.code)}{number}", "", "place", message)
    given = text_of(_cell(row, layout.period)).removesuffix("年度").removesuffix("年")
    if layout.period is None or not given:
        return None
    try:
        same = read_period(given) == period
    except ValueError:
        same = False
    if same:
        return None
    message = f"是另一期的数，本次导入的是 {period}。"
    return Mistake(f"{letters(layout.period)}{number}", given[:60], "period", message)


def tidy(mistakes: Sequence[Mistake], layout: Layout) -> list[Mistake]:
    """Return the mistakes in the order of the sheet, a wrong place once for its row."""
    found: dict[tuple[str, str], Mistake] = {}
    for item in mistakes:
        where = item.where
        if item.code == "place":
            where = f"{letters(layout.code)}{where.lstrip(_LETTERS)}"
        found.setdefault((where, item.message), Mistake(where, item.given, item.code, item.message))
    return sorted(found.values(), key=lambda item: _order(item.where))


def _order(where: str) -> tuple[int, int, str]:
    column = where.rstrip("0123456789")
    row = where[len(column) :]
    return int(row or 0), len(column), column
