"""A scheme as the rows of a workbook and back, without loss: text cells only, one sheet a kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from .parsing import dump_scheme, fail, parse_scheme
from .scheme import Scheme

Rows = dict[str, list[list[str]]]
LISTS = {"parts": "构成", "grades": "等次", "red_lines": "红线", "stages": "阶段"}
COLUMNS = {
    "构成": {"编号": "key", "名称": "name", "权重": "weight"},
    "等次": {"名称": "name", "起点分": "low"},
    "红线": {
        "编号": "key", "名称": "name", "等次最高为": "limit", "依据": "clause",
        "指标": "leaf", "低于": "below",
    },
    "阶段": {"编号": "key", "名称": "name", "截止": "due", "依据": "basis"},
    "方案": {
        "编号": "key", "名称": "title", "年度": "year", "考核对象": "subjects", "满分": "full",
        "性质": "standing", "专项": "programme", "依据": "basis", "说明": "note",
        "小数位数": "places", "折算方式": "rescale", "加分上限": "bonus_cap",
        "总扣分上限": "deduction_cap", "最低分": "floor", "最高分": "cap",
    },
    "指标": {
        "编号": "key", "上级": "parent", "名称": "name", "满分": "full", "规则": "kind",
        "规则参数": "rule", "条款": "clause", "其他依据": "basis", "数据来源": "source",
        "提供单位": "provider", "核验单位": "verifier", "佐证": "evidence", "标准全文": "words",
        "构成": "part", "阶段": "stage", "缺项处理": "when_absent",
    },
    "数据项": {
        "指标": "leaf", "编号": "key", "名称": "name", "单位": "unit", "取数方式": "source_kind",
        "数据来源": "source", "提供单位": "provider", "核验单位": "verifier",
    },
}  # fmt: skip


def table(sheet: str, records: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return a head and one row a record."""
    columns = COLUMNS[sheet]
    return [list(columns), *([str(r.get(c, "")) for c in columns.values()] for r in records)]


def records_of(sheet: str, rows: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """Read records by the head of their columns; empty cells and rows are left out."""
    columns = COLUMNS[sheet]
    head = [str(cell).strip() for cell in rows[0]] if rows else []
    for name in head:
        if name and name not in columns:
            raise fail(sheet, f"不认识“{name}”这一列", "unknown")
    made = [
        {columns[n]: str(cell) for n, cell in zip(head, row, strict=False) if n and cell != ""}
        for row in rows[1:]
    ]
    return [record for record in made if record]


def parameters(rule: Mapping[str, Any]) -> str:
    """Write a rule's parameters one a line; a band as ``[60, 90) = 8``."""
    lines = [f"{key}={value}" for key, value in rule.items() if key not in ("kind", "bands")]
    lines += [f"{band['range']} = {band['mark']}" for band in rule.get("bands", ())]
    return "\n".join(lines)


def read_rule(record: dict[str, str]) -> dict[str, Any]:
    """Read a rule from its kind and the lines of its parameters."""
    made: dict[str, Any] = {"kind": record.pop("kind")}
    for line in record.pop("rule", "").splitlines():
        if not line.strip():
            continue
        name, sign, value = line.partition("=")
        if not sign:
            raise fail(f"指标 {record.get('key')}", f"“{line}”应写成“名称=值”", "rule")
        if name.strip()[:1] in ("[", "("):
            band = {"range": name.strip(), "mark": value.strip()}
            made.setdefault("bands", []).append(band)
        else:
            made[name.strip()] = value.strip()
    return made


def flat(children: Sequence[Mapping[str, Any]], parent: str, rows: Rows) -> None:
    """Add the rows of a branch, the branch before what it holds."""
    for child in children:
        rule = child.get("rule")
        record = {**child, "parent": parent, "kind": "", "rule": ""}
        if rule is not None:
            record |= {"kind": rule["kind"], "rule": parameters(rule)}
        rows["指标"] += table("指标", [record])[1:]
        items = [{**item, "leaf": child["key"]} for item in child.get("items", ())]
        rows["数据项"] += table("数据项", items)[1:]
        flat(child.get("children", ()), child["key"], rows)


def to_rows(scheme: Scheme) -> Rows:
    """Return the sheets of a scheme by name, the head first. Keys must be unique."""
    data = dump_scheme(scheme)
    rows: Rows = {"方案": [["项", "值"]], "指标": table("指标", []), "数据项": table("数据项", [])}
    rows["方案"] += [[label, str(data.get(key, ""))] for label, key in COLUMNS["方案"].items()]
    flat(data["children"], "", rows)
    return rows | {sheet: table(sheet, data.get(key, ())) for key, sheet in LISTS.items()}


def from_rows(rows: Mapping[str, Sequence[Sequence[str]]]) -> Scheme:
    """Read a scheme from its sheets; SchemeError names what cannot be read."""
    labels = COLUMNS["方案"]
    data: dict[str, Any] = {
        labels[row[0]]: row[1] for row in rows.get("方案", ())[1:] if row[0] in labels and row[1]
    }
    data |= {key: records_of(sheet, rows.get(sheet, ())) for key, sheet in LISTS.items()}
    nodes: dict[str, dict[str, Any]] = {}
    data["children"] = []
    for record in records_of("指标", rows.get("指标", ())):
        parent = record.pop("parent", "")
        node: dict[str, Any] = dict(record)
        if "kind" in record:
            node = {"rule": read_rule(record), **record, "items": []}
        if parent and parent not in nodes:
            raise fail("指标", f"“{record.get('key')}”的上级“{parent}”要写在它前面", "parent")
        home = nodes[parent].setdefault("children", []) if parent else data["children"]
        home.append(node)
        nodes[record.get("key", "")] = node
    for item in records_of("数据项", rows.get("数据项", ())):
        leaf = item.pop("leaf", "")
        if "items" not in nodes.get(leaf, {}):
            raise fail("数据项", f"没有“{leaf}”这个指标", "leaf")
        nodes[leaf]["items"].append(item)
    return parse_scheme(data)
