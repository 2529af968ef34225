"""The duty that asks for a report stands as the report stands: nothing is typed twice."""

from typing import Any

from responsibility.duties.rules import Status
from responsibility.duties.services import settling
from responsibility.flow.rules import State
from responsibility.reports.models import Report

STATUSES = {
    State.DRAFT: Status.IN_PROGRESS,
    State.AWAITING_APPROVAL: Status.IN_PROGRESS,
    State.SUBMITTED: Status.SUBMITTED,
    State.IN_REVIEW: Status.SUBMITTED,
    State.RETURNED: Status.RETURNED,
    State.PASSED: Status.DONE,
    State.ARCHIVED: Status.DONE,
}


def follow_duty(report: Report, by: Any) -> None:
    """Bring the assignment in line with a yearly report; other rhythms wait for all periods."""
    kind = report.kind
    if kind.duty_id is None or kind.rhythm != "yearly":
        return
    settling.follow(
        duty_id=kind.duty_id,
        body_id=report.body_id,
        year=int(report.period[:4]),
        status=STATUSES[State(report.status)],
        by=by,
    )
