"""What the deadlines know of assignments."""

from typing import Any

from responsibility.deadlines import subjects
from responsibility.duties.models import Assignment
from responsibility.duties.rules import Rhythm, Standing

LABEL = "duties.assignment"


def _event_rule(assignment: Any) -> str:
    duty = assignment.duty
    binds = assignment.standing == Standing.ACTIVE and duty.rhythm == Rhythm.ON_EVENT
    return str(duty.deadline_rule) if binds else ""


def register() -> None:
    """Tell where an assignment's page is, and that on-event duties are timed by event."""
    subjects.register(
        LABEL,
        subjects.Kind(
            address=lambda public_id: f"/duties/{public_id}/",
            rows=lambda: Assignment.objects.select_related("duty", "body"),
            title=lambda assignment: str(assignment.duty.title),
            event_rule=_event_rule,
        ),
    )
