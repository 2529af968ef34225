"""What a scheme is: a tree of indicators, each leaf with a rule, its data items and its clause."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

ZERO = Decimal(0)
HUNDRED = Decimal(100)
AT_LEAST, AT_MOST = "at_least", "at_most"
DIRECTIONS = {AT_LEAST: "不低于", AT_MOST: "不高于"}
WHOLE, BEGUN, EXACT = "whole", "begun", "exact"
PARTIALS = {WHOLE: "不足一个单位的不扣", BEGUN: "不足一个单位的按一个扣", EXACT: "按比例扣"}
RESCALE, GIVE_FULL, GIVE_ZERO = "rescale", "full", "zero"
ABSENCES = {RESCALE: "缺项折算", GIVE_FULL: "没有任务计满分", GIVE_ZERO: "没有任务计零分"}
BY_TOTAL, BY_NODE = "total", "node"
SUBJECTS = {
    "counties": "县（市、区）",
    "zones": "市属开发区",
    "units": "成员单位",
    "townships": "乡镇（街道）",
}
STANDINGS = {"issued": "正式", "example": "外地样例", "proposal": "建议方案", "test": "测试方案"}


@dataclass(frozen=True)
class Band:
    """An interval of the measured value with its mark; None as an end is unlimited."""

    mark: Decimal
    low: Decimal | None = None
    high: Decimal | None = None
    low_closed: bool = True
    high_closed: bool = False


@dataclass(frozen=True)
class Reach:
    """达标: the whole mark or nothing. With ``of`` the value is compared in percent of it."""

    kind: ClassVar[str] = "reach"
    label: ClassVar[str] = "达标"
    value: str
    threshold: Decimal = HUNDRED
    of: str = ""
    direction: str = AT_LEAST


@dataclass(frozen=True)
class Ratio:
    """比例: full mark times the completion in percent, up to ``cap``; below ``start`` nothing."""

    kind: ClassVar[str] = "ratio"
    label: ClassVar[str] = "比例"
    value: str
    of: str
    cap: Decimal = HUNDRED
    start: Decimal = ZERO


@dataclass(frozen=True)
class PerGap:
    """每差扣: per ``step`` short of the target ``deduct`` marks off, down to ``floor``."""

    kind: ClassVar[str] = "per_gap"
    label: ClassVar[str] = "每差扣"
    value: str
    target: Decimal
    step: Decimal
    deduct: Decimal
    of: str = ""
    direction: str = AT_LEAST
    partial: str = WHOLE
    floor: Decimal = ZERO


@dataclass(frozen=True)
class PerCase:
    """每例扣: each case above ``free`` costs ``deduct`` marks, down to ``floor``."""

    kind: ClassVar[str] = "per_case"
    label: ClassVar[str] = "每例扣"
    value: str
    deduct: Decimal
    free: Decimal = ZERO
    floor: Decimal = ZERO


@dataclass(frozen=True)
class Bands:
    """分档: the mark of the band that holds the value (in percent of ``of`` where given)."""

    kind: ClassVar[str] = "bands"
    label: ClassVar[str] = "分档"
    value: str
    bands: tuple[Band, ...]
    of: str = ""


@dataclass(frozen=True)
class Manual:
    """手工评分: a mark within bounds, with a reason; no upper bound means the full mark."""

    kind: ClassVar[str] = "manual"
    label: ClassVar[str] = "手工评分"
    low: Decimal = ZERO
    high: Decimal | None = None


@dataclass(frozen=True)
class Bonus:
    """加分: ``each`` per case, up to ``cap``; outside the full mark of the scheme."""

    kind: ClassVar[str] = "bonus"
    label: ClassVar[str] = "加分"
    value: str
    each: Decimal
    cap: Decimal


@dataclass(frozen=True)
class Deduction:
    """总扣分: ``each`` per case off the total, up to ``cap``."""

    kind: ClassVar[str] = "deduction"
    label: ClassVar[str] = "总扣分"
    value: str
    each: Decimal
    cap: Decimal


@dataclass(frozen=True)
class Unscored:
    """不计分: the text was not obtained; the leaf only carries the marks that are missing."""

    kind: ClassVar[str] = "unscored"
    label: ClassVar[str] = "不计分"
    why: str = "未取得原文"


Rule = Reach | Ratio | PerGap | PerCase | Bands | Manual | Bonus | Deduction | Unscored
RULES: dict[str, type[Rule]] = {
    rule.kind: rule
    for rule in (Reach, Ratio, PerGap, PerCase, Bands, Manual, Bonus, Deduction, Unscored)
}
OUTSIDE = ("bonus", "deduction")


@dataclass(frozen=True)
class DataItem:
    """One number a rule needs: its unit, where it comes from, who gives and who verifies it."""

    key: str
    name: str
    unit: str = ""
    source_kind: str = "typed"
    source: str = ""
    provider: str = ""
    verifier: str = ""


@dataclass(frozen=True)
class Leaf:
    """A scored indicator: full mark, rule, data items, and the clause it rests on."""

    key: str
    name: str
    full: Decimal
    rule: Rule
    items: tuple[DataItem, ...] = ()
    clause: str = ""
    basis: str = ""
    source: str = ""
    provider: str = ""
    verifier: str = ""
    evidence: str = ""
    words: str = ""
    part: str = ""
    stage: str = ""
    when_absent: str = RESCALE


@dataclass(frozen=True)
class Node:
    """A branch of the tree; its full mark is what its children add up to (bonuses apart)."""

    key: str
    name: str
    full: Decimal
    children: tuple["Node | Leaf", ...] = ()


@dataclass(frozen=True)
class Part:
    """One source of the composite (日常, 年度, 第三方) with its weight in percent."""

    key: str
    name: str
    weight: Decimal


@dataclass(frozen=True)
class Grade:
    """A grade (等次) reached from ``low`` marks, the end included; the last one from 0."""

    name: str
    low: Decimal


@dataclass(frozen=True)
class RedLine:
    """A fact that limits the grade to ``limit``; ``leaf`` and ``below`` make it automatic."""

    key: str
    name: str
    limit: str
    clause: str = ""
    leaf: str = ""
    below: Decimal | None = None


@dataclass(frozen=True)
class Stage:
    """A step of the year with its last day (``MM-DD``; ``+1 MM-DD`` of the next year)."""

    key: str
    name: str
    due: str
    basis: str = ""


@dataclass(frozen=True)
class Scheme:
    """A whole scheme. ``places`` are the decimals every mark is rounded to (half up)."""

    key: str
    title: str
    year: int
    subjects: str
    children: tuple[Node | Leaf, ...]
    full: Decimal = HUNDRED
    standing: str = "proposal"
    programme: str = "脱贫攻坚责任制"
    basis: str = ""
    note: str = ""
    places: int = 2
    rescale: str = BY_TOTAL
    bonus_cap: Decimal | None = None
    deduction_cap: Decimal | None = None
    floor: Decimal = ZERO
    cap: Decimal | None = None
    parts: tuple[Part, ...] = ()
    grades: tuple[Grade, ...] = ()
    red_lines: tuple[RedLine, ...] = ()
    stages: tuple[Stage, ...] = ()

    def leaves(self) -> tuple[Leaf, ...]:
        """Return every leaf, in the order of the file."""
        return tuple(walk_leaves(self.children))

    def leaf(self, key: str) -> Leaf:
        """Return the leaf of that key; KeyError if there is none."""
        for leaf in self.leaves():
            if leaf.key == key:
                return leaf
        raise KeyError(key)


def walk_leaves(children: tuple[Node | Leaf, ...]) -> Iterator[Leaf]:
    """Yield the leaves below, in order."""
    for child in children:
        if isinstance(child, Leaf):
            yield child
        else:
            yield from walk_leaves(child.children)


@dataclass(frozen=True)
class Inputs:
    """What one subject has for one leaf: values by item key, or no task, or a mark by hand."""

    values: Mapping[str, Decimal | None] = field(default_factory=dict)
    absent: bool = False
    manual: Decimal | None = None
    reason: str = ""


class State(StrEnum):
    """How a leaf came out."""

    SCORED = "scored"
    ABSENT = "absent"
    MISSING = "missing"
    INVALID = "invalid"
    UNSCORED = "unscored"


STATES = {
    State.SCORED: "已计分",
    State.ABSENT: "缺项（无任务）",
    State.MISSING: "缺数据",
    State.INVALID: "数据不能用",
    State.UNSCORED: "不计分",
}


@dataclass(frozen=True)
class Result:
    """A leaf's mark with its working; ``reason`` says what was lost, or why there is no mark."""

    key: str
    mark: Decimal | None
    full: Decimal
    working: str
    formula: str
    reason: str = ""
    state: State = State.SCORED

    @property
    def lost(self) -> Decimal:
        """Return the marks lost; nothing where the leaf is left out."""
        if self.state in (State.ABSENT, State.UNSCORED):
            return ZERO
        return max(ZERO, self.full - (self.mark or ZERO))


@dataclass(frozen=True)
class NodeResult:
    """A branch: the marks of what it holds, rescaled where the scheme rescales by branch."""

    key: str
    name: str
    mark: Decimal
    full: Decimal
    working: str
    children: tuple["NodeResult | Result", ...] = ()


@dataclass(frozen=True)
class ScoreResult:
    """A whole score: the tree, the steps from it to the total in words, and the grade."""

    total: Decimal
    full: Decimal
    grade: str
    steps: tuple[str, ...]
    children: tuple[NodeResult | Result, ...]
    leaves: Mapping[str, Result]
    parts: Mapping[str, Decimal]
    bonus: Decimal
    deduction: Decimal
    red_lines: tuple[str, ...]
    complete: bool


@dataclass(frozen=True)
class Problem:
    """A mistake or a remark about a scheme, in Chinese; ``warning`` does not stop issuing."""

    code: str
    where: str
    message: str
    warning: bool = False
