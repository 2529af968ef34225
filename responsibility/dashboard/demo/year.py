"""A believable year on the assignments: what was due is mostly done, some of it is not."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import User
from responsibility.common import periods
from responsibility.common.bulk import copy_rows
from responsibility.common.clock import SHANGHAI
from responsibility.dashboard.demo.numbers import registered
from responsibility.deadlines.models import Deadline
from responsibility.duties.models import Assignment
from responsibility.figures.models import Indicator
from responsibility.flow.rules import State
from responsibility.progress import rules
from responsibility.progress.models import (
    ProgressEntry,
    ProgressFigure,
    ProgressRemark,
    ProgressStep,
)

SHOWCASE = {"371502011000", "3715Z3000000", "3715Z1000000", "3715Z2000000", "371525000000"}
PAST = ((0.935, State.PASSED), (0.955, State.SUBMITTED), (0.97, State.RETURNED))
AHEAD = ((0.10, State.PASSED), (0.14, State.SUBMITTED), (0.15, State.RETURNED), (0.18, State.DRAFT))
CYCLE = (State.PASSED, State.RETURNED, None, State.SUBMITTED, State.PASSED, State.DRAFT)
TEXTS = {
    "leadership": "召开会议研究，明确分管领导和责任人，按要求推进“{title}”，已形成{result}。",
    "department": "按职责办理“{title}”，与有关单位对接，形成{result}，存档备查。",
    "assistance": "入户开展“{title}”，了解生产生活情况，解决实际困难，记录在册。",
}
REASONS = ("请写明具体户数和办理情况。", "内容与上期相同，请核对后补充。", "请补充成果名称和日期。")


@dataclass
class Year:
    """What is being made."""

    users: dict[str, User]
    today: date
    rng: random.Random
    entries: list[ProgressEntry] = field(default_factory=list)
    counter: dict[str, int] = field(default_factory=dict)


def make_year(users: dict[str, User], year: int, today: date) -> int:
    """Log on the year's assignments in bulk; return how many entries were made."""
    work = Year(users, today, random.Random(year))  # noqa: S311 - demo data, not secrets
    assignments = {
        row.public_id: row
        for row in Assignment.objects.filter(year=year, standing="active").select_related(
            "duty", "division__parent", "body"
        )
    }
    soon = today + timedelta(days=45)
    rows = Deadline.objects.filter(subject_type="duties.assignment", due_on__lte=soon)
    for deadline in rows.order_by("subject_id", "due_on", "id"):
        assignment = assignments.get(deadline.subject_id)
        if assignment is not None:
            _log(work, assignment, deadline)
    figures = _figures(work)
    copy_rows(work.entries)
    for row in figures:
        row.entry_id = row.entry.pk
    copy_rows(figures)
    _steps(work)
    _settle(year)
    return len(work.entries)


def _state(work: Year, assignment: Assignment, past: bool) -> State | None:
    code = assignment.division.code
    if code in SHOWCASE and past:
        number = work.counter.get(code, 0)
        work.counter[code] = number + 1
        return CYCLE[number] if number < len(CYCLE) else State.PASSED
    chance = work.rng.random()
    for limit, state in PAST if past else AHEAD:
        if chance < limit:
            return state
    return None


def _log(work: Year, assignment: Assignment, deadline: Deadline) -> None:
    past = deadline.due_on < work.today
    state = _state(work, assignment, past)
    period = periods.parse(deadline.period)
    latest = min(deadline.due_on, work.today - timedelta(days=1), period.end)
    done_on = latest - timedelta(days=work.rng.randrange(20))
    if state is None or not period.start <= done_on <= period.end:
        return
    recorder = work.users.get(f"recorder-{assignment.division.short_code}")
    place = assignment.division.parent or assignment.division
    name = "office" if place.tier == "city" else "reviewer"
    reviewer = work.users.get(f"{name}-{place.short_code}")
    if recorder is None or reviewer is None:
        return
    work.entries.append(_entry(assignment, period, state, done_on, recorder, reviewer, place.pk))


def _entry(
    assignment: Assignment,
    period: periods.Period,
    state: State,
    done_on: date,
    recorder: User,
    reviewer: User,
    place_id: int,
) -> ProgressEntry:
    duty = assignment.duty
    text = TEXTS.get(duty.category, TEXTS["department"])
    entry = ProgressEntry(
        assignment=assignment,
        body=assignment.body,
        period=period.code,
        status=state,
        done_on=done_on,
        text=text.format(title=duty.title, result=duty.result or "工作记录"),
        recorder=recorder,
        recorder_role=recorder.label,
        is_demo=True,
        created_at=_at(done_on, 9),
    )
    entry.division_id = assignment.division_id
    entry.scope_path, entry.county_id = assignment.scope_path, assignment.county_id
    if state == State.DRAFT:
        return entry
    entry.submitted_at = _at(done_on, 15)
    entry.reviewing_division_id = place_id
    if state == State.SUBMITTED:
        return entry
    entry.reviewer, entry.reviewer_role = reviewer, reviewer.label
    entry.reviewed_at = _at(done_on + timedelta(days=1), 10)
    if state == State.RETURNED:
        entry.reason = REASONS[assignment.pk % len(REASONS)]
    return entry


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, day.day % 60), SHANGHAI)


