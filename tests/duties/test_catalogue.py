"""The shipped catalogue against the shipped text."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from responsibility.duties.rules import (
    Bearing,
    Standing,
    check_catalogue,
    standing_of,
)
from responsibility.regulations.rules import parse

DATA = Path(__file__).parents[2] / "data"
CATALOGUE: dict[str, Any] = yaml.safe_load((DATA / "duties.yaml").read_text("utf-8"))
CLAUSES = {
    (article.number, clause.number): clause.text
    for article in parse((DATA / "liaocheng-rules-2019.txt").read_text("utf-8")).articles
    for clause in article.clauses
}
KINDS = {
    kind["key"]: kind
    for kind in yaml.safe_load((DATA / "body-kinds.yaml").read_text("utf-8"))["body_kinds"]
}


def test_every_clause_is_covered_and_every_quote_is_exact() -> None:
    assert len(CLAUSES) == 42
    assert check_catalogue(CATALOGUE, CLAUSES) == []


def test_there_are_as_many_duties_as_a_reader_would_find() -> None:
    assert 90 <= len(CATALOGUE["duties"]) <= 180


def test_every_kind_of_body_exists() -> None:
    named = {
        kind
        for duty in CATALOGUE["duties"]
        for kind in [*duty.get("bearers", []), *duty.get("unlisted", [])]
    }
    assert named <= set(KINDS)


def test_zones_bear_only_what_the_clause_names() -> None:
    for duty in CATALOGUE["duties"]:
        zones = [kind for kind in duty.get("bearers", []) if kind.startswith("zone.")]
        text = CLAUSES[(duty["clauses"][0]["article"], duty["clauses"][0]["clause"])]
        if zones:
            assert "市属开发区" in text or "各级" in text, duty["key"]


def test_every_deadline_rule_and_indicator_exists() -> None:
    rules = {r["key"] for r in yaml.safe_load((DATA / "deadline-rules.yaml").read_text())["rules"]}
    indicators = {
        i["key"] for i in yaml.safe_load((DATA / "indicators.yaml").read_text())["indicators"]
    }
    for duty in CATALOGUE["duties"]:
        assert duty.get("deadline_rule", "standing-year") in rules
        assert set(duty.get("indicators", [])) <= indicators


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["duties"][0]["clauses"][0].update(quote="没有这句话"), "出现 0 次"),
        (lambda d: d["duties"][0]["clauses"][0].update(article="99"), "没有第99条"),
        (lambda d: d["duties"][0].update(bearers=[]), "没有责任主体"),
        (lambda d: d["duties"].append(d["duties"][0]), "编号重复"),
        (lambda d: d["clauses"].clear(), "第1条第1款没有责任项"),
        (lambda d: d["duties"][0].update(rhythm="weekly"), "频次"),
        (lambda d: d["duties"][0]["clauses"][0].pop("quote"), "没有引原文"),
        (lambda d: d["duties"][0].update(society="自愿"), "既有责任主体"),
        (lambda d: d["duties"][0].update(title=""), "没有标题"),
    ],
)
def test_mistakes_are_named(change: Any, message: str) -> None:
    data = copy.deepcopy(CATALOGUE)
    change(data)
    assert any(message in text for text in check_catalogue(data, CLAUSES))


@pytest.mark.parametrize(
    ("bearing", "standing"),
    [
        (Bearing(False, False, False, False), Standing.ACTIVE),
        (Bearing(True, False, False, False), Standing.UNLISTED),
        (Bearing(True, True, False, False), Standing.ACTIVE),
        (Bearing(False, False, True, False), None),
        (Bearing(False, False, True, True), Standing.ACTIVE),
    ],
)
def test_standing(bearing: Bearing, standing: Standing | None) -> None:
    assert standing_of(bearing) is standing
