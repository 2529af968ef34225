"""Open deadlines in bulk, and explain a date."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from responsibility.audit import services as audit
from responsibility.common import clock, periods
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines import rules, subjects
from responsibility.deadlines.models import CalendarDay, Deadline, DeadlineRule
from responsibility.deadlines.rules import BadRule, Computed, Overrides

CHUNK = 20_000
INSERT = """
INSERT INTO deadlines_deadline (
  subject_type, subject_id, title, division_id, scope_path, county_id, body_id,
  rule_id, rule_key, period, event_on, starts_on, base_due_on, due_on, uncertain,
  moved_reason, status, colour, step, next_action_on, paused_days, close_reason)
SELECT %s, u.subject, left(u.title, 200), d.id, d.path, d.county_id, u.body,
  %s, %s, %s, %s::date, %s::date, %s::date, %s::date, %s, '', 'open', %s, %s, %s::date, 0, ''
FROM unnest(%s::uuid[], %s::text[], %s::bigint[], %s::bigint[])
  AS u(subject, title, division, body)
JOIN divisions_division d ON d.id = u.division
WHERE %s = '' OR d.tier = %s
ON CONFLICT (subject_type, subject_id, rule_key, period, event_on) DO NOTHING
"""


@dataclass(frozen=True)
class Opening:
    """A wish: this subject has to meet that rule in this period (or from this event on)."""

    rule: str
    subject_type: str
    subject_id: UUID
    title: str
    division_id: int
    body_id: int | None = None
    period: str = ""
    event_on: date | None = None


def explain_date(
    rule: DeadlineRule,
    period: str = "",
    event_on: date | None = None,
    overrides: Overrides | None = None,
) -> Computed:
    """Return how a rule gives its date for a period or event; raise Invalid without them."""
    if overrides is None:
        overrides = CalendarDay.objects.overrides()
    try:
        return rules.compute(
            rule.spec,
            period=periods.parse(period) if period else None,
            event_on=event_on,
            overrides=overrides,
        )
    except BadRule as error:
        raise Invalid(str(error), where=error.where) from error
    except ValueError as error:
        raise Invalid(
            f"周期“{period[:12]}”写法不对，应如 2020、2020Q4。", where="period"
        ) from error


@transaction.atomic
def open_many(*, openings: Iterable[Opening], by: Any, today: date | None = None) -> int:
    """Open deadlines; those that exist already, or whose rule is not in force, are left alone.

    Grouped by rule and period: each date is computed once and each group is one INSERT. Returns
    how many rows were made. Raises Invalid for an unknown rule or a period that cannot be.
    """
    groups: dict[tuple[str, str, str, date | None], list[Opening]] = defaultdict(list)
    for item in openings:
        groups[(item.rule, item.subject_type, item.period, item.event_on)].append(item)
    known = DeadlineRule.objects.by_key(key[0] for key in groups)
    overrides = CalendarDay.objects.overrides()
    made = 0
    for (key, label, period, event_on), items in groups.items():
        if key not in known:
            raise Invalid(f"没有时限规则“{key}”，请先导入规则。", where="rule")
        made += _insert(
            known[key], label, period, event_on, items, overrides, today or clock.today()
        )
    if made:
        audit.record(
            by=by, verb="deadlines.opened", target="deadlines.deadline", note=f"{made} 项时限"
        )
    return made


@transaction.atomic
def open_event(*, label: str, subject: Any, what: str, event_on: date, by: Any) -> Deadline:
    """Open the deadline of one event under a subject whose duty runs from events.

    Raises Invalid for a date to come, Conflict when this day's event is there already.
    """
    access_of(by).require(Right.LOG_PROGRESS, subject)
    rule = subjects.event_rule(label, subject)
    if not rule:
        raise Conflict("这项责任按周期计时，不用登记事项。")
    if not what.strip():
        raise Invalid("是什么事项没有填。请用一句话写明。", where="what")
    if event_on > clock.today():
        raise Invalid("发生日期不能晚于今天。", where="event_on")
    wish = Opening(
        rule,
        label,
        subject.public_id,
        f"{subjects.title_of(label, subject)}：{what.strip()}"[:200],
        subject.division_id,
        subject.body_id,
        event_on=event_on,
    )
    if not open_many(openings=[wish], by=by):
        raise Conflict("这一天的事项已经登记过，请并在一起写。", where="event_on")
    return Deadline.objects.of(label, [subject.public_id]).get(rule_key=rule, event_on=event_on)


def _insert(
    rule: DeadlineRule,
    label: str,
    period: str,
    event_on: date | None,
    items: list[Opening],
    overrides: Overrides,
    today: date,
) -> int:
    found = explain_date(rule, period, event_on, overrides)
    if not rules.in_years(periods.parse(period) if period else None, rule.year_from, rule.year_to):
        return 0
    colour = rules.colour_on(rule.ladder, found.due_on, today)
    step, action_on = rules.first_action(rule.ladder, found.due_on, today)
    head: list[Any] = [label, rule.pk, rule.key, period, event_on, found.anchor_on]
    head += [found.due_on, found.due_on, not found.certain, colour.value, step, action_on]
    made = 0
    with connection.cursor() as cursor:
        for start in range(0, len(items), CHUNK):
            part = items[start : start + CHUNK]
            columns: list[Any] = [
                [str(item.subject_id) for item in part],
                [item.title for item in part],
                [item.division_id for item in part],
                [item.body_id for item in part],
            ]
            cursor.execute(INSERT, [*head, *columns, rule.tier, rule.tier])
            made += cursor.rowcount
    return made


def of_subject(label: str, public_id: UUID) -> "list[Deadline]":
    """Return all deadlines of one subject, in order of their dates."""
    return list(
        Deadline.objects.of(label, [public_id])
        .select_related("rule", "division")
        .order_by("due_on", "id")
    )
