"""What a change of the tree does to plans: unfinished ones of a place that is gone are closed."""

from typing import Any

from django.urls import reverse

from responsibility.divisions.services.effects import Effect, Outcome
from responsibility.flow.closing import follow_places
from responsibility.plans.models import Plan, PlanStep


def on_division_changed(sender: Any, *, outcome: Outcome, by: Any, **kwargs: Any) -> list[Effect]:
    """Close what was not handed in at a place that is gone; what was goes on one tier up."""
    return follow_places(
        Plan.objects.filter(voided_at=None).select_related("body"),
        outcome=outcome,
        steps=PlanStep,
        what="计划",
        address=lambda row: reverse("plan", args=[row.public_id]),
        by=by,
    )
