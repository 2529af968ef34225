"""The language of formulas: reading, units, words, working out, cycles."""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responsibility.figures.rules.evaluation import Dictionary, Evaluator, Reading, leaves
from responsibility.figures.rules.formulas import (
    Binary,
    FormulaError,
    Negative,
    Node,
    Number,
    Ref,
    canonical,
    find_cycle,
    in_words,
    keys,
    parse,
)
from responsibility.figures.rules.units import check_units

UNITS = {"visits": "户", "poor-households": "户", "people": "人", "money": "万元", "rate": "%"}
NAMES = {
    "visits": "走访户数",
    "poor-households": "在册户数",
    "people": "人口",
    "money": "资金",
    "rate": "走访率",
}


def worked(text: str, unit: str, period: str = "2020", **stored: str) -> Reading:
    numbers = {
        (key.replace("__", "-").split("@")[0], key.split("@")[1] if "@" in key else period): value
        for key, value in stored.items()
    }

    def look(key: str, code: str) -> Reading:
        value = numbers.get((key, code))
        return Reading(None, reason="没有数") if value is None else Reading(Decimal(value), "typed")

    return Evaluator(Dictionary(NAMES, UNITS), look).work(parse(text), unit, period)


def test_hyphens_belong_to_keys_and_spaced_minus_is_a_sign() -> None:
    assert keys(parse("poor-households - visits")) == ("poor-households", "visits")
    assert canonical(parse("（visits＋3）×2")) == "(visits + 3) * 2"
    assert parse("[在册户数（含）]/2", {"在册户数（含）": "poor-households"}) == Binary(
        "/", Ref("poor-households"), Number(Decimal(2))
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "还没有写"),
        ("visits +", "没有写完"),
        ("(visits", "右括号"),
        ("visits visits", "少一个运算符"),
        ("visits ** 2", "位置不对"),
        ("__import__('os')", "看不懂"),
        ("open(visits)", "没有函数"),
        ("visits.real", "看不懂"),
        ("1e5", "看不懂"),
        ("prev(visits, 2)", "只能写一项"),
        ("round(visits)", "位数"),
        ("1 + round(visits, 2)", "最外面"),
        ("prev(prev(prev(visits)))", "最多套"),
        ("[没有]", "没有叫"),
        ("(" * 30 + "1" + ")" * 30, "太深"),
        ("-" * 300 + "1", "太深"),
        ("1" * 501, "最多 500 字"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(text: str, message: str) -> None:
    with pytest.raises(FormulaError, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("visits / poor-households", "%"),
        ("visits - yoy(visits)", "户"),
        ("(visits - prev(visits)) / prev(visits)", "%"),
        ("money / people", "元/人"),
        ("rate - yoy(rate)", "百分点"),
        ("rate * poor-households", "户"),
        ("max(poor-households - visits, 0)", "户"),
        ("cumulative(money)", "亿元"),
        ("visits / poor-households", "倍"),
    ],
)
def test_units_that_fit(text: str, unit: str) -> None:
    check_units(parse(text), unit, UNITS)


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("visits + people", "户", "单位不同"),
        ("visits + 1", "户", "单位不同"),
        ("visits / people", "%", "与计量单位"),
        ("visits / poor-households * 100", "%", "请去掉 × 100"),
        ("min(visits, people)", "户", "单位不同"),
        ("visits / 0", "户", "除数不能是 0"),
    ],
)
def test_units_that_do_not_fit(text: str, unit: str, message: str) -> None:
    with pytest.raises(FormulaError, match=message):
        check_units(parse(text), unit, UNITS)


def test_values_in_the_declared_unit() -> None:
    both = {"visits": "2", "poor__households": "3"}
    assert worked("visits / poor-households", "%", **both).value == Decimal("66.666667")
    assert worked("round(visits / poor-households, 2)", "%", **both).value == Decimal("66.67")
    assert worked("money / people", "元/人", money="1.5", people="100").value == 150
    assert worked("rate * poor-households", "户", rate="50", poor__households="3").value == 1.5


def test_periods_are_shifted() -> None:
    months = {"visits@2020M01": "1", "visits@2020M02": "2", "visits@2020M03": "4"}
    assert worked("cumulative(visits)", "户", "2020M03", **months).value == 7
    assert worked("prev(visits)", "户", "2020M03", **months).value == 2
    assert worked("yoy(visits)", "户", "2021M02", **months).value == 2
    assert worked("visits - yoy(visits)", "户", "2021M02", **months).reason == (
        "缺2021年2月的“走访户数”"
    )
    assert worked("prev(visits)", "户", "1900").reason == "没有更早的周期"


