"""The one place where an assignment's status is written."""

from responsibility.duties.models import Assignment


def set_status(assignment_id: int, status: str) -> bool:
    """Set the status from what was logged; return whether it changed. Runs in the caller's
    transaction, after its audit event.
    """
    return bool(
        Assignment.objects.filter(pk=assignment_id).exclude(status=status).update(status=status)
    )
