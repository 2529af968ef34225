"""Deadlines of a run: self-assessment, appeals, mending. Rules are data of the deadlines app."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from responsibility.assessments.models import AssessmentRun, Rectification, Subject
from responsibility.assessments.rules.running import Mending
from responsibility.common import clock
from responsibility.common.calendar import add_working_days
from responsibility.deadlines import subjects
from responsibility.deadlines.models import Deadline, DeadlineRule
from responsibility.deadlines.services import lifecycle
from responsibility.deadlines.services.opening import Opening, explain_date, open_many

SUBJECT, MENDING = "assessments.subject", "assessments.rectification"
SELF, APPEAL, MEND = "assess-self", "assess-appeal", "assess-mend"
DEFAULTS = {
    APPEAL: (5, "本市设定（默认）：反馈后 5 个工作日内申诉"),
    MEND: (60, "本市设定（默认）：结果冻结后 60 天内完成整改"),
}


def due(key: str, day: date) -> tuple[date, str]:
    """Return the last day and its basis by the rule in force, else by the product's default."""
    rule = DeadlineRule.objects.by_key([key]).get(key)
    if rule is not None:
        return explain_date(rule, event_on=day).due_on, rule.basis_line[:300]
    days, words = DEFAULTS[key]
    if key == MEND:
        return day + timedelta(days=days), words
    return add_working_days(day, days)[0], words


def ask_self(*, by: Any, run: AssessmentRun) -> int:
    """Open the deadline of every unit's self-assessment; none while no rule is in force."""
    if SELF not in DeadlineRule.objects.by_key([SELF]):
        return 0
    wishes = [
        Opening(
            rule=SELF,
            subject_type=SUBJECT,
            subject_id=row.public_id,
            title=f"自评：{run.title}",
            division_id=row.division_id,
            body_id=row.body_id,
            event_on=clock.today(),
        )
        for row in run.subjects.order_by("position")
    ]
    return open_many(openings=wishes, by=by)


def handed_in(*, by: Any, subject: Subject) -> None:
    """A unit handed in its self-assessment."""
    lifecycle.settle(label=SUBJECT, subject_ids=[subject.public_id], by=by, rule=SELF)


def taken_back(*, by: Any, subject: Subject) -> None:
    """A unit took its self-assessment back: it owes it again, by the same date."""
    ids = [subject.public_id]
    lifecycle.reopen(label=SUBJECT, subject_ids=ids, by=by, rule=SELF, reason="撤回自评")


def self_is_over(*, by: Any, run: AssessmentRun) -> None:
    """Verification has begun: what was not handed in is not waited for any more."""
    ids = list(run.subjects.values_list("public_id", flat=True))
    lifecycle.close(label=SUBJECT, subject_ids=ids, by=by, rule=SELF, reason="已进入核验")


def called_off(*, by: Any, run: AssessmentRun) -> None:
    """The run is void: nothing is owed under it."""
    ids = list(run.subjects.values_list("public_id", flat=True))
    lifecycle.cancel(label=SUBJECT, subject_ids=ids, by=by, reason="本次考核已作废")


def ask_mending(*, by: Any, rows: Sequence[Rectification]) -> int:
    """Open the deadline of every thing to mend, from the day of the freeze."""
    if not rows or MEND not in DeadlineRule.objects.by_key([MEND]):
        return 0
    wishes = [
        Opening(
            rule=MEND,
            subject_type=MENDING,
            subject_id=row.public_id,
            title=f"整改：{row.name}"[:200],
            division_id=row.division_id,
            body_id=row.body_id,
            event_on=clock.today(),
        )
        for row in rows
    ]
    return open_many(openings=wishes, by=by)


def mending_moved(*, by: Any, row: Rectification) -> date:
    """Stop, restart or end the clock as a thing to mend is reported, returned or closed.

    Returns its last day: later than before by the days that the office took, when returned.
    """
    step = {
        Mending.REPORTED: lifecycle.pause,
        Mending.RETURNED: lifecycle.resume,
        Mending.CLOSED: lifecycle.settle,
    }[Mending(row.status)]
    step(label=MENDING, subject_ids=[row.public_id], by=by)
    held = Deadline.objects.of(MENDING, [row.public_id]).order_by("id").first()
    return held.due_on if held else row.due_on


def register_subjects() -> None:
    """Tell deadlines where the page of a unit and of a thing to mend is."""
    subjects.register(
        SUBJECT,
        subjects.Kind(lambda key: f"/assessments/units/{key}/", rows=Subject.objects.living),
    )
    subjects.register(
        MENDING,
        subjects.Kind(
            lambda key: f"/assessments/rectifications/{key}/", rows=Rectification.objects.all
        ),
    )
