"""Filling data items: from the ledgers, once for all units; what is missing is asked once."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.assessments import facts
from responsibility.assessments.facts import Fact
from responsibility.assessments.models import (
    AssessmentRun,
    DataItem,
    LeafEntry,
    SchemeVersion,
    Subject,
)
from responsibility.assessments.rules import Inputs, Leaf, Scheme, Unscored
from responsibility.assessments.rules.running import Stage
from responsibility.assessments.services.access import lock_run, require_office, require_stage
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.bulk import copy_rows
from responsibility.divisions.models import Body
from responsibility.divisions.rules import Tier

Collected = dict[int, dict[tuple[str, str], Fact]]
"""body id → (leaf, item) → fact"""
NO_TASK = "台账里没有任务："


def bodies_for(row: SchemeVersion) -> list[Body]:
    """Return the units that a scheme assesses, in standard order."""
    bodies = Body.objects.filter(ended_on=None, division__path__startswith=row.division.path)
    by_kind = {
        "counties": bodies.filter(
            is_main=True, division__tier=Tier.COUNTY, division__kind="statutory"
        ),
        "zones": bodies.filter(
            is_main=True, division__tier=Tier.COUNTY, division__kind="development-zone"
        ),
        "townships": bodies.filter(is_main=True, division__tier=Tier.TOWNSHIP),
        "units": bodies.filter(is_main=False, division=row.division, kind__listed=True),
    }
    chosen = by_kind[row.subjects].select_related("division", "kind")
    return list(chosen.order_by("division__sort_key", "kind__position", "name", "pk"))


def collect(scheme: Scheme, bodies: Sequence[Body], year: int) -> Collected:
    """Ask every ledger once for all units; what no ledger knows is left out."""
    asked: dict[tuple[str, str], Mapping[int, Fact]] = {}
    found: Collected = {body.pk: {} for body in bodies}
    for leaf in scheme.leaves():
        for item in leaf.items:
            source = (item.source_kind, item.source)
            if source not in asked:
                asked[source] = facts.ask(item.source_kind, bodies, year, item.source)
            for body, fact in asked[source].items():
                found[body][leaf.key, item.key] = fact
    return found


def no_task(leaf: Leaf, values: Mapping[str, Decimal | None]) -> str:
    """Say that a ledger holds no task for a leaf (what is divided by is 0), or nothing."""
    of = getattr(leaf.rule, "of", "")
    if not of or values.get(of) != 0:
        return ""
    item = next((item for item in leaf.items if item.key == of), None)
    if item is None or item.source_kind == "typed":
        return ""
    return f"{NO_TASK}{item.name}为 0"


def live_inputs(scheme: Scheme, found: Mapping[tuple[str, str], Fact]) -> dict[str, Inputs]:
    """Return what a unit has today for every leaf, without storing anything."""
    made = {}
    for leaf in scheme.leaves():
        values = {
            item.key: found[leaf.key, item.key].value if (leaf.key, item.key) in found else None
            for item in leaf.items
        }
        made[leaf.key] = Inputs(values=values, absent=bool(no_task(leaf, values)))
    return made


def make_rows(run: AssessmentRun, subjects: Sequence[Subject]) -> int:
    """Write the empty leaves and items of new subjects by COPY; return how many items."""
    entries, items = [], []
    leaves = run.scheme.scheme.leaves()
    for subject in subjects:
        for position, leaf in enumerate(leaves):
            entries.append(
                LeafEntry(subject=subject, leaf=leaf.key, position=position, full=leaf.full)
            )
            items += [
                DataItem(
                    subject=subject,
                    leaf=leaf.key,
                    key=item.key,
                    name=item.name[:100],
                    unit=item.unit[:20],
                    source_kind=item.source_kind,
                    source=item.source,
                )
                for item in leaf.items
            ]
    copy_rows(entries)
    return copy_rows(items)


@transaction.atomic
def refresh(*, by: Any, run: AssessmentRun) -> dict[str, int]:
    """Fill every item from its ledger again; typed and verified values stay.

    Returns {"filled", "changed", "missing"}. Raises Conflict once the results are frozen.
    """
    row = lock_run(run)
    require_office(by, row)
    require_stage(row, Stage.COLLECTING, Stage.SELF, Stage.VERIFYING)
    counts = fill(row)
    audit.record(by=by, verb="assessments.collect", target=row, new=counts)
    return counts


def fill(run: AssessmentRun) -> dict[str, int]:
    """Write what the ledgers say now into the items of a run, changed ones only."""
    scheme = run.scheme.scheme
    subjects = {item.body_id: item for item in run.subjects.select_related("body__division")}
    found = collect(scheme, [item.body for item in subjects.values()], run.year)
    by_subject = {subject.pk: found[body] for body, subject in subjects.items()}
    items = list(DataItem.objects.filter(subject__run=run).select_for_update(of=("self",)))
    changed = [item for item in items if _take(item, by_subject[item.subject_id])]
    moment = clock.now()
    for item in changed:
        item.as_of = moment
    DataItem.objects.bulk_update(
        changed, ["value", "how", "trace", "as_of", "typed_by"], batch_size=1000
    )
    _mark_absent(run, scheme, items)
    AssessmentRun.objects.filter(pk=run.pk).update(collected_at=Now())
    missing = sum(item.how == "missing" for item in items)
    return {"filled": len(items) - missing, "changed": len(changed), "missing": missing}


def _take(item: DataItem, found: Mapping[tuple[str, str], Fact]) -> bool:
    """Take what the ledger says into an item; say whether it changed."""
    fact = found.get((item.leaf, item.key))
    if fact is None:
        if item.how != "source":
            return False
        item.value, item.how, item.trace = None, "missing", {}
        return True
    trace = fact.trace()
    if item.how == "source" and item.value == fact.value and item.trace == trace:
        return False
    item.value, item.how, item.trace, item.typed_by = fact.value, "source", trace, None
    return True


def _mark_absent(run: AssessmentRun, scheme: Scheme, items: Collection[DataItem]) -> None:
    """A leaf whose ledger holds no task is left out by itself, and comes back by itself."""
    values: dict[tuple[int, str], dict[str, Decimal | None]] = {}
    for item in items:
        values.setdefault((item.subject_id, item.leaf), {})[item.key] = item.counted
    leaves = {leaf.key: leaf for leaf in scheme.leaves()}
    moved = []
    for entry in LeafEntry.objects.filter(subject__run=run):
        leaf = leaves[entry.leaf]
        why = no_task(leaf, values.get((entry.subject_id, entry.leaf), {}))
        if why and not entry.absent:
            entry.absent, entry.absent_reason = True, why[:300]
        elif not why and entry.absent_reason.startswith(NO_TASK):
            entry.absent, entry.absent_reason = False, ""
        else:
            continue
        moved.append(entry)
    LeafEntry.objects.bulk_update(moved, ["absent", "absent_reason"], batch_size=1000)


def asked_of(subject: Subject) -> list[DataItem]:
    """Return what the unit is asked for: items that no ledger holds, once each."""
    skipped = {
        leaf.key for leaf in subject.run.scheme.scheme.leaves() if isinstance(leaf.rule, Unscored)
    }
    rows = DataItem.objects.filter(subject=subject).exclude(how="source").exclude(leaf__in=skipped)
    return list(rows.order_by("id"))
