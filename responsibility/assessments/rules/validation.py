"""What is wrong with a scheme: marks that do not add up, gaps between bands, gaps of the text."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from .leaves import needed
from .measures import interval, plain
from .scheme import (
    ABSENCES,
    BY_NODE,
    BY_TOTAL,
    DIRECTIONS,
    HUNDRED,
    OUTSIDE,
    PARTIALS,
    STANDINGS,
    SUBJECTS,
    Band,
    Bands,
    Bonus,
    Deduction,
    Leaf,
    Manual,
    Node,
    PerCase,
    PerGap,
    Problem,
    Ratio,
    Reach,
    Scheme,
    Unscored,
)


@dataclass(frozen=True)
class Known:
    """What the ledgers hold: names of indicators with their keys, and clauses of the regulation.

    An empty set of clauses is not checked against.
    """

    indicators: Collection[tuple[str, str]] = ()
    clauses: Collection[str] = ()


def validate(scheme: Scheme, known: Known | None = None) -> list[Problem]:
    """Return every problem, in the order of the scheme; warnings do not stop it."""
    found: list[Problem] = []
    for check in (keys, choices, weights, grades, red_lines):
        found.extend(check(scheme))
    for leaf in scheme.leaves():
        found.extend(of_leaf(scheme, leaf, known or Known()))
    return found


def named(leaf: Leaf | Node) -> str:
    """Return how a place in the tree is named to the reader."""
    return f"{leaf.name}（{leaf.key}）"


def all_nodes(children: tuple[Node | Leaf, ...]) -> Iterator[Node | Leaf]:
    """Yield every branch and leaf."""
    for child in children:
        yield child
        if isinstance(child, Node):
            yield from all_nodes(child.children)


def keys(scheme: Scheme) -> Iterator[Problem]:
    """Keys are unique across the tree; a scheme has a leaf."""
    counts = Counter(item.key for item in all_nodes(scheme.children))
    for key, count in counts.items():
        if count > 1:
            yield Problem("duplicate", key, f"编号用了 {count} 次，请改成不同的")
    if not scheme.leaves():
        yield Problem("empty", scheme.title, "方案里没有指标")
    for item in all_nodes(scheme.children):
        if isinstance(item, Node) and not item.children:
            yield Problem("empty", named(item), "下面没有指标")


def choices(scheme: Scheme) -> Iterator[Problem]:
    """Words with a fixed list are of that list; places are few."""
    for name, value, allowed in (
        ("考核对象", scheme.subjects, SUBJECTS),
        ("方案性质", scheme.standing, STANDINGS),
        ("折算方式", scheme.rescale, (BY_TOTAL, BY_NODE)),
    ):
        if value not in allowed:
            yield Problem("choice", name, f"“{value}”不在可选范围：{'、'.join(allowed)}")
    if not 0 <= scheme.places <= 6:
        yield Problem("places", "小数位数", "应在 0 到 6 之间")
    if scheme.cap is not None and scheme.cap < scheme.floor:
        yield Problem("bounds", "总分上下限", "上限小于下限")


def inner(child: Node | Leaf) -> Decimal:
    """Return what a child adds to its parent's full mark."""
    if isinstance(child, Leaf) and child.rule.kind in OUTSIDE:
        return Decimal(0)
    return child.full


def weights(scheme: Scheme) -> Iterator[Problem]:
    """Children add up to their parent, parts to 100, the tree to the scheme's full mark."""
    for node in all_nodes(scheme.children):
        if isinstance(node, Node) and node.children:
            yield from adds_up(named(node), node.full, [inner(child) for child in node.children])
    if not scheme.parts:
        yield from adds_up(scheme.title, scheme.full, [inner(child) for child in scheme.children])
        for leaf in scheme.leaves():
            if leaf.part:
                yield Problem("part", named(leaf), f"方案没有“{leaf.part}”这一构成")
        return
    yield from adds_up("综合权重", HUNDRED, [part.weight for part in scheme.parts])
    known = {part.key for part in scheme.parts}
    for leaf in scheme.leaves():
        if leaf.part not in known and leaf.rule.kind not in OUTSIDE:
            yield Problem("part", named(leaf), "没有说明属于哪一构成（日常、年度或第三方）")
    for part in scheme.parts:
        full = [inner(leaf) for leaf in scheme.leaves() if leaf.part == part.key]
        if full:
            yield from adds_up(part.name, scheme.full, full)
        else:
            words = "没有指标，结果由外部导入"
            yield Problem("outside-part", part.name, words, warning=True)
        if part.weight < 0:
            yield Problem("weight", part.name, "权重不能小于 0")


