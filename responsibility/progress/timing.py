"""What logging and reviewing do to the deadlines: handed in stops the clock, passed settles."""

from typing import Any

from django.urls import reverse

from responsibility.deadlines import services as deadlines
from responsibility.divisions.services.effects import Effect, Outcome
from responsibility.divisions.signals import division_changed
from responsibility.flow.closing import follow_places
from responsibility.flow.rules import State
from responsibility.progress.models import ProgressEntry, ProgressStep
from responsibility.progress.signals import (
    entry_passed,
    entry_returned,
    entry_submitted,
    entry_withdrawn,
)

LABEL = "duties.assignment"
UNDER_REVIEW = (State.SUBMITTED, State.IN_REVIEW)


def _of(entry: ProgressEntry) -> dict[str, Any]:
    return {
        "label": LABEL,
        "subject_ids": [entry.assignment.public_id],
        "period": entry.period,
        "events_until": entry.done_on,
    }


def on_submitted(sender: Any, *, entry: ProgressEntry, by: Any, **kwargs: Any) -> None:
    """Stop the clock: the ball is in the reviewer's court."""
    deadlines.pause(**_of(entry), by=by)


def on_back(sender: Any, *, entry: ProgressEntry, by: Any, **kwargs: Any) -> None:
    """Let the clock run on, unless another entry of the period is still under review."""
    others = ProgressEntry.objects.living().filter(
        assignment_id=entry.assignment_id, period=entry.period, status__in=UNDER_REVIEW
    )
    if not others.exclude(pk=entry.pk).exists():
        deadlines.resume(**_of(entry), by=by)


def on_passed(sender: Any, *, entry: ProgressEntry, by: Any, **kwargs: Any) -> None:
    """Settle: what counts is the day it was handed in."""
    deadlines.settle(**_of(entry), by=by)


def on_division_changed(sender: Any, *, outcome: Outcome, by: Any, **kwargs: Any) -> list[Effect]:
    """Close what was not handed in at a place that is gone; what was goes on one tier up."""
    return follow_places(
        ProgressEntry.objects.living().select_related("assignment__duty"),
        outcome=outcome,
        steps=ProgressStep,
        what="进展",
        address=lambda row: reverse("progress_entry", args=[row.public_id]),
        by=by,
    )


def connect() -> None:
    """Listen to what happens to entries and to places."""
    division_changed.connect(on_division_changed, dispatch_uid="progress.division_changed")
    entry_submitted.connect(on_submitted, dispatch_uid="progress.timing.submitted")
    entry_returned.connect(on_back, dispatch_uid="progress.timing.returned")
    entry_withdrawn.connect(on_back, dispatch_uid="progress.timing.withdrawn")
    entry_passed.connect(on_passed, dispatch_uid="progress.timing.passed")
