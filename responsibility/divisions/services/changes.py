"""Changes of the tree: previewed, then carried out whole; nothing of the past is rewritten."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from responsibility.audit import services as audit
from responsibility.common.errors import Stale
from responsibility.common.scoping import upper_bound
from responsibility.divisions.models import (
    Body,
    Division,
    DivisionChange,
    DivisionChangeEffect,
    DivisionChangeItem,
    DivisionVersion,
)
from responsibility.divisions.rules import DivisionKind, pinyin_of, standard_order, tier_below
from responsibility.divisions.services import bodies, effects
from responsibility.divisions.services.planning import (
    Act,
    Plan,
    Proposal,
    Step,
    descendants,
    make_plan,
    with_new,
)
from responsibility.divisions.services.tree import (
    create_division,
    lock_tree,
    move_subtree,
    scoped_models,
)


@dataclass(frozen=True)
class Preview:
    """What a plan would do, in numbers."""

    plan: Plan
    below: int
    bodies: int
    rows: list[tuple[str, int]]
    lose: list[str]
    gain: list[str]


def preview(proposal: Proposal, *, by: Any = None) -> Preview:
    """Return what would move, without doing it; raise Invalid as the change itself would."""
    plan = make_plan(proposal, by=by)
    affected = [*plan.moved(), *plan.ended()]
    rows = _rows_under(affected)
    return Preview(
        plan=plan,
        below=descendants(affected),
        bodies=Body.objects.filter(ended_on=None).filter(_under(affected, "scope_path")).count()
        if affected
        else 0,
        rows=rows,
        lose=_sight(plan, old=True),
        gain=_sight(plan, old=False),
    )


def _under(divisions: list[Division], column: str) -> Q:
    condition = Q()
    for item in divisions:
        condition |= Q(
            **{f"{column}__gte": item.path, f"{column}__lt": upper_bound(item.path)},
        )
    return condition


def _rows_under(divisions: list[Division]) -> list[tuple[str, int]]:
    """Return (kind of row, count) of every scoped row under these divisions; one statement."""
    if not divisions:
        return []
    models = [model for model in scoped_models() if model is not Body]
    ranges = " OR ".join(["(scope_path >= %s AND scope_path < %s)"] * len(divisions))
    bounds = [bound for item in divisions for bound in (item.path, upper_bound(item.path))]
    parts = [
        f'SELECT {number}, count(*) FROM "{model._meta.db_table}" WHERE {ranges}'  # noqa: S608
        for number, model in enumerate(models)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), bounds * len(models))
        found = dict(cursor.fetchall())
    return [
        (str(model._meta.verbose_name), found[number])
        for number, model in enumerate(models)
        if found.get(number)
    ]


def _sight(plan: Plan, *, old: bool) -> list[str]:
    """Return the names of those who no longer see (or newly see) what moves."""
    names: dict[str, None] = {}
    for step in plan.steps:
        if not (step.moves and step.old and step.new):
            continue
        before = set(step.old.parent.ancestor_ids) if step.old.parent else set()
        after = _new_ancestors(plan, step)
        ids = before - after if old else after - before
        for name in Division.objects.filter(pk__in=ids).in_order().values_list("name", flat=True):
            names[name] = None
        if step.into_new and not old:
            names[plan.proposal.name] = None
    return list(names)


def _new_ancestors(plan: Plan, step: Step) -> set[int]:
    above = step.new.parent if step.new else None
    if above is None:
        above = plan.proposal.division.parent
    return set(above.ancestor_ids) if above else set()


@transaction.atomic
def change_division(proposal: Proposal, *, by: Any = None, fingerprint: str = "") -> DivisionChange:
    """Carry out a change: close the versions, then open the new ones; move, end and make bodies.

    ``fingerprint`` is that of the preview which was confirmed; Stale when it no longer holds.
    Raises Invalid, Forbidden or Missing as the preview does.
    """
    lock_tree()
    plan = make_plan(_fresh(proposal), by=by)
    if fingerprint and fingerprint != plan.fingerprint:
        raise Stale("预览之后区划有变动，请重新核对预览。")
    change = DivisionChange.objects.create(
        kind=proposal.kind,
        effective_on=proposal.effective_on,
        document=proposal.document.strip(),
        certainty=proposal.certainty,
        note=proposal.note,
        made_by=by,
    )
    _close(plan.touched(), proposal.effective_on)
    made = _carry_out(plan, change)
    if made:
        bodies.make_bodies(by=by, divisions=made)
    done = effects.settle(_outcome(change, plan, made), by=by)
    _record(change, plan, done, by)
    return change


def _outcome(change: DivisionChange, plan: Plan, made: list[Division]) -> effects.Outcome:
    heirs = {
        step.division.pk: step.successor
        for step in plan.steps
        if step.act == Act.END and step.division is not None
    }
    for heir in heirs.values():
        if heir is not None:
            heir.refresh_from_db()
    moved = Division.objects.filter(pk__in=[item.pk for item in plan.moved()])
    return effects.Outcome(change, heirs, tuple(moved.in_order()), tuple(made))


def _fresh(proposal: Proposal) -> Proposal:
    """Return the proposal with its divisions read anew, under the lock."""
    again = {
        item.pk: item
        for item in Division.objects.filter(
            pk__in=[
                item.pk
                for item in (
                    proposal.division,
                    *proposal.others,
                    proposal.parent,
                    proposal.successor,
                )
                if item is not None
            ]
        ).select_related("parent")
    }
    return Proposal(
        **{
            **vars(proposal),
            "division": again[proposal.division.pk],
            "others": tuple(again[item.pk] for item in proposal.others),
            "parent": again[proposal.parent.pk] if proposal.parent else None,
            "successor": again[proposal.successor.pk] if proposal.successor else None,
        }
    )


def _close(divisions: list[Division], day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE divisions_divisionversion SET validity = daterange(lower(validity), %s) "
            "WHERE division_id = ANY(%s) AND upper_inf(validity)",
            [day, [item.pk for item in divisions]],
        )


def _carry_out(plan: Plan, change: DivisionChange) -> list[Division]:
    """Do the steps in order (ends before updates that take a code over); return what was made."""
    made: list[Division] = []
    day = change.effective_on
    ended = plan.ended()
    bodies.end_bodies(ended, day)
    Division.objects.filter(pk__in=[item.pk for item in ended]).update(abolished_on=day)
    for step in plan.steps:
        if step.act == Act.CREATE:
            made.append(_make(step, plan, day))
        elif step.act == Act.UPDATE:
            step = with_new(step, made[0]) if step.into_new else step
            _become(step, day)
        _note(change, step, made)
    return made


def _make(step: Step, plan: Plan, day: date) -> Division:
    assert step.new is not None
    assert step.new.parent is not None
    source = plan.proposal.division
    sibling = source.parent_id == step.new.parent.pk
    return create_division(
        code=step.new.code,
        name=step.new.name,
        tier=source.tier if sibling else tier_below(source.tier) or source.tier,
        parent=step.new.parent,
        kind=source.kind if sibling else DivisionKind.STATUTORY,
        since=day,
    )


def _become(step: Step, day: date) -> None:
    """Let a division be what its step says, from a day on."""
    division, old, new = step.division, step.old, step.new
    assert division is not None
    assert old is not None
    assert new is not None
    # Its path may have moved with a parent earlier in the same change.
    division.refresh_from_db(fields=["path", "county_id"])
    if step.moves and new.parent is not None:
        new.parent.refresh_from_db(fields=["path", "county_id"])
        move_subtree(division, new.parent)
    division.name, division.code, division.parent = new.name, new.code, new.parent
    division.pinyin, division.initials = pinyin_of(new.name)
    division.sort_key = standard_order(new.code, division.kind)
    division.save(update_fields=["name", "code", "parent", "pinyin", "initials", "sort_key"])
    DivisionVersion.objects.create(
        division=division,
        validity=(day, None),
        code=new.code,
        name=new.name,
        tier=division.tier,
        kind=division.kind,
        parent=new.parent,
    )
    if new.name != old.name:
        bodies.follow_name(division, old.name)


def _note(change: DivisionChange, step: Step, made: list[Division]) -> None:
    DivisionChangeItem.objects.create(
        change=change,
        division=step.division or made[0],
        successor=step.successor,
        old=step.old.as_json() if step.old else {},
        new=step.new.as_json() if step.new else {},
    )


def _record(change: DivisionChange, plan: Plan, done: list[DivisionChangeEffect], by: Any) -> None:
    items = [
        {"division": item.division.code, "old": item.old, "new": item.new}
        for item in change.items.select_related("division").order_by("id")[:200]
    ]
    audit.record(
        by=by,
        verb=f"divisions.{change.kind}",
        target=change,
        scope_path=plan.proposal.division.path,
        new={
            "document": change.document,
            "effective_on": str(change.effective_on),
            "items": items,
            "effects": [
                {"division": row.division_id, "what": row.what, "fate": row.fate, "n": row.count}
                for row in done[:200]
            ],
        },
    )
