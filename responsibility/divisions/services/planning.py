"""What a change of the tree would do, before it is done: every step, checked."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower, Upper

from responsibility.common import clock
from responsibility.common.errors import Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of, upper_bound
from responsibility.divisions.models import Division, DivisionVersion
from responsibility.divisions.rules import (
    TIER_CODE_LENGTH,
    TIER_LABELS,
    Certainty,
    ChangeKind,
    Tier,
    is_above,
    short_code,
    tier_below,
)

MOST = 2000


@dataclass(frozen=True)
class Proposal:
    """What an office wants to record.

    ``division`` is the one it is about: the renamed, the moved, the survivor of a merger, the one
    that a split takes from (the new one becomes its sibling), the parent of a new one. ``others``
    are moved along, merged into it, or handed to the new one.
    """

    kind: ChangeKind
    division: Division
    effective_on: date
    document: str
    certainty: str = Certainty.VERIFIED
    note: str = ""
    name: str = ""
    code: str = ""
    parent: Division | None = None
    others: tuple[Division, ...] = ()
    follow: bool = False
    successor: Division | None = None


class Act(StrEnum):
    """What a step does to a division."""

    CREATE = "create"
    UPDATE = "update"
    END = "end"


@dataclass(frozen=True)
class Facts:
    """What a version says: code, name, parent (None in a plan: the division to be created)."""

    code: str
    name: str
    parent: Division | None = None

    @classmethod
    def of(cls, division: Division) -> "Facts":
        """Return a division's facts of today."""
        return cls(division.code, division.name, division.parent)

    def as_json(self) -> dict[str, str]:
        """Return them as a change keeps them."""
        return {
            "code": self.code,
            "name": self.name,
            "parent_code": self.parent.code if self.parent else "",
            "parent_name": self.parent.name if self.parent else "",
        }


@dataclass(frozen=True)
class Step:
    """One division's part: what it was and what it becomes."""

    act: Act
    division: Division | None
    old: Facts | None
    new: Facts | None
    successor: Division | None = None
    into_new: bool = False

    @property
    def moves(self) -> bool:
        """Say whether the division goes under another parent."""
        if self.act != Act.UPDATE or self.old is None or self.new is None:
            return False
        return self.into_new or self.old.parent != self.new.parent

    def as_json(self) -> dict[str, Any]:
        """Return what identifies the step, for the fingerprint of a preview."""
        return {
            "act": self.act,
            "division": self.division.pk if self.division else None,
            "old": self.old.as_json() if self.old else None,
            "new": self.new.as_json() if self.new else None,
        }