def test_no_value_has_its_reason() -> None:
    none = worked("visits / (visits - visits)", "倍", visits="4")
    assert (none.value, none.reason) == (None, "除数为 0：走访户数 － 走访户数")
    assert worked("visits / people", "", visits="4").reason == "缺2020年的“人口”"
    text = " * ".join(["visits"] * 10)
    assert "过大" in worked(text, "", visits="99999999").reason


def test_the_least_complete_input_says_how_many_are_in() -> None:
    counts = {"visits": (3, 4), "poor-households": (9, 10)}
    dictionary = Dictionary(NAMES, UNITS, {"rate": parse("visits / poor-households")})
    reading = Evaluator(
        dictionary, lambda key, _: Reading(Decimal(2), "rollup", *counts[key])
    ).read("rate", "2020")
    assert (reading.value, reading.reported, reading.expected) == (100, 3, 4)
    assert "只作参考" in reading.note


def test_words_and_numbers() -> None:
    tree = parse("(visits - yoy(visits)) / poor-households")
    assert in_words(tree, NAMES) == "（走访户数 － 上年同期走访户数） ÷ 在册户数"
    stored = {("visits", "2020"): "1200", ("visits", "2019"): "900"}

    def look(key: str, code: str) -> Reading:
        value = stored.get((key, code))
        return Reading(Decimal(value)) if value else Reading(None)

    text = Evaluator(Dictionary(NAMES, UNITS, {"rate": tree}), look).with_numbers("rate", "2020")
    assert text == "（走访户数 1,200 户 － 2019年走访户数 900 户） ÷ 在册户数 无数"
    assert in_words(parse("sum(visits, poor-households)"), NAMES) == "（走访户数、在册户数）之和"


def test_rings_are_found() -> None:
    assert find_cycle({"a": ("b",), "b": ("c",), "c": ("x",)}) == ()
    assert find_cycle({"a": ("b",), "b": ("c", "a")}) == ("a", "b", "a")
    assert find_cycle({"a": ("a",)}) == ("a", "a")


def test_formulas_of_formulas_rest_on_what_is_stored() -> None:
    formulas = {"rate": parse("visits / poor-households"), "growth": parse("rate - yoy(rate)")}
    stored, made = leaves({("growth", "2020")}, formulas)
    assert stored == {
        (key, year)
        for key in UNITS
        if key in ("visits", "poor-households")
        for year in ("2020", "2019")
    }
    assert made == {("growth", "2020"), ("rate", "2020"), ("rate", "2019")}


def test_a_ring_that_slipped_in_gives_no_value() -> None:
    tree = parse("rate + rate")
    evaluator = Evaluator(Dictionary(NAMES, UNITS, {"rate": tree}), lambda *_: Reading(None))
    assert "互相引用" in evaluator.read("rate", "2020").reason


numbers = st.decimals(0, 10**6, places=3).map(Number)
trees = st.recursive(
    numbers | st.sampled_from(["visits", "poor-households"]).map(Ref),
    lambda inner: (
        st.builds(Negative, inner) | st.builds(Binary, st.sampled_from("+-*/"), inner, inner)
    ),
    max_leaves=8,
)
VALUES = {"visits": Decimal("7.25"), "poor-households": Decimal(3)}


def exact(node: Node) -> Fraction:
    if isinstance(node, Number):
        return Fraction(node.value)
    if isinstance(node, Ref):
        return Fraction(VALUES[node.key])
    if isinstance(node, Negative):
        return -exact(node.inner)
    assert isinstance(node, Binary)
    left, right = exact(node.left), exact(node.right)
    if node.mark == "/":
        return left / right
    return left + right if node.mark == "+" else left - right if node.mark == "-" else left * right


@given(trees)
def test_what_is_written_out_reads_the_same(tree: Node) -> None:
    assert parse(canonical(tree)) == tree


@given(trees)
def test_the_value_is_that_of_exact_arithmetic(tree: Node) -> None:
    units = dict.fromkeys(UNITS, "")
    evaluator = Evaluator(
        Dictionary(NAMES, units), lambda key, _: Reading(VALUES[key], "typed", 1, 1)
    )
    found = evaluator.work(tree, "", "2020")
    try:
        wanted = exact(tree)
    except ZeroDivisionError:
        assert found.value is None
        assert found.reason.startswith("除数为 0")
        return
    if found.value is None:
        assert abs(wanted) > 10**16
        assert found.reason
    else:
        assert abs(Fraction(found.value) - wanted) <= Fraction(1, 10**6)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(FormulaError):
        tree = parse(text)
        assert parse(canonical(tree)) == tree
