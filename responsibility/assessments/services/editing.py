"""One indicator of a draft scheme, field by field, as the browser's form gives it."""

import copy
from collections.abc import Mapping
from dataclasses import MISSING, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from responsibility.assessments.models import SchemeVersion
from responsibility.assessments.rules import Manual
from responsibility.assessments.rules.scheme import (
    ABSENCES,
    DIRECTIONS,
    PARTIALS,
    RULES,
)
from responsibility.assessments.services import schemes
from responsibility.common.errors import Invalid, Missing

NEW = "new"
ITEMS = 6
PLAIN = [
    ("key", "编号", "小写字母、数字和短横线，如 net-done"),
    ("name", "指标名称", ""),
    ("full", "满分", ""),
    ("clause", "依据的条款", "如 11；没有条款的写在“其他依据”"),
    ("basis", "其他依据", "文件名和文号"),
    ("words", "评分标准（文字）", "给人看的一句话"),
    ("source", "数据来源说明", ""),
    ("provider", "数据提供单位", ""),
    ("verifier", "核验单位", ""),
    ("evidence", "佐证材料", "可以不要求"),
    ("stage", "阶段", "方案里阶段的编号"),
    ("part", "构成部分", "没有分部分的不填"),
]
LABELS = {
    "value": "完成数（数据项编号）",
    "of": "目标数（数据项编号，可不填）",
    "threshold": "达标线",
    "direction": "方向",
    "cap": "上限（%或分）",
    "start": "起计线（%）",
    "target": "要求值",
    "step": "每差多少",
    "deduct": "扣几分",
    "partial": "不足一个单位时",
    "floor": "扣到多少为止",
    "free": "不扣的个数",
    "bands": "分档，每行一档，如 [90, 95) 8",
    "low": "最低分",
    "high": "最高分（不填为满分）",
    "each": "每个几分",
    "why": "原因",
}
CHOICES = {"direction": DIRECTIONS, "partial": PARTIALS}


def leaf_data(row: SchemeVersion, key: str) -> dict[str, Any]:
    """Return a leaf as plain data; ``new`` gives an empty one. Missing for an unknown key."""
    if key == NEW:
        return {"key": "", "name": "", "full": "", "rule": {"kind": "ratio"}, "items": []}
    for _, leaf in _walk(row.content["children"]):
        if leaf.get("key") == key and "rule" in leaf:
            found: dict[str, Any] = leaf
            return found
    raise Missing("方案里没有这项指标。")


def _walk(children: list[dict[str, Any]]) -> Any:
    for child in children:
        yield children, child
        yield from _walk(child.get("children") or [])


def branches(row: SchemeVersion) -> list[tuple[str, str]]:
    """Return the branches that a leaf may be put under: the top, then each node."""
    nodes = [item for _, item in _walk(row.content["children"]) if "rule" not in item]
    return [("", "最上级"), *[(item["key"], item["name"]) for item in nodes]]


def rule_fields(kind: str) -> list[tuple[str, str, Any, str]]:
    """Return the fields of a rule: name, label, choices if any, default as text."""
    made = []
    for field in fields(RULES[kind]):
        default = field.default if field.default is not MISSING else ""
        text = "" if default is None or isinstance(default, tuple) else str(default)
        made.append((field.name, LABELS.get(field.name, field.name), CHOICES.get(field.name), text))
    return made


def flat(leaf: Mapping[str, Any]) -> dict[str, str]:
    """Return a leaf as the names and texts of the form."""
    made = {name: str(leaf.get(name, "")) for name, _, _ in PLAIN}
    made["when_absent"] = str(leaf.get("when_absent", "rescale"))
    for name, value in leaf["rule"].items():
        made[f"rule_{name}"] = _bands(value) if name == "bands" else str(value)
    for place, item in enumerate(leaf.get("items") or []):
        for name in ("key", "name", "unit", "source_kind", "source"):
            made[f"item{place}_{name}"] = str(item.get(name, ""))
    return made


def _bands(value: list[dict[str, Any]]) -> str:
    return "\n".join(f"{item['range']} {item['mark']}" for item in value)


