"""The grid of a split: reading it, proposing parts, saving cell by cell without lost updates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from responsibility.audit import services as audit
from responsibility.common import periods
from responsibility.common.errors import Invalid
from responsibility.divisions.models import Body, Division, DivisionVersion
from responsibility.figures.models import Indicator
from responsibility.figures.services import reading as figures
from responsibility.flow import services as flow
from responsibility.plans import rules
from responsibility.plans.models import Plan, PlanLine, PlanPart
from responsibility.plans.rules import BadSplit
from responsibility.plans.services.drafting import check_open, standing_lines

Key = tuple[int, int]
"""(line id, division id)"""


@dataclass(frozen=True)
class Change:
    """What somebody wrote into a cell, and the revision that he had before his eyes (0: none)."""

    value: Decimal | None
    seen: int


@dataclass
class Saved:
    """What became of a grid: how many cells were written, and those that others had changed."""

    written: int = 0
    conflicts: dict[Key, PlanPart] = field(default_factory=dict)


def children_of(plan: Plan) -> list[Division]:
    """Return the divisions to which a plan is split (none for a member unit's)."""
    if not plan.body.is_main:
        return []
    return list(Division.objects.living().filter(parent_id=plan.division_id).in_order())


def parts_of(plan: Plan) -> dict[Key, PlanPart]:
    """Return the cells of a plan's standing lines."""
    rows = PlanPart.objects.filter(line__plan=plan, line__voided_at=None)
    return {
        (part.line_id, part.division_id): part
        for part in rows.select_related("division", "last_editor")
    }


def ledger(children: list[Division], keys: set[str], period: str) -> dict[tuple[int, str], Decimal]:
    """Return {(division id, indicator key): value} of the children's own bodies in a period."""
    if not children or not keys:
        return {}
    bodies = dict(
        Body.objects.filter(
            division__in=[child.pk for child in children], is_main=True, ended_on=None
        ).values_list("id", "division_id")
    )
    found = figures.values(bodies=bodies, keys=keys, periods=[period])
    return {
        (bodies[body], key): item.value
        for (body, key, _), item in found.items()
        if item.value is not None
    }


def before(plan: Plan) -> str:
    """Return the code of the period before the plan's."""
    return periods.previous(periods.parse(plan.period)).code


def check_lines(plan: Plan) -> list[tuple[PlanLine, rules.Line]]:
    """Return the lines with what the checks need of each."""
    lines, children = standing_lines(plan), children_of(plan)
    parts = parts_of(plan)
    limits = {line.limit.key for line in lines if line.limit}
    left = ledger(children, limits, before(plan))
    return [(line, _for_check(line, children, parts, left)) for line in lines]


def _for_check(
    line: PlanLine,
    children: list[Division],
    parts: Mapping[Key, PlanPart],
    left: Mapping[tuple[int, str], Decimal],
) -> rules.Line:
    found = []
    for (line_id, place), part in parts.items():
        if line_id == line.pk and part.target is not None:
            limit = left.get((place, line.limit.key)) if line.limit else None
            found.append(rules.Part(part.division.name, part.target, limit))
    return rules.Line(
        line.indicator.name,
        line.target,
        line.adds_up,
        line.baseline,
        line.handed_down,
        line.note,
        tuple(found),
        divides=bool(children),
    )


@transaction.atomic
def save_cells(*, by: Any, plan: Plan, changes: Mapping[Key, Change]) -> Saved:
    """Write the cells that somebody changed; what others changed meanwhile is a conflict.

    A conflict leaves the other's value standing and is returned with it; all other cells are
    written. Raises Invalid for a cell that is not of this plan.
    """
    row = flow.lock(plan)
    check_open(row, by)
    lines = {line.pk: line for line in standing_lines(row)}
    places = {child.pk: child for child in children_of(row)}
    if any(line not in lines or place not in places for line, place in changes):
        raise Invalid("分解表已变动，请刷新后重填。")
    parts, saved = parts_of(row), Saved()
    new, changed, old = [], [], {}
    for key, change in changes.items():
        part = parts.get(key)
        if (part.target if part else None) == change.value:
            continue
        if (part.revision if part else 0) != change.seen:
            saved.conflicts[key] = part or PlanPart(line=lines[key[0]])
            continue
        old[_name(lines, places, key)] = str(part.target) if part else None
        if part:
            part.target, part.last_editor = change.value, by
            part.revision += 1
            changed.append(part)
        else:
            fresh = PlanPart(line=lines[key[0]], target=change.value, last_editor=by)
            fresh.place(places[key[1]])
            new.append(fresh)
    PlanPart.objects.bulk_create(new, batch_size=1000)
    PlanPart.objects.bulk_update(changed, ["target", "revision", "last_editor"], batch_size=1000)
    saved.written = len(new) + len(changed)
    if saved.written:
        written = {
            _name(lines, places, key): str(change.value)
            for key, change in changes.items()
            if _name(lines, places, key) in old
        }
        audit.record(by=by, verb="plans.split", target=row, old=old, new=written)
    return saved


def _name(lines: Mapping[int, PlanLine], places: Mapping[int, Division], key: Key) -> str:
    return f"{lines[key[0]].indicator.key}@{places[key[1]].code}"


def propose(plan: Plan, rule: str, indicator: Indicator | None = None) -> dict[Key, Decimal]:
    """Return proposed parts of all lines; nothing is saved.

    ``rule``: ``equal``, ``last_year`` (each line by its own number of last year) or ``indicator``
    (all lines by a chosen indicator's number of last year). Ratios are handed down as they are.
    Raises Invalid where there is nothing to divide by.
    """
    children = children_of(plan)
    lines = standing_lines(plan)
    keys = {indicator.key} if indicator else {line.indicator.key for line in lines}
    if rule == "equal":
        keys = set()
    elif rule == "indicator" and indicator is None:
        raise Invalid("请选一个指标，按它的占比分解。", where="indicator")
    elif rule not in ("last_year", "indicator"):
        raise Invalid("没有这种分法，请重新选。", where="rule")
    known = ledger(children, keys | {x.limit.key for x in lines if x.limit}, before(plan))
    found: dict[Key, Decimal] = {}
    for line in lines:
        if not line.adds_up:
            found |= {(line.pk, child.pk): line.target for child in children}
            continue
        key = indicator.key if indicator else line.indicator.key
        weights = {
            child.pk: Decimal(1) if rule == "equal" else known.get((child.pk, key), Decimal(0))
            for child in children
        }
        caps = _caps(line, children, known)
        try:
            parts = rules.apportion(line.target, weights, caps=caps)
        except BadSplit as error:
            raise Invalid(f"“{line.indicator.name}”：{error}", where="rule") from None
        found |= {(line.pk, place): value for place, value in parts.items()}
    return found


def _caps(
    line: PlanLine, children: list[Division], known: Mapping[tuple[int, str], Decimal]
) -> dict[int, Decimal]:
    if line.limit is None:
        return {}
    key = line.limit.key
    return {c.pk: known[c.pk, key] for c in children if (c.pk, key) in known}


def names_of(children: list[Division], period: str) -> dict[str, list[str]]:
    """Return by what each child is known in a sheet: code, short code, names of that period."""
    found = {str(c.pk): [c.code, c.short_code, c.name, c.display_name] for c in children}
    span = periods.parse(period)
    rows = DivisionVersion.objects.filter(
        division__in=[c.pk for c in children], validity__overlap=(span.start, span.end)
    )
    for version in rows:
        found[str(version.division_id)] += [version.code, version.name]
    return found


def lines_by_text(lines: list[PlanLine]) -> dict[str, list[str]]:
    """Return by what each line is known in a sheet's header."""
    return {
        str(line.pk): [
            line.indicator.key,
            f"{line.indicator.name}（{line.indicator.unit}）",
            line.indicator.name,
        ]
        for line in lines
    }
