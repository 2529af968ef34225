"""The arithmetic of marks, worked by hand at its edges."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responsibility.assessments.rules import (
    Inputs,
    Leaf,
    Scheme,
    SchemeError,
    State,
    dump_scheme,
    outlook,
    parse_scheme,
    score_leaf,
    score_scheme,
    validate,
)

D = Decimal
DONE = {"key": "d", "name": "完成", "unit": "人", "source_kind": "figures", "source": "台账"}
PLAN = {"key": "p", "name": "目标", "unit": "人", "source_kind": "figures", "source": "台账"}
SCHEMES = {
    "ratio": {"kind": "ratio", "value": "d", "of": "p"},
    "reach": {"kind": "reach", "value": "d", "of": "p"},
    "per_gap": {
        "kind": "per_gap", "value": "d", "of": "p", "target": 100, "step": "0.1", "deduct": 1,
    },
    "per_case": {"kind": "per_case", "value": "d", "deduct": 2, "free": 1, "floor": 3},
    "bands": {
        "kind": "bands", "value": "d", "of": "p",
        "bands": [
            {"range": "[0, 60)", "mark": 0},
            {"range": "[60, 90]", "mark": 8},
            {"range": "(90, +∞)", "mark": 15},
        ],
    },
    "manual": {"kind": "manual", "low": 2, "high": 10},
    "bonus": {"kind": "bonus", "value": "d", "each": "0.5", "cap": 2},
    "deduction": {"kind": "deduction", "value": "d", "each": 1, "cap": 3},
}  # fmt: skip


def leaf_data(kind: str, key: str = "l", full: object = 15) -> dict[str, object]:
    return {
        "key": key, "name": "减贫", "full": full, "rule": SCHEMES[kind], "items": [DONE, PLAN],
        "clause": "11",
    }  # fmt: skip


def scheme(*leaves: dict[str, object], **extra: object) -> Scheme:
    data = {
        "key": "t", "title": "测试方案", "year": 2019, "subjects": "counties", "standing": "test",
        "children": list(leaves), "grades": [{"name": "好", "low": 90}, {"name": "差", "low": 0}],
    }  # fmt: skip
    return parse_scheme({**data, **extra})


def leaf(kind: str) -> Leaf:
    return scheme(leaf_data(kind)).leaf("l")


def values(done: object, plan: object = 4267) -> Inputs:
    return Inputs(values={"d": D(str(done)), "p": D(str(plan))})


@pytest.mark.parametrize(
    ("kind", "done", "plan", "mark"),
    [
        ("ratio", 4180, 4267, "14.69"),  # 97.96%, 15 × 97.96% = 14.694
        ("ratio", 5000, 4267, "15.00"),  # over 100, capped
        ("ratio", 0, 4267, "0.00"),
        ("ratio", 999999, 1000000, "15.00"),  # 99.99%, 14.9985 rounds to the full mark
        ("reach", 4267, 4267, "15.00"),
        ("reach", 4266, 4267, "0.00"),  # one person short: nothing
        ("per_gap", 997, 1000, "12.00"),  # 99.7%: three steps of 0.1
        ("per_gap", 9991, 10000, "15.00"),  # 0.09 short: no whole step
        ("per_gap", 985, 1000, "0.00"),  # exactly to the floor
        ("per_gap", 100, 1000, "0.00"),  # far below the floor
        ("per_gap", 1100, 1000, "15.00"),
        ("per_case", 1, 1, "15.00"),  # the free one
        ("per_case", 3, 1, "11.00"),  # 15 - 2 × 2
        ("per_case", 50, 1, "3.00"),  # the floor
        ("bands", 59999, 100000, "0.00"),
        ("bands", 60, 100, "8.00"),  # closed end
        ("bands", 90, 100, "8.00"),  # closed end
        ("bands", 90001, 100000, "15.00"),
        ("bonus", 3, 1, "1.50"),
        ("bonus", 9, 1, "2.00"),  # the cap
        ("deduction", 9, 1, "3.00"),
    ],
)
def test_every_rule_at_its_edges(kind: str, done: int, plan: int, mark: str) -> None:
    assert score_leaf(leaf(kind), values(done, plan)).mark == D(mark)


def test_the_working_has_the_numbers_put_in() -> None:
    working = score_leaf(leaf("ratio"), values(4180)).working
    assert working == "完成 4,180 / 目标 4,267 = 97.96%，15 × 97.96% = 14.69"
    short = score_leaf(leaf("reach"), values(4266))
    assert "差 1人，该项不得分" in short.reason


@pytest.mark.parametrize(
    ("kind", "inputs", "state"),
    [
        ("ratio", values(1, 0), State.INVALID),  # a target of 0
        ("ratio", Inputs(), State.MISSING),
        ("per_case", values(-1), State.INVALID),
        ("manual", Inputs(manual=D(11), reason="好"), State.INVALID),
        ("manual", Inputs(manual=D(9)), State.INVALID),  # no reason
        ("ratio", Inputs(absent=True), State.ABSENT),
    ],
)
def test_what_cannot_be_scored_has_no_mark(kind: str, inputs: Inputs, state: State) -> None:
    result = score_leaf(leaf(kind), inputs)
    assert (result.mark, result.state) == (None, state)


def test_a_missing_task_is_rescaled_and_extras_follow_in_order() -> None:
    made = scheme(
        leaf_data("ratio", "a", 60), leaf_data("reach", "b", 40),
        leaf_data("bonus", "c", 2), leaf_data("deduction", "e", 3),
    )  # fmt: skip
    inputs = {
        "a": values(50, 100), "b": Inputs(absent=True), "c": values(1), "e": values(2),
    }  # fmt: skip
    score = score_scheme(made, inputs)
    # 60 × 50% = 30; 30 × 100 / 60 = 50; 50 + 0.5 - 2 = 48.5
    assert score.total == D("48.50")
    assert score.complete


def test_parts_are_blended_and_red_lines_limit_the_grade() -> None:
    parts = [
        {"key": "daily", "name": "日常", "weight": 40},
        {"key": "year", "name": "年度", "weight": 30},
        {"key": "third", "name": "第三方", "weight": 30},
    ]
    lines = [{"key": "fraud", "name": "弄虚作假", "limit": "差", "clause": "37"}]
    leaves = [{**leaf_data("ratio", p["key"], 100), "part": p["key"]} for p in parts]
    made = scheme(*leaves, parts=parts, red_lines=lines)
    assert validate(made) == []
    given = {"daily": D(95), "year": D("90.5"), "third": D("88")}
    score = score_scheme(made, {}, parts=given)  # 38 + 27.15 + 26.4
    assert (score.total, score.grade, score.complete) == (D("91.55"), "好", True)
    assert score_scheme(made, {}, parts=given, red_lines=["fraud"]).grade == "差"


@pytest.mark.parametrize(
    ("ranges", "code"),
    [
        (["[0, 60)", "(60, +∞)"], "gap"),
        (["[0, 60]", "[60, +∞)"], "overlap"),
        (["[0, 60)", "[50, +∞)"], "overlap"),
        (["[10, 60)", "[60, +∞)"], "gap"),
        (["[0, 50)", "[60, +∞)"], "gap"),
    ],
)
def test_bands_that_overlap_or_leave_gaps_are_found(ranges: list[str], code: str) -> None:
    rule = {"kind": "bands", "value": "d", "bands": [{"range": r, "mark": 1} for r in ranges]}
    found = validate(scheme({**leaf_data("ratio", full=100), "rule": rule}))
    assert [problem.code for problem in found] == [code]


def test_marks_that_do_not_add_up_are_found() -> None:
    assert [problem.code for problem in validate(scheme(leaf_data("ratio")))] == ["sum"]


def test_a_scheme_that_cannot_be_read_names_every_place() -> None:
    with pytest.raises(SchemeError) as caught:
        scheme({**leaf_data("ratio"), "full": "十五", "colour": "red"})
    assert {problem.code for problem in caught.value.problems} == {"number", "unknown"}


@pytest.mark.parametrize("kind", SCHEMES)
def test_a_scheme_comes_back_from_plain_data(kind: str) -> None:
    made = scheme(leaf_data(kind))
    assert parse_scheme(dump_scheme(made)) == made


def test_the_look_ahead_says_what_is_missing_to_the_full_mark() -> None:
    made = scheme(leaf_data("ratio", full=100))
    seen = outlook(made, {"l": values(4180)}, date(2019, 7, 1))
    assert (seen.score.total, seen.best) == (D("97.96"), D("100.00"))
    assert "再增加 87人" in seen.risks[0].advice


AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=2)


@given(st.sampled_from(["ratio", "reach", "per_gap", "per_case", "bands"]), AMOUNTS, AMOUNTS)
def test_marks_stay_within_bounds(kind: str, done: Decimal, plan: Decimal) -> None:
    mark = score_leaf(leaf(kind), values(done, plan + 1)).mark
    assert mark is not None
    assert 0 <= mark <= 15


@given(st.sampled_from(["ratio", "reach", "per_gap", "bands"]), AMOUNTS, AMOUNTS)
def test_more_done_never_gives_less(kind: str, low: Decimal, more: Decimal) -> None:
    first = score_leaf(leaf(kind), values(low, 1000)).mark
    second = score_leaf(leaf(kind), values(low + more, 1000)).mark
    assert first is not None
    assert second is not None
    assert first <= second


@given(st.lists(AMOUNTS, min_size=4, max_size=4), st.permutations(["a", "b", "c", "e"]))
def test_the_order_of_leaves_changes_nothing(done: list[Decimal], order: list[str]) -> None:
    inputs = {key: values(value, 1000) for key, value in zip("abce", done)}
    straight = scheme(*(leaf_data("ratio", key, 25) for key in "abce"))
    mixed = scheme(*(leaf_data("ratio", key, 25) for key in order))
    assert score_scheme(straight, inputs).total == score_scheme(mixed, inputs).total