def _value(work: Year, key: str, body_id: int) -> Decimal:
    found = registered(key, body_id, work.today.year)
    if found is not None:
        return found
    if key == "i-collective-income":
        return Decimal(work.rng.randrange(30_000, 260_000))
    if key.endswith("-training"):
        return Decimal(work.rng.randrange(300, 1800))
    return Decimal(work.rng.randrange(5, 90))


def _figures(work: Year) -> list[ProgressFigure]:
    """Give the figures their duty asks for, then hash the content of what was submitted."""
    wanted: dict[int, list[Indicator]] = {}
    for indicator in Indicator.objects.filter(source_kind="typed").prefetch_related("duties"):
        for duty in indicator.duties.all():
            wanted.setdefault(duty.pk, []).append(indicator)
    rows = []
    for entry in work.entries:
        typed: dict[str, str | None] = {}
        for indicator in wanted.get(entry.assignment.duty_id, []):
            if indicator.tier != entry.assignment.division.tier:
                continue
            value = _value(work, indicator.key, entry.body_id)
            rows.append(ProgressFigure(entry=entry, indicator=indicator, value=value))
            typed[indicator.key] = f"{value.normalize():f}"
        _seal(entry, typed)
    return rows


def _seal(entry: ProgressEntry, typed: dict[str, str | None]) -> None:
    if entry.status == State.DRAFT:
        return
    content: dict[str, Any] = {
        "period": entry.period,
        "text": entry.text,
        "done_on": entry.done_on.isoformat() if entry.done_on else None,
        "needs_help": "",
        "figures": typed,
        "evidence": [],
    }
    entry.content_hash = rules.content_hash(content)
    if entry.status == State.PASSED:
        entry.approved_hash, entry.approved_content = entry.content_hash, content


def _steps(work: Year) -> None:
    steps, remarks = [], []
    for entry in work.entries:
        if entry.status == State.DRAFT:
            continue
        steps.append(
            _step(entry, "submit", "draft", "submitted", entry.recorder, entry.submitted_at)
        )
        if entry.reviewer is None:
            continue
        action = "pass" if entry.status == State.PASSED else "return"
        step = _step(entry, action, "submitted", entry.status, entry.reviewer, entry.reviewed_at)
        step.reason = entry.reason
        steps.append(step)
        if entry.status == State.RETURNED:
            remarks.append(
                ProgressRemark(
                    submission=entry,
                    item="text",
                    text=entry.reason,
                    by=entry.reviewer,
                    old_value=entry.text[:2000],
                )
            )
    copy_rows(steps)
    copy_rows(remarks)


def _step(
    entry: ProgressEntry, action: str, source: str, target: str, by: Any, at: Any
) -> ProgressStep:
    return ProgressStep(
        submission=entry,
        action=action,
        source=source,
        target=target,
        by=by,
        role=by.label,
        at=at,
        content_hash=entry.content_hash,
    )


STATUS = """
UPDATE duties_assignment a SET status = CASE
    WHEN s.passed >= CASE d.rhythm WHEN 'half_yearly' THEN 2 WHEN 'quarterly' THEN 4
                                   WHEN 'monthly' THEN 12 ELSE 1 END THEN 'done'
    WHEN s.returned THEN 'returned' WHEN s.waiting THEN 'submitted' ELSE 'in_progress' END
FROM (SELECT assignment_id, count(DISTINCT period) FILTER (WHERE status = 'passed') AS passed,
             bool_or(status = 'returned') AS returned, bool_or(status = 'submitted') AS waiting
        FROM progress_progressentry WHERE voided_at IS NULL GROUP BY assignment_id) s,
     duties_duty d
WHERE a.id = s.assignment_id AND a.duty_id = d.id AND a.year = %s
"""
MET = """
UPDATE deadlines_deadline l SET
    status = CASE e.status WHEN 'passed' THEN 'met' ELSE 'paused' END,
    settled_on = CASE e.status WHEN 'passed' THEN e.done_on END,
    paused_since = CASE e.status WHEN 'submitted' THEN e.done_on END,
    next_action_on = NULL
FROM progress_progressentry e JOIN duties_assignment a ON a.id = e.assignment_id
WHERE l.subject_type = 'duties.assignment' AND l.subject_id = a.public_id
  AND l.period = e.period AND l.status = 'open' AND e.status IN ('passed', 'submitted')
  AND a.year = %s
"""


def _settle(year: int) -> None:
    """Bring assignments and deadlines into the state that the entries make of them."""
    with connection.cursor() as cursor:
        cursor.execute(STATUS, [year])
        cursor.execute(MET, [year])
