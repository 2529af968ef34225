"""A scheme as plain data (what YAML and JSON hold) and back, without loss."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from .measures import interval
from .scheme import (
    RULES,
    Band,
    DataItem,
    Grade,
    Inputs,
    Leaf,
    Node,
    Part,
    Problem,
    RedLine,
    Rule,
    Scheme,
    Stage,
)

BAND = re.compile(r"^([\[(])\s*([^,\s]+)\s*,\s*([^,\s]+)\s*([\])])$")
ENDLESS = ("-∞", "+∞", "∞")


class SchemeError(ValueError):
    """A scheme that cannot be read; ``problems`` say where and how to mend it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("；".join(f"{item.where}：{item.message}" for item in problems))


def fail(where: str, message: str, code: str = "invalid") -> SchemeError:
    """Return the error of one place."""
    return SchemeError([Problem(code, where, message)])


def number(value: Any, where: str) -> Decimal:
    """Read a finite decimal from text or a number; a float by the digits it was written with."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise fail(where, "应填数字", "number")
    try:
        decimal = Decimal(str(value).replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        raise fail(where, f"“{value}”不是数字", "number") from None
    if not decimal.is_finite() or abs(decimal.adjusted()) > 18:
        raise fail(where, f"“{value}”不是可用的数字", "number")
    return decimal


def optional_number(value: Any, where: str) -> Decimal | None:
    """Read a decimal, or None where nothing is given."""
    return None if value in (None, "") else number(value, where)


def text(value: Any, where: str) -> str:
    """Read text; numbers (a clause "11") become their digits."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise fail(where, "应填文字", "text")
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()


def whole(value: Any, where: str) -> int:
    """Read a whole number."""
    decimal = number(value, where)
    if decimal != int(decimal):
        raise fail(where, "应填整数", "integer")
    return int(decimal)


def band(value: Any, where: str) -> Band:
    """Read a band: {range: "[90, 95)", mark: 8}."""
    given = mapping(value, where)
    found = BAND.match(str(given.get("range", "")).strip())
    if not found:
        raise fail(where, "区间应写成 [90, 95) 的样子", "band")
    opening, low, high, closing = found.groups()
    return Band(
        mark=number(given.get("mark"), f"{where}.mark"),
        low=None if low in ENDLESS else number(low, where),
        high=None if high in ENDLESS else number(high, where),
        low_closed=opening == "[" and low not in ENDLESS,
        high_closed=closing == "]" and high not in ENDLESS,
    )


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """Read a mapping."""
    if not isinstance(value, Mapping):
        raise fail(where, "应是“名称: 值”的一组", "mapping")
    return value


def sequence(value: Any, where: str) -> list[Any]:
    """Read a list; nothing is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise fail(where, "应是一个列表", "list")
    return list(value)


def many(reader: Callable[[Any, str], Any]) -> Callable[[Any, str], tuple[Any, ...]]:
    """Return a reader of a list of such things."""

    def read(value: Any, where: str) -> tuple[Any, ...]:
        return tuple(
            reader(item, f"{where}[{index}]")
            for index, item in enumerate(sequence(value, where), start=1)
        )

    return read


def record(kind: type[Any]) -> Callable[[Any, str], Any]:
    """Return a reader of a dataclass."""

    def read(value: Any, where: str) -> Any:
        given = mapping(value, where)
        key = given.get("key") or given.get("name")
        return build(kind, given, f"{where}（{key}）" if key else where)

    return read


def rule(value: Any, where: str) -> Rule:
    """Read a rule: its kind chooses the dataclass."""
    given = dict(mapping(value, where))
    kind = RULES.get(str(given.pop("kind", "")))
    if kind is None:
        raise fail(f"{where}.kind", f"没有这种规则，可选：{'、'.join(RULES)}", "rule")
    made: Rule = build(kind, given, where)
    return made


def branch(value: Any, where: str) -> Node | Leaf:
    """Read a node or a leaf: what has a rule is a leaf."""
    made: Node | Leaf = record(Leaf if "rule" in mapping(value, where) else Node)(value, where)
    return made


READERS: dict[str, Callable[[Any, str], Any]] = {
    "rule": rule,
    "bands": many(band),
    "children": many(branch),
    "items": many(record(DataItem)),
    "parts": many(record(Part)),
    "grades": many(record(Grade)),
    "red_lines": many(record(RedLine)),
    "stages": many(record(Stage)),
}


def reader(field: Field[Any]) -> Callable[[Any, str], Any]:
    """Return the reader of a field, by its name or its type."""
    if field.name in READERS:
        return READERS[field.name]
    if field.type is Decimal:
        return number
    if field.type is int:
        return whole
    return text if field.type is str else optional_number


def build(kind: type[Any], given: Mapping[str, Any], where: str) -> Any:
    """Make a dataclass of a mapping; every mistake in it is reported together."""
    known = {field.name: field for field in fields(kind)}
    problems = [Problem("unknown", where, f"不认识“{name}”") for name in given if name not in known]
    made: dict[str, Any] = {}
    for name, field in known.items():
        needed = field.default is MISSING and field.default_factory is MISSING
        if given.get(name) in (None, ""):
            if needed and name != "children":
                problems.append(Problem("required", f"{where}.{name}", "没有填"))
            continue
        try:
            made[name] = reader(field)(given[name], f"{where}.{name}")
        except SchemeError as error:
            problems.extend(error.problems)
    if problems:
        raise SchemeError(problems)
    made.setdefault("children", ()) if "children" in known else None
    return kind(**made)


def parse_scheme(data: Any) -> Scheme:
    """Read a scheme from plain data; SchemeError names every place that cannot be read."""
    made: Scheme = record(Scheme)(data, "方案")
    return made


def parse_inputs(data: Any, where: str = "数据") -> Inputs:
    """Read the inputs of one leaf: {values: {item: "4180"}, absent, manual, reason}."""
    given = mapping(data, where)
    values = mapping(given.get("values") or {}, f"{where}.values")
    return Inputs(
        values={
            str(key): optional_number(value, f"{where}.{key}") for key, value in values.items()
        },
        absent=given.get("absent") is True,
        manual=optional_number(given.get("manual"), f"{where}.manual"),
        reason=text(given.get("reason"), f"{where}.reason"),
    )


def dump_inputs(inputs: Inputs) -> dict[str, Any]:
    """Write inputs as plain data, numbers as text."""
    return {
        "values": {key: None if v is None else f"{v:f}" for key, v in inputs.values.items()},
        "absent": inputs.absent,
        "manual": None if inputs.manual is None else f"{inputs.manual:f}",
        "reason": inputs.reason,
    }


def dump(value: Any) -> Any:
    """Write any part of a scheme as plain data; what stands at its default is left out."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Band):
        return {"range": interval(value), "mark": f"{value.mark:f}"}
    if isinstance(value, tuple):
        return [dump(item) for item in value]
    if not hasattr(value, "__dataclass_fields__"):
        return value
    kind = {"kind": value.kind} if type(value) in RULES.values() else {}
    return kind | {
        field.name: dump(getattr(value, field.name))
        for field in fields(value)
        if field.default is MISSING or getattr(value, field.name) != field.default
    }


def dump_scheme(scheme: Scheme) -> dict[str, Any]:
    """Write a scheme as plain data that ``parse_scheme`` reads back to an equal scheme."""
    made: dict[str, Any] = dump(scheme)
    return made
