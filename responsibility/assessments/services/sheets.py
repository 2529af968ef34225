"""A score as a spreadsheet whose formulas are alive and give the same number."""

from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import openpyxl
import xlsxwriter
from openpyxl.utils.exceptions import InvalidFileException

from responsibility.assessments.rules import (
    Bands,
    Bonus,
    Deduction,
    Inputs,
    Leaf,
    Manual,
    PerCase,
    PerGap,
    Problem,
    Ratio,
    Reach,
    Scheme,
    SchemeError,
    State,
    score_scheme,
)
from responsibility.assessments.rules.rows import from_rows, to_rows
from responsibility.assessments.rules.scheme import AT_LEAST, BEGUN, BY_TOTAL, WHOLE, Band

HEAD = ("指标", "满分", "数据一", "数据二", "得分", "计入满分", "规则", "算式")
STEPS = {WHOLE: "INT(ROUND({},9))", BEGUN: "ROUNDUP(ROUND({},9),0)"}


def mark_formula(leaf: Leaf, row: int, places: int) -> str:
    """Return the Excel formula of a leaf's mark: full in B, value in C, what divides it in D."""
    rule, full, value, of = leaf.rule, f"B{row}", f"C{row}", f"D{row}"
    measured = f"({value}/{of}*100)" if getattr(rule, "of", "") else value
    if isinstance(rule, Reach):
        sign = ">=" if rule.direction == AT_LEAST else "<="
        base = f"{rule.threshold:f}*{of}/100" if rule.of else f"{rule.threshold:f}"
        return f"IF(ROUND({value}-{base},9){sign}0,{full},0)"
    if isinstance(rule, Ratio):
        rate = f"IF({value}<{of},MIN(99.99,ROUND({measured},2)),ROUND({measured},2))"
        mark = f"{full}*MAX(0,MIN({rate},{rule.cap:f}))/100"
        return f"MIN({full},ROUND(IF({rate}<{rule.start:f},0,{mark}),{places}))"
    if isinstance(rule, PerGap):
        ends = (f"{rule.target:f}", measured)
        high, low = ends if rule.direction == AT_LEAST else ends[::-1]
        steps = STEPS.get(rule.partial, "({})").format(f"MAX(0,{high}-{low})/{rule.step:f}")
        return f"ROUND(MAX({rule.floor:f},{full}-{steps}*{rule.deduct:f}),{places})"
    if isinstance(rule, PerCase):
        off = f"MAX(0,{value}-{rule.free:f})*{rule.deduct:f}"
        return f"ROUND(MAX({rule.floor:f},{full}-{off}),{places})"
    if isinstance(rule, Bands):
        return chosen(rule.bands, f"ROUND({measured},9)")
    if isinstance(rule, Bonus | Deduction):
        return f"ROUND(MIN({rule.cap:f},{value}*{rule.each:f}),{places})"
    return f"ROUND({value},{places})"


def chosen(bands: tuple[Band, ...], value: str) -> str:
    """Return nested IFs over bands."""
    formula = "0"
    for band in reversed(bands):
        tests = []
        if band.low is not None:
            tests.append(f"{value}{'>=' if band.low_closed else '>'}{band.low:f}")
        if band.high is not None:
            tests.append(f"{value}{'<=' if band.high_closed else '<'}{band.high:f}")
        formula = f"IF(AND({','.join(tests) or '1>0'}),{band.mark:f},{formula})"
    return formula


def total_formula(scheme: Scheme, rows: Mapping[str, int]) -> str:
    """Return the formula of the total: rescaled sum, bonuses, deductions, floor and cap."""
    inside = [rows[x.key] for x in scheme.leaves() if not isinstance(x.rule, Bonus | Deduction)]
    got = "+".join(f"E{row}" for row in inside)
    play = "+".join(f"F{row}" for row in inside)
    whole = "+".join(f"B{row}" for row in inside)
    places = scheme.places
    mark = f"ROUND(({got})*({whole})/MAX(0.000001,{play}),{places})"
    for kind, sign, cap in (
        (Bonus, "+", scheme.bonus_cap),
        (Deduction, "-", scheme.deduction_cap),
    ):
        cells = "+".join(f"E{rows[x.key]}" for x in scheme.leaves() if isinstance(x.rule, kind))
        if cells:
            mark += f"{sign}({cells})" if cap is None else f"{sign}MIN({cap:f},{cells})"
    top = scheme.full if scheme.cap is None else scheme.cap
    return f"ROUND(MAX({scheme.floor:f},MIN({top:f},{mark})),{places})"


