"""Duties that a ledger settles: nobody logs by hand what a report or a letter says already."""

from typing import Any

from django.db import transaction

from responsibility.deadlines.services import lifecycle
from responsibility.duties.models import Assignment
from responsibility.duties.rules import Standing, Status
from responsibility.duties.status import set_status

LABEL = "duties.assignment"
CLOCK = {
    Status.SUBMITTED: lifecycle.pause,
    Status.RETURNED: lifecycle.resume,
    Status.IN_PROGRESS: lifecycle.resume,
    Status.DONE: lifecycle.settle,
}


@transaction.atomic
def follow(*, duty_id: int, body_id: int, year: int, status: Status, by: Any) -> bool:
    """Let the assignment of a duty follow what settles it elsewhere; return whether it moved.

    Handed in stops its clock, returned lets it run on, passed settles it. The act itself is
    audited by its owner. An assignment that does not bind, or that is done, stays as it is.
    """
    row = (
        Assignment.objects.select_for_update(of=("self",))
        .filter(duty_id=duty_id, body_id=body_id, year=year, standing=Standing.ACTIVE)
        .exclude(status=Status.DONE)
        .first()
    )
    if row is None or not set_status(row.pk, status):
        return False
    if status in CLOCK:
        CLOCK[status](label=LABEL, subject_ids=[row.public_id], by=by)
    return True
