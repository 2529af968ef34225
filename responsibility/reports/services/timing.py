"""The deadline of a report: by its kind's rule, or by the date that a special report names."""

from datetime import date
from typing import Any

from responsibility.common import clock, periods
from responsibility.deadlines.models import CalendarDay, DeadlineRule
from responsibility.deadlines.rules import Anchor
from responsibility.deadlines.services.opening import Opening, explain_date, open_many
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.rules import Rhythm
from responsibility.reports.rules import gate as rules

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


def days_given(kind: ReportKind, rule: DeadlineRule | None, today: date) -> int | None:
    """Return the working days from the notice, event or end of the period to the deadline.

    None for a date of the year: the report may be written all year, so nothing is counted.
    """
    counted = rule is not None and rule.anchor in (Anchor.EVENT, Anchor.PERIOD_END)
    if not kind.due_on and not counted:
        return None
    overrides = CalendarDay.objects.overrides()
    if kind.due_on or rule is None:
        return rules.working_days(today, kind.due_on or today, overrides)
    last = periods.previous(periods.containing(today, Rhythm(kind.rhythm).period_type))
    event = today if rule.anchor == Anchor.EVENT else None
    found = explain_date(rule, "" if event else last.code, event, overrides)
    return rules.working_days(found.anchor_on, found.due_on, overrides)
