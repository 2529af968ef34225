"""From the leaves to the total and the grade, in one fixed order.

1. each leaf by its rule, rounded; 2. leaves without a task leave, the rest is rescaled; 3. parts
are blended by weight; 4. bonuses, up to their cap; 5. deductions, up to theirs; 6. floor and cap of
the total, rounded; 7. the grade by bands; 8. red lines limit it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .leaves import score_leaf
from .measures import marks, plain, rounded
from .scheme import (
    BY_NODE,
    BY_TOTAL,
    ZERO,
    Bonus,
    Deduction,
    Inputs,
    Leaf,
    Node,
    NodeResult,
    RedLine,
    Result,
    Scheme,
    ScoreResult,
    State,
)

OUT = (State.ABSENT, State.UNSCORED)


@dataclass(frozen=True)
class Pot:
    """What some leaves add up to: marks got, full marks in play, full marks without a task."""

    got: Fraction
    play: Fraction
    absent: Fraction

    @property
    def rescaled(self) -> Fraction:
        """Return the marks with the missing tasks' share spread over the rest, in proportion."""
        if not self.absent or not self.play:
            return self.got
        return self.got * (self.play + self.absent) / self.play


def pot_of(results: Collection[tuple[Leaf, Result]]) -> Pot:
    """Add up leaves; unscored ones and those outside the full mark are not in it."""
    got = play = absent = Fraction(0)
    for leaf, result in results:
        if isinstance(leaf.rule, Bonus | Deduction) or result.state == State.UNSCORED:
            continue
        if result.state == State.ABSENT:
            absent += Fraction(leaf.full)
        else:
            play += Fraction(leaf.full)
            got += Fraction(result.mark or ZERO)
    return Pot(got, play, absent)


def merged(pots: Collection[Pot]) -> Pot:
    """Add pots."""
    return Pot(
        sum((pot.got for pot in pots), Fraction(0)),
        sum((pot.play for pot in pots), Fraction(0)),
        sum((pot.absent for pot in pots), Fraction(0)),
    )


class Tree:
    """Scores a tree upward with the scheme's way of rescaling."""

    def __init__(self, scheme: Scheme, leaves: Mapping[str, Result]) -> None:
        self.scheme, self.leaves = scheme, leaves

    def pot(self, child: Node | Leaf, part: str) -> Pot:
        """Return the pot of a branch for one part; rescaled here if the scheme does so by node."""
        if isinstance(child, Leaf):
            return pot_of([(child, self.leaves[child.key])] if child.part == part else [])
        whole = merged([self.pot(item, part) for item in child.children])
        if self.scheme.rescale == BY_NODE and whole.absent and whole.play:
            got = Fraction(rounded(whole.rescaled, self.scheme.places))
            return Pot(got, whole.play + whole.absent, Fraction(0))
        return whole

    def shown(self, child: Node | Leaf) -> NodeResult | Result:
        """Return the result of a branch with what it holds."""
        if isinstance(child, Leaf):
            return self.leaves[child.key]
        parts = {leaf.part for leaf in under(child)}
        pot = merged([self.pot(child, part) for part in sorted(parts)])
        mark = rounded(pot.got, self.scheme.places)
        children = tuple(self.shown(item) for item in child.children)
        working = f"{plain(pot.got)} / {plain(pot.play)}"
        if pot.absent:
            working += f"（缺项 {plain(pot.absent)} 分未列入）"
        return NodeResult(child.key, child.name, mark, child.full, working, children)


def under(child: Node | Leaf) -> list[Leaf]:
    """Return the leaves of a branch."""
    if isinstance(child, Leaf):
        return [child]
    return [leaf for item in child.children for leaf in under(item)]


def part_mark(tree: Tree, part: str, steps: list[str]) -> Decimal:
    """Return the mark of one part of the composite, missing tasks rescaled, rounded."""
    pot = merged([tree.pot(child, part) for child in tree.scheme.children])
    places = tree.scheme.places
    if not pot.absent:
        steps.append(f"各项得分合计 {plain(pot.got)}（满分 {plain(pot.play)}）")
        return rounded(pot.got, places)
    if not pot.play:
        steps.append("全部指标缺项，没有得分")
        return rounded(ZERO, places)
    whole = pot.play + pot.absent
    mark = rounded(pot.rescaled, places)
    steps.append(
        f"缺项 {plain(pot.absent)} 分，折算：{plain(pot.got)} × {plain(whole)} / {plain(pot.play)}"
        f" = {marks(mark)}"
    )
    return mark


