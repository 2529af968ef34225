"""What a change of the tree does to submissions: what was not handed in at a place that is gone is
closed; what was handed in goes on, before the reviewer who is now one tier up.
"""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q

from responsibility.audit import services as audit
from responsibility.common.scoping import upper_bound
from responsibility.divisions.rules import Fate
from responsibility.divisions.services.effects import Effect, Outcome, by_division
from responsibility.flow.models import Submission
from responsibility.flow.reviewing import reviewing_division
from responsibility.flow.rules import State

UNFINISHED = (State.DRAFT, State.RETURNED, State.AWAITING_APPROVAL)
HANDED_IN = (State.SUBMITTED, State.IN_REVIEW)
Address = Callable[[Any], str]


def follow_places(
    rows: "models.QuerySet[Any]",
    *,
    outcome: Outcome,
    steps: type[models.Model],
    what: str,
    address: Address,
    by: Any,
) -> list[Effect]:
    """Close and redirect the submissions of one model after a change; return what was done.

    ``rows``: those that count (without the voided), joined with what their titles need.
    """
    return [
        *_close(rows, outcome, steps, what, address, by),
        *_redirect(rows, outcome, what, address, by),
    ]


def _close(
    rows: "models.QuerySet[Any]",
    outcome: Outcome,
    steps: type[models.Model],
    what: str,
    address: Address,
    by: Any,
) -> list[Effect]:
    if not outcome.ended:
        return []
    chosen = rows.filter(division__in=outcome.ended, status__in=UNFINISHED)
    found: list[Submission] = list(chosen.select_for_update(of=("self",)).order_by("id"))
    if not found:
        return []
    steps._default_manager.bulk_create(
        [
            steps(
                submission=row,
                action="close",
                source=row.status,
                target=State.CLOSED,
                by=by,
                reason=outcome.reason,
            )
            for row in found
        ],
        batch_size=1000,
    )
    model = type(found[0])
    model._default_manager.filter(pk__in=[row.pk for row in found]).update(
        status=State.CLOSED, reason=outcome.reason, revision=models.F("revision") + 1
    )
    _note("close", found, outcome, by)
    return by_division(
        [(row.division_id, str(row), address(row)) for row in found],
        what=what,
        fate=Fate.CLOSED,
        note="没有报送的不再填报，内容仍可查",
    )


def _redirect(
    rows: "models.QuerySet[Any]", outcome: Outcome, what: str, address: Address, by: Any
) -> list[Effect]:
    touched = Q(reviewing_division_id__in=list(outcome.ended))
    for place in outcome.moved:
        touched |= Q(scope_path__gte=place.path, scope_path__lt=upper_bound(place.path))
    chosen = rows.filter(touched, status__in=HANDED_IN).select_related("body__division")
    places: dict[int, int | None] = {}
    moved: list[Submission] = []
    for row in chosen.select_for_update(of=("self",)).order_by("id"):
        if row.body_id not in places:
            places[row.body_id] = reviewing_division(row.body)
        if row.reviewing_division_id != places[row.body_id]:
            row.reviewing_division_id = places[row.body_id]
            moved.append(row)
    if not moved:
        return []
    type(moved[0])._default_manager.bulk_update(moved, ["reviewing_division_id"], batch_size=500)
    _note("redirect", moved, outcome, by)
    return by_division(
        [(row.division_id, str(row), address(row)) for row in moved],
        what=what,
        fate=Fate.REDIRECTED,
    )


def _note(verb: str, rows: list[Submission], outcome: Outcome, by: Any) -> None:
    meta = rows[0]._meta
    audit.record(
        by=by,
        verb=f"{meta.app_label}.{verb}",
        target=meta.label_lower,
        new={"ids": [str(row.public_id) for row in rows[:500]], "count": len(rows)},
        note=outcome.reason,
    )
