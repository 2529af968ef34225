"""What the deadlines know of assignments."""

from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from responsibility.deadlines import subjects
from responsibility.deadlines.models import Deadline
from responsibility.deadlines.rules import Status
from responsibility.deadlines.signals import dates_moved
from responsibility.divisions.signals import division_changed, marks_changed
from responsibility.duties.models import Assignment
from responsibility.duties.rules import Rhythm, Standing
from responsibility.duties.services.assigning import follow_marks
from responsibility.duties.services.following import on_division_changed

LABEL = "duties.assignment"


def _event_rule(assignment: Any) -> str:
    duty = assignment.duty
    binds = assignment.standing == Standing.ACTIVE and duty.rhythm == Rhythm.ON_EVENT
    return str(duty.deadline_rule) if binds else ""


def on_dates_moved(sender: Any, *, label: str, subject_ids: list[UUID], **kwargs: Any) -> None:
    """Keep the copy of the last due date on the assignments; one statement."""
    if label != LABEL or not subject_ids:
        return
    last = (
        Deadline.objects.filter(subject_type=LABEL, subject_id=OuterRef("public_id"))
        .exclude(status=Status.CANCELLED)
        .exclude(period="")
        .order_by("-due_on")
        .values("due_on")[:1]
    )
    Assignment.objects.filter(public_id__in=subject_ids).update(
        due_on=Coalesce(Subquery(last), F("due_on"))
    )


def on_marks_changed(sender: Any, *, by: Any, **kwargs: Any) -> None:
    """Let the duties follow the marks, in the transaction that gave or voided them."""
    follow_marks(by=by)


def register() -> None:
    """Tell where an assignment's page is, that on-event duties are timed by event; listen."""
    division_changed.connect(on_division_changed, dispatch_uid="duties.timing.division_changed")
    marks_changed.connect(on_marks_changed, dispatch_uid="duties.timing.marks_changed")
    dates_moved.connect(on_dates_moved, dispatch_uid="duties.timing.dates_moved")
    subjects.register(
        LABEL,
        subjects.Kind(
            address=lambda public_id: f"/duties/{public_id}/",
            rows=lambda: Assignment.objects.select_related("duty", "body"),
            title=lambda assignment: str(assignment.duty.title),
            event_rule=_event_rule,
        ),
    )
