"""What must hold in a plan before it goes out. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from responsibility.plans.rules.apportion import remainder_words

TEN_TIMES = 10
TEXT_LIMIT = 5000


class PlanKind(StrEnum):
    """What a plan is for."""

    YEARLY = "yearly"
    SPAN = "span"
    DEPARTMENT = "department"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return list(zip([kind.value for kind in cls], KIND_WORDS, strict=True))


KIND_WORDS = ["年度计划", "规划", "成员单位年度计划"]


@dataclass(frozen=True)
class Part:
    """What one child division is given of a line, and the most it can be given (None: no limit)."""

    place: str
    target: Decimal
    limit: Decimal | None = None


@dataclass(frozen=True)
class Line:
    """One line of a plan as the checks see it."""

    name: str
    target: Decimal
    adds_up: bool
    baseline: Decimal | None = None
    handed_down: Decimal | None = None
    note: str = ""
    parts: tuple[Part, ...] = field(default=())
    divides: bool = False


@dataclass(frozen=True)
class Problem:
    """What does not hold: ``hard`` stops it, ``reason`` asks a reason, ``ask`` a note."""

    weight: str
    name: str
    words: str


def balance(line: Line) -> Decimal | None:
    """Return what is left to divide (negative: too much); None where parts are not summed.

    A line that has to be divided (``divides``) and was not lacks all of it.
    """
    if not line.adds_up or not (line.parts or line.divides):
        return None
    return line.target - sum((part.target for part in line.parts), Decimal(0))


def absurd(target: Decimal, baseline: Decimal | None) -> bool:
    """Say whether a target is ten times last year's number or more: a question, not a refusal."""
    return baseline is not None and baseline > 0 and target >= baseline * TEN_TIMES


def line_problems(line: Line) -> list[Problem]:
    """Return what does not hold in a line."""
    found = []
    if line.handed_down is not None and line.adds_up and line.target < line.handed_down:
        words = f"低于上级下达的 {_shown(line.handed_down)}，只能高不能低"
        found.append(Problem("hard", line.name, words))
    if line.handed_down is not None and not line.adds_up and line.target != line.handed_down:
        words = f"与上级下达的 {_shown(line.handed_down)} 不同"
        if not line.note:
            found.append(Problem("ask", line.name, f"{words}，请写说明"))
    if absurd(line.target, line.baseline) and not line.note:
        words = f"是上年 {_shown(line.baseline or Decimal(0))} 的十倍以上，属实请写说明"
        found.append(Problem("ask", line.name, words))
    for part in line.parts:
        if part.limit is not None and part.target > part.limit:
            words = f"{part.place} {_shown(part.target)}，超过上限 {_shown(part.limit)}"
            found.append(Problem("hard", line.name, words))
    left = balance(line)
    if left:
        found.append(Problem("reason", line.name, f"分解{remainder_words(left)}"))
    return found


def blocking(lines: Iterable[Line], *, reason: str) -> list[Problem]:
    """Return what keeps a plan from going out, given the reason written for unbalanced splits."""
    return [
        problem
        for line in lines
        for problem in line_problems(line)
        if problem.weight != "reason" or not reason.strip()
    ]


def _shown(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Change:
    """What became of one line from a version to the next; None: it was not, or is no longer."""

    name: str
    unit: str
    old: Decimal | None
    new: Decimal | None

    @property
    def words(self) -> str:
        """Return the kind of change."""
        if self.old is None:
            return "新增"
        if self.new is None:
            return "取消"
        return "未变" if self.old == self.new else "调整"

    @property
    def difference(self) -> Decimal:
        """Return by how much it changed."""
        return (self.new or Decimal(0)) - (self.old or Decimal(0))


def diff(
    old: dict[str, tuple[str, str, Decimal]], new: dict[str, tuple[str, str, Decimal]]
) -> list[Change]:
    """Return the changes line by line, in the new order, what was dropped last.

    Both map a key to (name, unit, target).
    """
    changes = [
        Change(name, unit, old[key][2] if key in old else None, target)
        for key, (name, unit, target) in new.items()
    ]
    gone = [Change(n, u, t, None) for key, (n, u, t) in old.items() if key not in new]
    return changes + gone
