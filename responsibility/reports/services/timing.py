"""The deadline of a report: by its kind's rule, or by the date that a special report names."""

from typing import Any

from responsibility.common import clock
from responsibility.deadlines.models import DeadlineRule
from responsibility.deadlines.rules import Anchor
from responsibility.deadlines.services.opening import Opening, open_many
from responsibility.reports.models import Report

LABEL = "reports.report"
SPECIAL = "special-report"


def open_deadline(*, by: Any, report: Report) -> None:
    """Open the report's deadline, if its kind has one."""
    kind = report.kind
    rule = SPECIAL if kind.due_on else kind.deadline_rule
    if not rule:
        return
    event = kind.due_on
    if event is None and _from_event(rule):
        event = clock.today()
    wish = Opening(
        rule=rule,
        subject_type=LABEL,
        subject_id=report.public_id,
        title=f"{kind.title}（{report.period}）",
        division_id=report.division_id,
        body_id=report.body_id,
        period="" if event else report.period,
        event_on=event,
    )
    open_many(openings=[wish], by=by)


def _from_event(key: str) -> bool:
    return DeadlineRule.objects.current().filter(key=key, anchor=Anchor.EVENT).exists()