def blended(
    tree: Tree, given: Mapping[str, Decimal], steps: list[str]
) -> tuple[Decimal, dict[str, Decimal], bool]:
    """Return the composite, the mark of each part, and whether every part had one."""
    scheme = tree.scheme
    if not scheme.parts:
        mark = part_mark(tree, "", steps)
        return mark, {}, True
    made, complete = {}, True
    for part in scheme.parts:
        if part.key in given:
            made[part.key] = max(ZERO, min(scheme.full, given[part.key]))
            steps.append(f"{part.name}（外部结果）{plain(made[part.key])}")
        else:
            complete = complete and any(
                leaf.part == part.key and tree.leaves[leaf.key].state != State.UNSCORED
                for leaf in scheme.leaves()
            )
            inner: list[str] = []
            made[part.key] = part_mark(tree, part.key, inner)
            steps.extend(f"{part.name}：{line}" for line in inner)
    exact = sum(
        (Fraction(made[part.key]) * Fraction(part.weight) / 100 for part in scheme.parts),
        Fraction(0),
    )
    total = rounded(exact, scheme.places)
    sums = " + ".join(f"{plain(made[p.key])} × {plain(p.weight)}%" for p in scheme.parts)
    steps.append(f"综合：{sums} = {marks(total)}")
    return total, made, complete


def outside(
    scheme: Scheme, leaves: Mapping[str, Result], kind: type[Bonus] | type[Deduction]
) -> Decimal:
    """Return the sum of bonuses or of deductions, up to the scheme's cap of them."""
    whole = sum(
        (leaves[leaf.key].mark or ZERO for leaf in scheme.leaves() if isinstance(leaf.rule, kind)),
        ZERO,
    )
    cap = scheme.bonus_cap if kind is Bonus else scheme.deduction_cap
    return whole if cap is None else min(whole, cap)


def crossed(line: RedLine, leaves: Mapping[str, Result], named: Collection[str]) -> bool:
    """Say whether a red line is crossed: named by an official, or by a leaf's mark."""
    if line.key in named:
        return True
    found = leaves.get(line.leaf)
    if found is None or line.below is None or found.mark is None:
        return False
    return found.mark < line.below


def graded(
    scheme: Scheme, total: Decimal, leaves: Mapping[str, Result], named: Collection[str]
) -> tuple[str, tuple[str, ...], list[str]]:
    """Return the grade, the red lines crossed, and the steps in words."""
    ranks = sorted(scheme.grades, key=lambda grade: -grade.low)
    if not ranks:
        return "", (), []
    index = next((n for n, grade in enumerate(ranks) if total >= grade.low), len(ranks) - 1)
    steps = [f"{marks(total)} 分，等次：{ranks[index].name}（{plain(ranks[index].low)} 分起）"]
    names = [grade.name for grade in ranks]
    lines = tuple(line for line in scheme.red_lines if crossed(line, leaves, named))
    for line in lines:
        limit = names.index(line.limit) if line.limit in names else index
        if limit > index:
            index = limit
        steps.append(f"红线：{line.name}，等次最高为{line.limit}")
    return ranks[index].name, tuple(line.key for line in lines), steps


def score_scheme(
    scheme: Scheme,
    inputs_by_leaf: Mapping[str, Inputs],
    *,
    parts: Mapping[str, Decimal] | None = None,
    red_lines: Collection[str] = (),
) -> ScoreResult:
    """Score a subject: ``parts`` are marks given from outside, ``red_lines`` the keys crossed.

    A leaf without data counts 0 and makes the score incomplete. Nothing depends on the order of
    leaves or inputs.
    """
    empty = Inputs()
    leaves = {
        leaf.key: score_leaf(leaf, inputs_by_leaf.get(leaf.key, empty), scheme.places)
        for leaf in scheme.leaves()
    }
    tree = Tree(scheme, leaves)
    steps: list[str] = []
    mark, made, whole = blended(tree, parts or {}, steps)
    plus = outside(scheme, leaves, Bonus)
    minus = outside(scheme, leaves, Deduction)
    total = limited(scheme, mark, plus, minus, steps)
    grade, lines, words = graded(scheme, total, leaves, red_lines)
    given = parts or {}
    usable = whole and all(
        leaves[leaf.key].state not in (State.MISSING, State.INVALID)
        for leaf in scheme.leaves()
        if leaf.part not in given
    )
    return ScoreResult(
        total=total,
        full=scheme.full,
        grade=grade,
        steps=(*steps, *words),
        children=tuple(tree.shown(child) for child in scheme.children),
        leaves=leaves,
        parts=made,
        bonus=plus,
        deduction=minus,
        red_lines=lines,
        complete=usable,
    )


def limited(
    scheme: Scheme, mark: Decimal, plus: Decimal, minus: Decimal, steps: list[str]
) -> Decimal:
    """Add bonuses, take deductions off, and keep the total within its floor and cap."""
    raw = mark + plus - minus
    cap = scheme.full if scheme.cap is None else scheme.cap
    total = rounded(max(scheme.floor, min(cap, raw)), scheme.places)
    if plus or minus:
        steps.append(f"{marks(mark)} + 加分 {plain(plus)} - 总扣分 {plain(minus)} = {marks(raw)}")
    if total != raw:
        steps.append(f"总分在 {plain(scheme.floor)} 至 {plain(cap)} 之间，计 {marks(total)}")
    return total


__all__ = ["BY_TOTAL", "OUT", "score_scheme"]