def item_rows(values: Mapping[str, Any], leaf: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of the form for data items, with room for one more."""
    count = max(2, min(ITEMS, len(leaf.get("items") or []) + 1))
    names = ("key", "name", "unit", "source_kind", "source")
    return [
        {"n": place, **{name: values.get(f"item{place}_{name}", "") for name in names}}
        for place in range(count)
    ]


def made_leaf(typed: Mapping[str, str], old: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain data of a leaf from the form; empty fields are left out."""
    made: dict[str, Any] = {}
    for name, _, _ in PLAIN:
        if typed.get(name, "").strip():
            made[name] = typed[name].strip()
    if typed.get("when_absent") in ABSENCES and typed["when_absent"] != "rescale":
        made["when_absent"] = typed["when_absent"]
    kind = typed.get("kind", "")
    if kind not in RULES:
        raise Invalid("没有选规则。", where="kind")
    rule: dict[str, Any] = {"kind": kind}
    for field in fields(RULES[kind]):
        text = typed.get(f"rule_{field.name}", "").strip()
        if text:
            rule[field.name] = _read_bands(text) if field.name == "bands" else text
    made["rule"] = rule
    made["items"] = _items(typed, old)
    if RULES[kind] in (Manual,) or not made["items"]:
        made.pop("items")
    return made


def _read_bands(text: str) -> list[dict[str, str]]:
    made = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        interval, _, mark = line.strip().rpartition(" ")
        if not interval:
            raise Invalid(f"分档第 {number} 行应写成“[90, 95) 8”。", where="rule_bands")
        made.append({"range": interval.strip(), "mark": mark})
    return made


def _items(typed: Mapping[str, str], old: Mapping[str, Any]) -> list[dict[str, str]]:
    known = {item["key"]: item for item in old.get("items") or []}
    made = []
    for place in range(ITEMS):
        key = typed.get(f"item{place}_key", "").strip()
        if not key:
            continue
        item = {name: known.get(key, {}).get(name, "") for name in ("provider", "verifier")}
        for name in ("key", "name", "unit", "source_kind", "source"):
            item[name] = typed.get(f"item{place}_{name}", "").strip()
        item["source_kind"] = item["source_kind"] or "typed"
        made.append({name: value for name, value in item.items() if value})
    return made


def save_leaf(
    *,
    by: Any,
    row: SchemeVersion,
    key: str,
    typed: Mapping[str, str],
    revision: int | None = None,
) -> SchemeVersion:
    """Write one leaf of a draft (``new``: add it under the chosen branch). Raises Invalid, Stale.

    Branches keep adding up: the full mark of each is made the sum of what it holds.
    """
    data = copy.deepcopy(row.content)
    old = {} if key == NEW else leaf_data(row, key)
    leaf = made_leaf(typed, old)
    if key == NEW:
        _children(data, typed.get("branch", "")).append(leaf)
    else:
        for children, item in _walk(data["children"]):
            if item.get("key") == key and "rule" in item:
                children[children.index(item)] = leaf
                break
    _sum_up(data["children"])
    return schemes.save(by=by, row=row, scheme=schemes.read(data), revision=revision)


def _children(data: dict[str, Any], branch: str) -> list[dict[str, Any]]:
    if not branch:
        top: list[dict[str, Any]] = data["children"]
        return top
    for _, item in _walk(data["children"]):
        if item.get("key") == branch and "rule" not in item:
            inner: list[dict[str, Any]] = item.setdefault("children", [])
            return inner
    raise Invalid("没有这个上级指标。", where="branch")


def _sum_up(children: list[dict[str, Any]]) -> None:
    """Make the full mark of each branch the sum of its leaves (bonuses and deductions apart)."""
    for item in children:
        if "rule" in item or not item.get("children"):
            continue
        _sum_up(item["children"])
        try:
            whole = sum(
                (
                    Decimal(str(child.get("full", "0")))
                    for child in item["children"]
                    if child.get("rule", {}).get("kind") not in ("bonus", "deduction")
                ),
                Decimal(0),
            )
        except InvalidOperation:
            continue
        item["full"] = f"{whole:f}"


def remove_leaf(
    *, by: Any, row: SchemeVersion, key: str, revision: int | None = None
) -> SchemeVersion:
    """Take a leaf out of a draft."""
    data = copy.deepcopy(row.content)
    for children, item in _walk(data["children"]):
        if item.get("key") == key and "rule" in item:
            children.remove(item)
            break
    _sum_up(data["children"])
    return schemes.save(by=by, row=row, scheme=schemes.read(data), revision=revision)
