"""States of a letter, its text from the template, its digests, its settlement. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where a letter stands."""

    DRAFT = "draft"
    CONSULTING = "consulting"
    ISSUED = "issued"
    SIGNED = "signed"
    SETTLED = "settled"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


STATES = list(
    zip(
        [state.value for state in State],
        ["起草", "征求意见", "待签", "已签", "已对账", "被替换", "撤回"],
        strict=True,
    )
)
OPEN = (State.DRAFT, State.CONSULTING)
IN_FORCE = (State.ISSUED, State.SIGNED, State.SETTLED)
LIVING = OPEN + IN_FORCE


class Side(StrEnum):
    """Which party signs."""

    OWN = "own"
    COUNTER = "counter"


SIDES = [(Side.OWN.value, "签署方"), (Side.COUNTER.value, "接受方")]


class Outcome(StrEnum):
    """How a target line came out at the end of the year."""

    DONE = "done"
    SHORT = "short"
    UNMEASURABLE = "unmeasurable"


OUTCOMES = list(zip([o.value for o in Outcome], ["完成", "未完成", "无法对账"], strict=True))
PRINCIPALS = {"secretary": "书记", "head": "行政正职"}
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
NAMES = {
    "年度": "year",
    "签署方": "body",
    "接受方": "counter",
    "依据": "basis",
    "延伸依据": "extension",
    "目标": "lines",
    "责任": "duties",
}


class BadTemplate(ValueError):  # noqa: N818 - reads as a word where it is caught
    """A template with a placeholder that does not exist."""


def check_template(text: str) -> None:
    """Raise BadTemplate for an unknown or unclosed placeholder."""
    for name in PLACEHOLDER.findall(text):
        if name not in NAMES:
            raise BadTemplate(f"模板里的“{{{name[:12]}}}”不认识，可用：{'、'.join(NAMES)}。")
    rest = PLACEHOLDER.sub("", text)
    if "{" in rest or "}" in rest:
        raise BadTemplate("模板里有没有配对的花括号。")


def render(template: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders filled; lines that become empty are left out."""
    check_template(template)
    filled = PLACEHOLDER.sub(lambda found: values[NAMES[found[1]]], template)
    lines = [line.rstrip() for line in filled.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def number_of(prefix: str, year: int, serial: int) -> str:
    """Return a document number by GB/T 9704: 〔〕 around the year, no leading zero."""
    return f"{prefix}〔{year}〕{serial}号"


def shown(value: Decimal | None) -> str:
    """Return a figure without needless zeros, with thousands separators; a dash for none."""
    if value is None:
        return "—"
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def line_text(position: int, line: Mapping[str, Any]) -> str:
    """Return one target line in words."""
    parts = [f"{position}. {line['name']}：{shown(line['target'])}{line['unit']}"]
    if line.get("baseline") is not None:
        parts.append(f"上年 {shown(line['baseline'])}{line['unit']}")
    if line.get("responsible"):
        parts.append(f"责任部门 {line['responsible']}")
    if line.get("due_on"):
        parts.append(f"完成时限 {line['due_on']:%Y-%m-%d}")
    return "，".join(parts)


def text_hash(text: str) -> str:
    """Return the digest of the exact text that is signed."""
    return hashlib.sha256(text.encode()).hexdigest()


def signature_digest(facts: Mapping[str, Any]) -> str:
    """Return the digest of a signature: who, in which post, on which text."""
    body = json.dumps({key: str(value) for key, value in facts.items()}, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True)
class Wanted:
    """A signature that the kind asks for."""

    side: str
    principal: str


def missing(wanted: Iterable[Wanted], given: Iterable[tuple[str, str]]) -> list[Wanted]:
    """Return the signatures still to be given, in the order of the kind."""
    there = set(given)
    return [item for item in wanted if (item.side, item.principal) not in there]


def settle_line(
    target: Decimal | None, actual: Decimal | None, *, lower_is_better: bool = False
) -> tuple[Outcome, Decimal | None]:
    """Return how a line came out and by how much it is short (never negative).

    Without a target or an actual figure it is not measurable.
    """
    if target is None or actual is None:
        return Outcome.UNMEASURABLE, None
    short = actual - target if lower_is_better else target - actual
    if short <= 0:
        return Outcome.DONE, Decimal(0)
    return Outcome.SHORT, short


def share(target: Decimal | None, actual: Decimal | None) -> int | None:
    """Return whole percent of a target reached, between 0 and 100, for a bar; None if unknown."""
    if not target or actual is None:
        return None
    return max(0, min(100, int(actual / target * 100)))