def adds_up(where: str, full: Decimal, shares: list[Decimal]) -> Iterator[Problem]:
    """Shares add up to the whole."""
    whole = sum(shares, Decimal(0))
    if whole != full:
        gap = f"{'少' if whole < full else '多'} {plain(abs(full - whole))}"
        yield Problem("sum", where, f"下级合计 {plain(whole)}，应为 {plain(full)}，{gap} 分")


def grades(scheme: Scheme) -> Iterator[Problem]:
    """Grades differ and the last one starts at the floor."""
    if not scheme.grades:
        yield Problem("grades", "等次", "没有设等次", warning=True)
        return
    for what, values in (
        ("名称", [grade.name for grade in scheme.grades]),
        ("起点", [grade.low for grade in scheme.grades]),
    ):
        if len(set(values)) < len(values):
            yield Problem("grades", "等次", f"两个等次的{what}相同")
    if min(grade.low for grade in scheme.grades) > scheme.floor:
        yield Problem("grades", "等次", "最低等次应从最低分起，否则有分数没有等次")


def red_lines(scheme: Scheme) -> Iterator[Problem]:
    """A red line limits to a grade there is, watches a leaf there is, and has a basis."""
    names = {grade.name for grade in scheme.grades}
    leaves = {leaf.key for leaf in scheme.leaves()}
    for line in scheme.red_lines:
        if line.limit not in names:
            yield Problem("red-line", line.name, f"没有“{line.limit}”这个等次")
        if line.leaf and line.leaf not in leaves:
            yield Problem("red-line", line.name, f"没有“{line.leaf}”这个指标")
        if bool(line.leaf) != (line.below is not None):
            yield Problem("red-line", line.name, "指标和分数线要一起填")
        if not line.clause:
            yield Problem("clause", line.name, "一票否决、红线必须写依据", warning=True)


def of_leaf(scheme: Scheme, leaf: Leaf, known: Known) -> Iterator[Problem]:
    """Check one leaf: mark, basis, source, items, rule."""
    where = named(leaf)
    if isinstance(leaf.rule, Unscored):
        message = f"{leaf.rule.why}：{plain(leaf.full)} 分没有评分标准，不计分"
        yield Problem("unscored", where, message, warning=True)
        return
    if leaf.full < 0 or (leaf.full == 0 and leaf.rule.kind not in OUTSIDE):
        yield Problem("full", where, "满分应大于 0")
    if leaf.when_absent not in ABSENCES:
        yield Problem("choice", where, f"缺项处理应为：{'、'.join(ABSENCES)}")
    if leaf.stage and leaf.stage not in {stage.key for stage in scheme.stages}:
        yield Problem("stage", where, f"没有“{leaf.stage}”这个阶段")
    yield from basis(leaf, known)
    yield from items(leaf, known)
    yield from OF_RULE[leaf.rule.kind](leaf, leaf.rule)


def basis(leaf: Leaf, known: Known) -> Iterator[Problem]:
    """A leaf rests on a clause or a named document, and says its source."""
    where = named(leaf)
    if not leaf.clause and not leaf.basis:
        yield Problem("clause", where, "没有依据：写条款号或者文件")
    if leaf.clause and known.clauses and leaf.clause not in known.clauses:
        yield Problem("clause", where, f"细则里没有“{leaf.clause}”这一款")
    if not leaf.source and not any(item.source for item in leaf.items):
        yield Problem("source", where, "没有写数据来源")


def items(leaf: Leaf, known: Known) -> Iterator[Problem]:
    """What the rule reads is an item; nothing is typed that a ledger holds."""
    where = named(leaf)
    have = Counter(item.key for item in leaf.items)
    for key in needed(leaf):
        if key not in have:
            yield Problem("item", where, f"规则要用“{key}”，数据项里没有")
    for key, count in have.items():
        if count > 1:
            yield Problem("item", where, f"数据项“{key}”重复")
    held = dict(known.indicators)
    indicator_keys = set(held.values())
    for item in leaf.items:
        if item.source_kind == "typed" and (item.name in held or item.key in indicator_keys):
            key = held.get(item.name, item.key)
            yield Problem("asked-twice", where, f"“{item.name}”台账里有（{key}），不要再手工填")


def of_reach(leaf: Leaf, rule: Reach) -> Iterator[Problem]:
    """Check 达标."""
    yield from direction(leaf, rule.direction)


def direction(leaf: Leaf, value: str) -> Iterator[Problem]:
    """A direction is at_least or at_most."""
    if value not in DIRECTIONS:
        yield Problem("choice", named(leaf), "方向应为 at_least（不低于）或 at_most（不高于）")


