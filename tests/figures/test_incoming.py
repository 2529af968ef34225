"""Cells as people write them, and what is refused with which advice."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responsibility.figures.rules.incoming import (
    BadNumberError,
    Facts,
    Item,
    Known,
    Place,
    check,
    dhis2_period,
    full_code,
    read_number,
    read_period,
    same_name,
)

VILLAGE = "371502011001"
FACTS = Facts(1, "income", "集体收入", "元", "village", "村（社区）", "year", "年度", "typed")
RATE = Facts(2, "rate", "走访率", "%", "village", "村（社区）", "year", "年度", "formula")
KNOWN = Known(
    {"income": FACTS, "rate": RATE},
    {
        (VILLAGE, "2020"): Place(VILLAGE, "宇星社区居委会", "village", 7),
        ("371502011000", "2020"): Place("371502011000", "李海务街道", "township", 8),
    },
    {(1, 7): Decimal(80_000)},
)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (12.0, 12),
        (0.1 + 0.2, Decimal("0.3")),
        ("１２８０", 1280),
        ("1,280.50", Decimal("1280.5")),
        ("1，280", 1280),
        ("1.2万", 12000),
        ("1.2万元", 12000),
        ("3亿", 300_000_000),
        ("12 元", 12),
        (" 12\u3000", 12),
        ("—", None),
        ("", None),
        (None, None),
        (0, 0),
    ],
)
def test_numbers_as_people_write_them(cell: Any, value: Any) -> None:
    assert read_number(cell, "元") == value


@pytest.mark.parametrize(
    ("cell", "advice"),
    [
        ("十二", "请填数字"),
        ("约12", "确数"),
        ("12左右", "确数"),
        ("无", "没有就填 0"),
        ("12户", "单位“户”不对，本列单位是“元”"),
        ("1,28", "逗号位置不对"),
        ("1.2e5", "请填数字"),
        ("12-15", "请填数字"),
        ("1.2.3", "请填数字"),
        ("#DIV/0!", "公式出错"),
        ("=A1+B1", "公式文字"),
        (date(2020, 3, 1), "日期格式"),
        (True, "不是数字"),
        (float("nan"), "不是数字"),
        (float("inf"), "不是数字"),
        ("-3", "负数"),
        ("0.1234567", "最多 6 位"),
        (1e20, "过大"),
    ],
)
def test_what_is_no_number_is_refused_with_advice(cell: Any, advice: str) -> None:
    with pytest.raises(BadNumberError, match=advice):
        read_number(cell, "元")


def item(where: str = "C2", **changes: Any) -> Item:
    given = {"indicator": "income", "place": VILLAGE, "period": "2020", "value": "90000"}
    return Item(where, **{**given, **changes})


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"indicator": "x"}, "indicator", "没有这个指标"),
        ({"indicator": "rate"}, "indicator", "不用填"),
        ({"place": "371525001001"}, "place", "不在您的范围内"),
        ({"place": "371502011"}, "tier", "由村（社区）填"),
        ({"period": "2020M13"}, "period", "写法不对"),
        ({"period": "2020M03"}, "period", "按年度填"),
        ({"period": "2019"}, "place", "没有这个区划代码"),
        ({"name": "古楼社区"}, "place", "与名称不符"),
        ({"value": "九万"}, "value", "请填数字"),
        ({"value": "9"}, "jump", "像是按万元填的"),
        ({"unit": "户"}, "value", "应为“元”"),
    ],
)
def test_each_refusal_is_named(changes: dict[str, Any], code: str, message: str) -> None:
    good, mistakes = check([item(**changes)], KNOWN)
    assert good == []
    assert (mistakes[0].where, mistakes[0].code) == ("C2", code)
    assert message in mistakes[0].message
    assert len(mistakes[0].message) <= 48


def test_what_is_right_stands_beside_what_is_not() -> None:
    good, mistakes = check([item("C2"), item("C3", value="x"), item("C4", value="")], KNOWN)
    assert [(row.where, row.value) for row in good] == [("C2", 90000)]
    assert [row.where for row in mistakes] == ["C3"]


def test_a_column_in_another_unit_of_the_same_kind_is_converted() -> None:
    good, _ = check([item(value=9.5, unit="万元")], KNOWN)
    assert good[0].value == 95_000


def test_of_numbers_given_twice_none_is_taken() -> None:
    good, mistakes = check([item("C2"), item("C9", value="90001")], KNOWN)
    assert good == []
    assert [(row.where, row.code) for row in mistakes] == [("C2", "twice"), ("C9", "twice")]
    assert "C9" in mistakes[0].message


def test_jumps_may_be_confirmed() -> None:
    good, _ = check([item(value="9")], Known(KNOWN.indicators, KNOWN.places, KNOWN.last, True))
    assert good[0].value == 9


def test_codes_names_and_periods() -> None:
    assert full_code("371502011") == "371502011000"
    assert full_code("3715z3") == "3715Z3000000"
    assert same_name("宇星社区", "宇星社区居委会")
    assert same_name("李海务街道宇星社区", "宇星社区居委会")
    assert not same_name("古楼社区", "宇星社区居委会")
    assert [read_period(code) for code in ("202003", "2020S2", "2020Q4", "2020")] == [
        "2020M03",
        "2020H2",
        "2020Q4",
        "2020",
    ]
    assert dhis2_period("2020M03") == "202003"
    assert dhis2_period("2020H1") == "2020S1"


@given(st.text(max_size=20) | st.floats() | st.integers() | st.none())
def test_any_cell_is_read_or_refused_in_words(cell: Any) -> None:
    try:
        value = read_number(cell, "元")
    except BadNumberError as error:
        message = str(error)
        assert "。" in message
        return
    assert value is None or value >= 0


@given(st.integers(0, 10**12), st.integers(0, 999999))
def test_what_is_written_with_separators_reads_the_same(whole: int, part: int) -> None:
    assert read_number(f"{whole:,}.{part:06d}") == Decimal(f"{whole}.{part:06d}")
