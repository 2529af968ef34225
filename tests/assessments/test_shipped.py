"""The schemes that ship load and name their gaps; the test scheme scores as worked by hand."""

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from responsibility.assessments.rules import (
    Inputs,
    Scheme,
    dump_scheme,
    parse_scheme,
    score_scheme,
    validate,
)

FOLDER = Path(__file__).resolve().parents[2] / "data" / "schemes"
D = Decimal


def load(name: str) -> Scheme:
    return parse_scheme(yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8")))


def test_all_files_are_known() -> None:
    names = {path.stem for path in FOLDER.glob("*.yaml")}
    assert names == {
        "guangyuan-2017", "guangdong", "henan", "liaocheng-proposal", "test-scheme",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("guangyuan-2017", [73]),
        ("guangdong", [90]),
        ("henan", [100, 100, 100]),
        ("liaocheng-proposal", []),
        ("test-scheme", []),
    ],
)
def test_a_shipped_scheme_names_only_its_gaps(name: str, missing: list[int]) -> None:
    scheme = load(name)
    problems = validate(scheme)
    assert all(problem.warning and problem.code == "unscored" for problem in problems)
    assert [f"未取得原文：{n} 分没有评分标准，不计分" for n in missing] == [
        problem.message for problem in problems
    ]
    text = yaml.safe_dump(dump_scheme(scheme), allow_unicode=True, sort_keys=False)
    assert parse_scheme(yaml.safe_load(text)) == scheme


def test_the_proposal_rests_on_clauses_and_ledgers() -> None:
    for leaf in load("liaocheng-proposal").leaves():
        assert leaf.clause
        assert all(item.source_kind != "typed" and item.source for item in leaf.items)


def inputs(**changed: Inputs) -> dict[str, Inputs]:
    made = {
        "net": {"done": 4267, "plan": 4267},
        "ratio": {"done": 4180, "plan": 4267},
        "gap": {"rate": "99.75"},
        "cases": {"cases": 2},
        "bands": {"rate": "90"},
        "bonus": {"cases": 2},
        "deduction": {"cases": 1},
    }
    whole = {
        key: Inputs(values={item: D(str(value)) for item, value in values.items()})
        for key, values in made.items()
    }
    whole["manual"] = Inputs(manual=D(8), reason="有两项做法在全市推开")
    whole["optional"] = Inputs(absent=True)
    return {**whole, **changed}


def test_the_test_scheme_by_hand() -> None:
    score = score_scheme(load("test-scheme"), inputs())
    marks = {key: result.mark for key, result in score.leaves.items()}
    assert marks == {
        "net": D(15),
        "ratio": D("14.69"),  # 4180 / 4267 = 97.96%; 15 × 97.96% = 14.694
        "gap": D(8),  # 0.25 short: two whole steps
        "cases": D(6),  # 10 - 2 × 2
        "bands": D(20),  # 90 belongs to the upper band
        "manual": D(8),
        "optional": None,
        "bonus": D(3),  # 4, capped
        "deduction": D(1),
    }
    # 71.69 of 80; × 100 / 80 = 89.6125 → 89.61; + 3 - 1 = 91.61
    assert (score.total, score.grade, score.complete) == (D("91.61"), "好", True)


def test_one_person_short_loses_the_item_and_the_grade() -> None:
    short = Inputs(values={"done": D(4266), "plan": D(4267)})
    score = score_scheme(load("test-scheme"), inputs(net=short))
    # 56.69 × 100 / 80 = 70.8625 → 70.86; + 3 - 1 = 72.86
    assert score.leaves["net"].mark == 0
    assert (score.total, score.grade, score.red_lines) == (D("72.86"), "一般", ("net-short",))


def test_what_was_not_obtained_is_neither_scored_nor_rescaled() -> None:
    rate = Inputs(values={"rate": D(100)})
    given = dict.fromkeys(("schooling", "insurance", "own-payment", "housing"), rate)
    given["net-reduction"] = Inputs(values={"net": D(10), "plan": D(10)})
    assert score_scheme(load("guangyuan-2017"), given).total == 27


def test_outside_parts_are_blended_by_weight() -> None:
    parts = {"daily": D(90), "yearly": D(80), "third": D(85)}
    assert score_scheme(load("henan"), {}, parts=parts).total == D("85.50")  # 36 + 24 + 25.5
