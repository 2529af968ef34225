"""Loading the catalogue again, changed, and broken."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from responsibility.common.errors import Invalid
from responsibility.divisions.services import bodies
from responsibility.duties.models import Duty
from responsibility.duties.services.catalogue import import_catalogue
from tests.cast import Cast
from tests.shipped import DATA, load_rulebook

CATALOGUE: dict[str, Any] = yaml.safe_load((DATA / "duties.yaml").read_text("utf-8"))


@pytest.fixture
def load(cast: Cast, tmp_path: Path) -> Callable[[Any], dict[str, int]]:
    """The shipped rulebook; returns what loads a changed catalogue."""
    bodies.import_body_kinds(path=DATA / "body-kinds.yaml")
    load_rulebook(cast.programme)

    def again(data: Any) -> dict[str, int]:
        file = tmp_path / "duties.yaml"
        file.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
        return import_catalogue(path=file)

    return again


def test_again_changed_and_broken(load: Callable[[Any], dict[str, int]]) -> None:
    count = len(CATALOGUE["duties"])
    same = {"created": 0, "updated": 0, "unchanged": count, "retired": 0}
    assert load(CATALOGUE) == same
    data = copy.deepcopy(CATALOGUE)
    data["duties"][0]["bearers"].remove("village.committees")
    gone = data["duties"].pop(1)
    data["duties"][1]["clauses"][0]["role"] = "creates"
    counts = load(data)
    assert counts["retired"] == 1
    assert counts["updated"] >= 1
    first = Duty.objects.get(key=data["duties"][0]["key"])
    assert "village.committees" not in first.bearers.values_list("kind__key", flat=True)
    assert Duty.objects.get(key=gone["key"]).retired_on is not None
    load(CATALOGUE)
    assert Duty.objects.get(key=gone["key"]).retired_on is None
    assert load(CATALOGUE) == same
    broken: list[tuple[Callable[[Any], Any], str]] = [
        (lambda d: d["duties"][0].update(needs_mark="no-such"), "没有标记"),
        (lambda d: d["duties"][0].update(deadline_rule="no-such"), "没有时限规则"),
        (lambda d: d["duties"][0].update(indicators=["no-such"]), "没有指标"),
        (lambda d: d["duties"][0].update(bearers=["no.such"]), "没有责任主体种类"),
        (lambda d: d["duties"][0].update(clauses=[{}]), "缺少必填项"),
        (lambda d: d["duties"].append("not an entry"), "缺少必填项"),
        (lambda d: d.update(regulation="没有这部细则"), "还没有采用"),
    ]
    for change, message in broken:
        wrong = copy.deepcopy(CATALOGUE)
        change(wrong)
        with pytest.raises(Invalid, match=message):
            load(wrong)
    assert load(CATALOGUE) == same