def live(scheme: Scheme) -> bool:
    """Say whether the total can be a formula: no parts, rescaled at the total."""
    return not scheme.parts and scheme.rescale == BY_TOTAL


def inputs_of(leaf: Leaf, inputs: Inputs) -> list[Decimal | None]:
    """Return the values for columns C and D."""
    if isinstance(leaf.rule, Manual):
        return [inputs.manual, None]
    keys = (getattr(leaf.rule, "value", ""), getattr(leaf.rule, "of", ""))
    return [inputs.values.get(key) if key else None for key in keys]


def score_sheet(scheme: Scheme, inputs: Mapping[str, Inputs]) -> bytes:
    """Return the workbook. ValueError for a scheme of parts or one rescaled by branch."""
    if not live(scheme):
        raise ValueError("有构成权重或按分支折算的方案不能生成带公式的表")
    score = score_scheme(scheme, inputs)
    leaves = [leaf for leaf in scheme.leaves() if score.leaves[leaf.key].state != State.UNSCORED]
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("得分")
    sheet.freeze_panes(1, 1)
    sheet.write_row(0, 0, HEAD)
    rows: dict[str, int] = {}
    for row, leaf in enumerate(leaves, start=2):
        rows[leaf.key] = row
        write_leaf(sheet, row, leaf, inputs.get(leaf.key, Inputs()), score.leaves[leaf.key], scheme)
    kept = [leaf for leaf in scheme.leaves() if leaf.key in rows]
    narrowed = Scheme(**{**vars(scheme), "children": tuple(kept)})
    last = len(leaves) + 2
    sheet.write_string(last - 1, 0, "总分")
    formula = f"={total_formula(narrowed, rows)}" if kept else "=0"
    sheet.write_formula(last - 1, 4, formula, None, float(score.total))
    book.close()
    return buffer.getvalue()


def write_leaf(
    sheet: Any, row: int, leaf: Leaf, inputs: Inputs, result: Any, scheme: Scheme
) -> None:
    """Write one leaf: its inputs as numbers, its mark as a formula where it has one."""
    sheet.write_string(row - 1, 0, leaf.name)
    sheet.write_number(row - 1, 1, float(leaf.full))
    for column, value in enumerate(inputs_of(leaf, inputs), start=2):
        if value is not None:
            sheet.write_number(row - 1, column, float(value))
    if result.mark is None or inputs.absent:
        sheet.write_number(row - 1, 4, float(result.mark or 0))
    else:
        formula = f"={mark_formula(leaf, row, scheme.places)}"
        sheet.write_formula(row - 1, 4, formula, None, float(result.mark))
    sheet.write_number(row - 1, 5, 0 if result.state == State.ABSENT else float(leaf.full))
    sheet.write_string(row - 1, 6, result.formula)
    sheet.write_string(row - 1, 7, result.working)


def scheme_workbook(scheme: Scheme) -> bytes:
    """Return a scheme as a workbook that ``read_workbook`` reads back to an equal scheme."""
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    for name, rows in to_rows(scheme).items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text)
    book.close()
    return buffer.getvalue()


def read_workbook(data: bytes) -> Scheme:
    """Read a scheme from a workbook; SchemeError says what cannot be read, and where."""
    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        problem = Problem("file", "文件", "不是能打开的 xlsx 文件")
        raise SchemeError([problem]) from error
    return from_rows(
        {
            sheet.title: [
                ["" if cell is None else str(cell) for cell in row]
                for row in sheet.iter_rows(values_only=True)
            ]
            for sheet in book.worksheets
        }
    )
