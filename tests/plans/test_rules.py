"""Splits that always add up, checks, allocation by factors, reading a pasted table."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responsibility.plans.rules import BadSplit, Line, Part, apportion, balance, remainder_words
from responsibility.plans.rules.apportion import CENT, by_factors
from responsibility.plans.rules.checks import absurd, blocking, diff, line_problems
from responsibility.plans.rules.grid import read, split_pasted

DAYING = {
    "河边镇": (941, 2),
    "回马镇": (252, 0),
    "金元镇": (457, 2),
    "隆盛镇": (256, 0),
    "蓬莱镇": (213, 0),
    "天保镇": (427, 1),
    "通仙乡": (248, 2),
    "象山镇": (422, 0),
    "玉峰镇": (621, 1),
    "智水乡": (188, 0),
    "卓筒井镇": (242, 0),
}
"""大英县 2019: people and villages handed down to eleven townships."""


def daying(**changed: int) -> Line:
    parts = {name: people for name, (people, _) in DAYING.items()} | changed
    return Line(
        "减贫人口",
        Decimal(4267),
        True,
        parts=tuple(Part(name, Decimal(value)) for name, value in parts.items()),
    )


def test_the_real_example_adds_up_and_one_less_is_missing_one() -> None:
    assert balance(daying()) == 0
    assert line_problems(daying()) == []
    less = daying(河边镇=940)
    assert remainder_words(balance(less) or Decimal(0)) == "差 1"
    assert [p.words for p in blocking([less], reason="")] == ["分解差 1"]
    assert blocking([less], reason="河边镇另行下达") == []
    assert [p.words for p in line_problems(daying(河边镇=944))] == ["分解超 3"]
    villages = [Part(n, Decimal(v)) for n, (_, v) in DAYING.items()]
    assert balance(Line("退出村", Decimal(8), True, parts=tuple(villages))) == 0


@given(
    st.integers(0, 10**9),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any),
    st.sampled_from(["1", "0.1", "0.01"]),
)
def test_parts_add_up_and_are_within_one_step(total: int, weights: list[int], step: str) -> None:
    whole, unit = Decimal(total) * Decimal(step), Decimal(step)
    parts = apportion(whole, {n: Decimal(w) for n, w in enumerate(weights)}, unit)
    assert sum(parts.values()) == whole
    for n, part in parts.items():
        exact = whole * weights[n] / sum(weights)
        assert abs(part - exact) <= unit


@given(
    st.integers(1, 10**6),
    st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 10**6)), min_size=1, max_size=20),
)
def test_no_part_exceeds_its_cap(total: int, rows: list[tuple[int, int]]) -> None:
    weights = {n: Decimal(w) for n, (w, _) in enumerate(rows)}
    caps = {n: Decimal(c) for n, (_, c) in enumerate(rows)}
    if sum(caps.values()) < total:
        with pytest.raises(BadSplit, match="上限之和小于总数"):
            apportion(Decimal(total), weights, Decimal(1), caps)
        return
    parts = apportion(Decimal(total), weights, Decimal(1), caps)
    assert sum(parts.values()) == total
    assert all(parts[n] <= caps[n] for n in parts)


def test_equal_shares_take_the_first_ones() -> None:
    parts = apportion(Decimal(10), {"a": Decimal(1), "b": Decimal(1), "c": Decimal(1)})
    assert parts == {"a": 4, "b": 3, "c": 3}


@pytest.mark.parametrize("weights", [{}, {"a": Decimal(0)}, {"a": Decimal(-1)}])
def test_nothing_to_divide_by_is_said(weights: dict[str, Decimal]) -> None:
    with pytest.raises(BadSplit):
        apportion(Decimal(3), weights)


def test_an_allocation_is_exact_to_the_cent() -> None:
    values = {
        "贫困人口": {"冠县": Decimal(300), "莘县": Decimal(600), "东阿县": Decimal(100)},
        "重点村": {"冠县": Decimal(1), "莘县": Decimal(1), "东阿县": Decimal(1)},
    }
    shares = by_factors({"贫困人口": Decimal(70), "重点村": Decimal(30)}, values)
    assert sum(shares.values()) == 1
    amounts = apportion(Decimal("10000000.01"), shares, CENT)
    assert sum(amounts.values()) == Decimal("10000000.01")
    assert amounts["冠县"] == Decimal("3100000.00")
    with pytest.raises(BadSplit, match="重点村"):
        by_factors({"重点村": Decimal(1)}, {"重点村": {"冠县": Decimal(0)}})


def test_a_county_may_exceed_but_not_fall_short() -> None:
    def words(target: int, *, adds: bool = True, note: str = "") -> list[str]:
        line = Line("x", Decimal(target), adds, handed_down=Decimal(100), note=note)
        return [f"{p.weight} {p.words}" for p in line_problems(line)]

    assert words(100) == words(120) == []
    assert words(99) == ["hard 低于上级下达的 100，只能高不能低"]
    assert words(98, adds=False) == ["ask 与上级下达的 100 不同，请写说明"]
    assert words(98, adds=False, note="口径不同") == []


def test_ratios_are_never_summed() -> None:
    parts = (Part("甲", Decimal(95)), Part("乙", Decimal(95)))
    assert balance(Line("满意度", Decimal(95), False, parts=parts)) is None


def test_ten_times_last_year_is_a_question() -> None:
    assert absurd(Decimal(1000), Decimal(100))
    assert not absurd(Decimal(999), Decimal(100))
    assert not absurd(Decimal(5), Decimal(0))
    assert not absurd(Decimal(5), None)
    line = Line("x", Decimal(1000), True, baseline=Decimal(100))
    assert [p.weight for p in line_problems(line)] == ["ask"]
    answered = Line("x", Decimal(1000), True, baseline=Decimal(100), note="新增项目")
    assert line_problems(answered) == []


def test_a_part_above_those_left_is_refused_even_with_a_reason() -> None:
    line = Line("减贫", Decimal(50), True, parts=(Part("冠县", Decimal(50), Decimal(40)),))
    assert [p.words for p in blocking([line], reason="有原因")] == ["冠县 50，超过上限 40"]


def test_versions_are_compared_line_by_line() -> None:
    old = {"a": ("甲", "户", Decimal(3)), "b": ("乙", "人", Decimal(5))}
    new = {"a": ("甲", "户", Decimal(4)), "c": ("丙", "人", Decimal(1))}
    changes = diff(old, new)
    assert [(c.name, c.words, c.difference) for c in changes] == [
        ("甲", "调整", Decimal(1)),
        ("丙", "新增", Decimal(1)),
        ("乙", "取消", Decimal(-5)),
    ]


LINES = {"people": ["people", "减贫人口（人）", "减贫人口"], "villages": ["villages", "退出村"]}
PLACES = {"1": ["371525001", "河边镇"], "2": ["371525002", "回马镇"], "3": ["371525003", "回马镇"]}


def test_columns_and_rows_in_any_order_by_code_then_name() -> None:
    text = "退出村\t单位\t减贫人口(人)\t备注\n2\t河边镇\t1,941\t\n0\t371525002\t252\t\n\t合计\t2193"
    sheet = read(split_pasted(text), LINES, PLACES)
    assert sheet.cells == {
        ("people", "1"): 1941,
        ("villages", "1"): 2,
        ("people", "2"): 252,
        ("villages", "2"): 0,
    }
    assert sheet.receipt == [("首行“备注”", "不是本计划的指标，这一列没有读")]


def test_what_is_not_ours_is_listed_not_guessed() -> None:
    text = "单位\t减贫人口\n清泉街道\t5\n回马镇\t6\n河边镇\t-3\n河边镇\tabc\n河边镇\t7\n河边镇\t8"
    sheet = read(split_pasted(text), LINES, PLACES)
    assert sheet.cells == {("people", "1"): 7}
    assert [where for where, _ in sheet.receipt] == [
        "第 2 行 清泉街道",
        "第 3 行 回马镇",
        "第 4 行 河边镇“-3”",
        "第 5 行 河边镇“abc”",
        "第 7 行 河边镇",
    ]


def test_one_line_needs_no_header() -> None:
    one = {"people": ["people", "减贫人口"]}
    assert read(split_pasted("河边镇 941\n"), one, PLACES).cells == {("people", "1"): 941}
    assert read(split_pasted("河边镇 941\n"), LINES, PLACES).receipt[0][0] == "首行"
    assert read([], LINES, PLACES).cells == {}