@dataclass(frozen=True)
class Plan:
    """All steps of a proposal, in the order in which they are carried out."""

    proposal: Proposal
    steps: tuple[Step, ...] = field(default=())

    @property
    def fingerprint(self) -> str:
        """Return a digest by which a confirmed preview is known to be still true."""
        head = [self.proposal.kind, str(self.proposal.effective_on)]
        text = json.dumps([head, [step.as_json() for step in self.steps]], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def touched(self) -> list[Division]:
        """Return the existing divisions that change."""
        return [step.division for step in self.steps if step.division is not None]

    def moved(self) -> list[Division]:
        """Return the divisions that go under another parent."""
        return [step.division for step in self.steps if step.moves and step.division]

    def ended(self) -> list[Division]:
        """Return the divisions that cease to exist."""
        return [step.division for step in self.steps if step.act == Act.END and step.division]


def make_plan(proposal: Proposal, *, by: Any = None) -> Plan:
    """Return the checked steps of a proposal; raise Invalid (``where``: the form's field)."""
    _check_head(proposal)
    plan = Plan(proposal, tuple(_STEPS[ChangeKind(proposal.kind)](proposal)))
    if not plan.steps:
        raise Invalid("没有要变更的内容，请核对。", where="name")
    if len(plan.steps) > MOST:
        raise Invalid(f"一次最多变更 {MOST} 个区划，请分次办理。", where="others")
    _check_living(plan)
    _check_dates(plan)
    _check_codes(plan)
    _check_rights(plan, by)
    return plan


def _check_head(proposal: Proposal) -> None:
    if not proposal.document.strip():
        raise Invalid("依据文件没有填，请写文件名称和文号。", where="document")
    if proposal.effective_on > clock.today():
        raise Invalid("生效日期晚于今天，请到日再办。", where="effective_on")


def _children(divisions: Iterable[Division]) -> list[Division]:
    found = Division.objects.living().filter(parent__in=[item.pk for item in divisions])
    return list(found.select_related("parent").in_order())


def _update(
    division: Division, *, name: str = "", code: str = "", parent: Division | None = None
) -> Iterator[Step]:
    old = Facts.of(division)
    new = Facts(code or old.code, name or old.name, parent or old.parent)
    if new != old:
        yield Step(Act.UPDATE, division, old, new)


def _rename(proposal: Proposal) -> Iterator[Step]:
    if not proposal.name and not proposal.code:
        raise Invalid("新名称没有填。", where="name")
    yield from _update(proposal.division, name=proposal.name, code=proposal.code)
    yield from _follow(proposal)


def _recode(proposal: Proposal) -> Iterator[Step]:
    if not proposal.code:
        raise Invalid("新代码没有填。", where="code")
    yield from _update(proposal.division, code=proposal.code)
    yield from _follow(proposal)


def _follow(proposal: Proposal) -> Iterator[Step]:
    """The codes of those below keep in step, as far as they begin with the old one."""
    division = proposal.division
    if not (proposal.follow and proposal.code):
        return
    old = short_code(division.code, division.tier)
    new = short_code(proposal.code, division.tier)
    below = Division.objects.living().under(division.path).exclude(pk=division.pk)
    for item in below.filter(code__startswith=old).select_related("parent").order_by("code"):
        yield from _update(item, code=new + item.code[len(old) :])


def _transfer(proposal: Proposal) -> Iterator[Step]:
    parent = proposal.parent
    if parent is None:
        raise Invalid("新上级没有选。", where="parent")
    for division in _distinct((proposal.division, *proposal.others)):
        if not is_above(parent.tier, division.tier):
            tier = TIER_LABELS[Tier(division.tier)]
            raise Invalid(f"新上级的层级应高于{division.name}（{tier}）。", where="parent")
        if parent.path.startswith(division.path):
            raise Invalid("不能划到自己的下级，请另选上级。", where="parent")
        if division.parent_id == parent.pk:
            raise Invalid(f"{division.name}本来就属于{parent.name}。", where="parent")
        code = proposal.code if division == proposal.division else ""
        yield from _update(division, parent=parent, code=code)


def _merge(proposal: Proposal) -> Iterator[Step]:
    survivor, merged = proposal.division, _distinct(proposal.others)
    if not merged:
        raise Invalid("没有选被合并的区划。", where="others")
    for item in merged:
        if item == survivor:
            raise Invalid(f"{item.name}不能并入自己。", where="others")
        if item.tier != survivor.tier:
            raise Invalid(f"{item.name}与{survivor.name}层级不同，不能合并。", where="others")
    children = _children(merged)
    for child in children:
        yield from _update(child, parent=survivor)
    for item in merged:
        yield Step(Act.END, item, Facts.of(item), None, successor=survivor)
    yield from _update(survivor, name=proposal.name, code=proposal.code)


def _split(proposal: Proposal) -> Iterator[Step]:
    source, moved = proposal.division, _distinct(proposal.others)
    if source.parent is None:
        raise Invalid("最上级区划不能分设。", where="name")
    if not moved:
        raise Invalid("没有选划入新区划的下级。", where="others")
    yield from _create_under(proposal, source.parent, source.tier)
    for item in moved:
        if item.tier != tier_below(source.tier) or item.parent is None:
            raise Invalid(f"{item.name}不是{source.name}这一级的下级。", where="others")
        if item.parent.tier != source.tier:
            raise Invalid(f"{item.name}不是{source.name}这一级的下级。", where="others")
        new = Facts(item.code, item.name, None)
        yield Step(Act.UPDATE, item, Facts.of(item), new, into_new=True)


def _create(proposal: Proposal) -> Iterator[Step]:
    tier = tier_below(proposal.division.tier)
    if tier is None:
        raise Invalid("村级以下不再设区划。", where="name")
    yield from _create_under(proposal, proposal.division, tier)


def _create_under(proposal: Proposal, parent: Division, tier: str) -> Iterator[Step]:
    if not proposal.name:
        raise Invalid("新区划的名称没有填。", where="name")
    if not proposal.code:
        raise Invalid("新区划的代码没有填。", where="code")
    _check_code_form(proposal.code, tier)
    yield Step(Act.CREATE, None, None, Facts(proposal.code, proposal.name, parent))


def _abolish(proposal: Proposal) -> Iterator[Step]:
    division = proposal.division
    left = _children([division])
    if left:
        text = f"{division.name}还有 {len(left)} 个下级，请先划转或撤销。"
        raise Invalid(text, where="effective_on")
    if proposal.successor == division:
        raise Invalid("继受区划不能是自己。", where="successor")
    yield Step(Act.END, division, Facts.of(division), None, successor=proposal.successor)


_STEPS = {
    ChangeKind.CREATE: _create,
    ChangeKind.RENAME: _rename,
    ChangeKind.RECODE: _recode,
    ChangeKind.MERGE: _merge,
    ChangeKind.SPLIT: _split,
    ChangeKind.TRANSFER: _transfer,
    ChangeKind.ABOLISH: _abolish,
}


def _distinct(divisions: Iterable[Division]) -> list[Division]:
    return list({item.pk: item for item in divisions}.values())


def _check_living(plan: Plan) -> None:
    proposal = plan.proposal
    for item in (*plan.touched(), proposal.division, proposal.parent, proposal.successor):
        if item is not None and item.abolished_on is not None:
            raise Invalid(f"{item.name}已撤销，不能再变更。", where="others")


def _check_dates(plan: Plan) -> None:
    """A change comes after the last one of what it touches, and not before what it rests on."""
    day = plan.proposal.effective_on
    touched = [item.pk for item in plan.touched()]
    rests = [item.pk for item in (plan.proposal.parent, plan.proposal.division) if item]
    late = (
        DivisionVersion.objects.filter(validity__upper_inf=True)
        .annotate(since=Lower("validity"))
        .filter(Q(division__in=touched, since__gte=day) | Q(division__in=rests, since__gt=day))
        .order_by("-since")
        .values_list("name", "since")
        .first()
    )
    if late:
        name, since = late
        text = f"{since.year}年{since.month}月{since.day}日"
        raise Invalid(f"{name}在{text}已有变更，生效日期应晚于它。", where="effective_on")


def _check_code_form(code: str, tier: str) -> None:
    if not re.fullmatch(r"[0-9A-Z]{12}", code):
        raise Invalid("代码应为 12 位数字（或大写字母）。", where="code")
    length = TIER_CODE_LENGTH[Tier(tier)]
    if code[length:].strip("0"):
        label = TIER_LABELS[Tier(tier)]
        raise Invalid(f"{label}代码应为前 {length} 位，其后补 0。", where="code")


def _check_codes(plan: Plan) -> None:
    """No code that another division holds from that day on."""
    wanted: dict[str, Division | None] = {}
    for step in plan.steps:
        if step.new is None or (step.old is not None and step.old.code == step.new.code):
            continue
        if step.division is not None:
            _check_code_form(step.new.code, step.division.tier)
        if step.new.code in wanted:
            raise Invalid(f"代码 {step.new.code} 用了两次。", where="code")
        wanted[step.new.code] = step.division
    if not wanted:
        return
    taken = (
        DivisionVersion.objects.filter(code__in=wanted)
        .annotate(until=Upper("validity"))
        .filter(Q(until=None) | Q(until__gt=plan.proposal.effective_on))
        .exclude(division__in=[item.pk for item in plan.ended()])
        .values_list("code", "name", "division_id")
    )
    for code, name, holder in taken:
        own = wanted[code]
        if own is None or own.pk != holder:
            raise Invalid(f"代码 {code} 已被{name}使用，请核对。", where="code")


def _check_rights(plan: Plan, by: Any) -> None:
    """The right is asked over everything touched, and over where it goes."""
    if by is None:
        return
    access = access_of(by)
    proposal = plan.proposal
    for item in (proposal.division, proposal.parent, proposal.successor, *plan.touched()):
        if item is not None:
            access.require(Right.MANAGE_DIVISIONS, item)


def descendants(divisions: Iterable[Division]) -> int:
    """Return how many living divisions lie below these."""
    condition = Q()
    for item in divisions:
        condition |= Q(path__gt=item.path, path__lt=upper_bound(item.path))
    return Division.objects.living().filter(condition).count() if condition else 0


def with_new(step: Step, made: Division) -> Step:
    """Return a step that waited for the new division, with it as the parent."""
    if not (step.into_new and step.new):
        return step
    return replace(step, new=replace(step.new, parent=made), into_new=False)
