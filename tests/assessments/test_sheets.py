"""The formulas of a score's sheet, computed by a tiny evaluator, give the score."""

import io
import math
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import openpyxl
import pytest

from responsibility.assessments.rules import Inputs, SchemeError, score_scheme
from responsibility.assessments.services.sheets import read_workbook, scheme_workbook, score_sheet
from tests.assessments.test_shipped import inputs, load

D = Decimal


def half_up(value: float, places: int) -> float:
    return float(D(repr(value)).quantize(D(1).scaleb(-places), ROUND_HALF_UP))


def compute(sheet: Any, cell: str) -> float:
    value = sheet[cell].value
    if not isinstance(value, str):
        return float(value or 0)
    names = {
        "IF": lambda test, yes, no: yes if test else no,
        "AND": lambda *tests: all(tests),
        "MIN": min, "MAX": max, "INT": math.floor, "ROUND": half_up,
        "ROUNDUP": lambda number, _: math.ceil(number),
        "cell": lambda name: compute(sheet, name),
    }  # fmt: skip
    text = re.sub(r"\b([A-F]\d+)\b", r'cell("\1")', value.removeprefix("="))
    return float(eval(text, {"__builtins__": {}}, names))


@pytest.mark.parametrize(("done", "rate", "cases"), [(4267, "99.75", 2), (4266, "99.7", 9)])
def test_live_formulas_give_the_same_numbers(done: int, rate: str, cases: int) -> None:
    scheme = load("test-scheme")
    given = inputs(
        net=Inputs(values={"done": D(done), "plan": D(4267)}),
        gap=Inputs(values={"rate": D(rate)}),
        cases=Inputs(values={"cases": D(cases)}),
    )
    score = score_scheme(scheme, given)
    sheet = openpyxl.load_workbook(io.BytesIO(score_sheet(scheme, given)))["得分"]
    for row, leaf in enumerate(scheme.leaves(), start=2):
        assert compute(sheet, f"E{row}") == float(score.leaves[leaf.key].mark or 0), leaf.name
    assert str(sheet["E3"].value).startswith("=")
    assert compute(sheet, f"E{len(score.leaves) + 2}") == float(score.total)


def test_a_scheme_of_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="构成"):
        score_sheet(load("henan"), {})


@pytest.mark.parametrize(
    "name", ["guangyuan-2017", "guangdong", "henan", "liaocheng-proposal", "test-scheme"]
)
def test_a_scheme_comes_back_from_a_workbook(name: str) -> None:
    scheme = load(name)
    assert read_workbook(scheme_workbook(scheme)) == scheme


def test_what_is_no_workbook_is_said() -> None:
    with pytest.raises(SchemeError, match="xlsx"):
        read_workbook(b"no")
