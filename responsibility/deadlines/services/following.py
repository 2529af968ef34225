"""What an abolished place ends: the deadlines that still run there."""

from typing import Any

from django.urls import reverse

from responsibility.audit import services as audit
from responsibility.deadlines.models import Deadline
from responsibility.deadlines.rules import Status
from responsibility.divisions.models import DivisionChange
from responsibility.divisions.rules import Fate
from responsibility.divisions.services.effects import Effect, Outcome, by_division
from responsibility.outbox import services as outbox


def on_division_changed(
    sender: Any, *, change: DivisionChange, outcome: Outcome, by: Any, **kwargs: Any
) -> list[Effect]:
    """Close the living deadlines of the places that ended, and settle their notices."""
    if not outcome.ended:
        return []
    found = list(
        Deadline.objects.living()
        .filter(division__in=outcome.ended)
        .select_for_update(of=("self",))
        .order_by("id")
    )
    if not found:
        return []
    Deadline.objects.filter(pk__in=[row.pk for row in found]).update(
        status=Status.CLOSED,
        close_reason=outcome.reason,
        paused_since=None,
        next_action_on=None,
    )
    outbox.settle(sources=[row.source for row in found])
    audit.record(
        by=by,
        verb="deadlines.closed",
        target="deadlines.deadline",
        new={"ids": [str(row.public_id) for row in found[:500]], "count": len(found)},
        note=outcome.reason,
    )
    return by_division(
        [
            (row.division_id, f"{row.title} {row.period_label}".strip(), _address(row))
            for row in found
        ],
        what="时限",
        fate=Fate.CLOSED,
    )


def _address(row: Deadline) -> str:
    return reverse("deadline_detail", args=[row.public_id])