def of_ratio(leaf: Leaf, rule: Ratio) -> Iterator[Problem]:
    """Check 比例."""
    if rule.cap <= 0:
        yield Problem("cap", named(leaf), "完成率上限应大于 0")
    if rule.cap > HUNDRED:
        yield Problem("cap", named(leaf), "上限超过 100%，超出部分也只得满分", warning=True)
    if rule.cap < HUNDRED:
        yield Problem("cap", named(leaf), "上限不到 100%，拿不到满分", warning=True)
    if not 0 <= rule.start <= rule.cap:
        yield Problem("start", named(leaf), "起计线应在 0 和上限之间")


def of_per_gap(leaf: Leaf, rule: PerGap) -> Iterator[Problem]:
    """Check 每差扣."""
    yield from direction(leaf, rule.direction)
    if rule.step <= 0:
        yield Problem("step", named(leaf), "“每差”的单位应大于 0，不能作除数")
    yield from deducts(leaf, rule.deduct, rule.floor)
    if rule.partial not in PARTIALS:
        yield Problem("choice", named(leaf), f"零头处理应为：{'、'.join(PARTIALS)}")


def deducts(leaf: Leaf, deduct: Decimal, floor: Decimal) -> Iterator[Problem]:
    """A deduction is above zero and its floor within the full mark."""
    if deduct <= 0:
        yield Problem("deduct", named(leaf), "每次扣分应大于 0")
    if not 0 <= floor <= leaf.full:
        yield Problem("floor", named(leaf), "最低分应在 0 和满分之间")


def of_per_case(leaf: Leaf, rule: PerCase) -> Iterator[Problem]:
    """Check 每例扣."""
    yield from deducts(leaf, rule.deduct, rule.floor)
    if rule.free < 0:
        yield Problem("free", named(leaf), "免扣例数不能小于 0")


def of_bands(leaf: Leaf, rule: Bands) -> Iterator[Problem]:
    """Check 分档: each band is an interval; together they cover without overlap."""
    where = named(leaf)
    if not rule.bands:
        yield Problem("bands", where, "没有分档")
        return
    for band in rule.bands:
        if empty(band):
            yield Problem("bands", where, f"{interval(band)} 是空的，下限应小于上限")
            return
        if not 0 <= band.mark <= leaf.full:
            yield Problem("bands", where, f"{interval(band)} 的分应在 0 和满分之间")
    ordered = sorted(rule.bands, key=start_of)
    for low, high in pairwise(ordered):
        yield from meeting(where, low, high)
    if ordered[0].low is not None and ordered[0].low > 0:
        yield Problem("gap", where, f"小于 {plain(ordered[0].low)} 的没有档")
    if ordered[0].low == 0 and not ordered[0].low_closed:
        yield Problem("gap", where, "正好等于 0 的没有档")
    if ordered[-1].high is not None:
        message = f"大于 {plain(ordered[-1].high)} 的没有档"
        yield Problem("gap", where, message, warning=ordered[-1].high >= HUNDRED)


def start_of(band: Band) -> tuple[bool, Decimal, bool]:
    """Return the key that orders bands by their lower end, an unlimited one first."""
    return (band.low is not None, band.low or Decimal(0), not band.low_closed)


def empty(band: Band) -> bool:
    """Say whether no number lies in the band."""
    if band.low is None or band.high is None:
        return False
    return band.low > band.high or (
        band.low == band.high and not (band.low_closed and band.high_closed)
    )


def meeting(where: str, low: Band, high: Band) -> Iterator[Problem]:
    """Two neighbours meet at one point, which belongs to exactly one of them."""
    pair = f"{interval(low)} 与 {interval(high)}"
    if low.high is None or high.low is None or low.high > high.low:
        yield Problem("overlap", where, f"{pair} 重叠")
    elif low.high < high.low:
        yield Problem("gap", where, f"{pair} 之间有空档")
    elif low.high_closed and high.low_closed:
        yield Problem("overlap", where, f"{pair} 都含 {plain(low.high)}")
    elif not low.high_closed and not high.low_closed:
        yield Problem("gap", where, f"正好等于 {plain(low.high)} 的没有档")


def of_manual(leaf: Leaf, rule: Manual) -> Iterator[Problem]:
    """Check 手工评分."""
    high = leaf.full if rule.high is None else rule.high
    if not 0 <= rule.low <= high <= leaf.full:
        yield Problem("bounds", named(leaf), "评分上下限应在 0 和满分之间")


def of_outside(leaf: Leaf, rule: Bonus | Deduction) -> Iterator[Problem]:
    """Check 加分 and 总扣分."""
    if rule.each <= 0 or rule.cap <= 0:
        yield Problem("cap", named(leaf), "每例分值和上限都应大于 0")


OF_RULE: dict[str, Callable[..., Iterator[Problem]]] = {
    "reach": of_reach,
    "ratio": of_ratio,
    "per_gap": of_per_gap,
    "per_case": of_per_case,
    "bands": of_bands,
    "manual": of_manual,
    "bonus": of_outside,
    "deduction": of_outside,
}
