"""Pause, resume, settle, close, cancel and reopen: set-based, by subject.

Every function takes the subjects as (label, public ids), optionally one period and one rule, and
returns how many deadlines it changed. With ``events_until`` the deadlines of events up to that day
go with the period's. They belong to the transaction of the caller's act.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Case, DateField, F, Q, Value, When
from django.db.models.functions import Coalesce

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Invalid
from responsibility.deadlines import rules
from responsibility.deadlines.models import CalendarDay, Deadline, DeadlineQuerySet
from responsibility.deadlines.rules import LIVING, Status, Unit
from responsibility.deadlines.signals import dates_moved
from responsibility.outbox import services as outbox

NEVER = date.min


def _claim(
    label: str,
    ids: Iterable[Any],
    period: str | None,
    rule: str | None,
    statuses: Iterable[str],
    events_until: date | None = None,
) -> list[Deadline]:
    chosen = Deadline.objects.of(label, ids).filter(status__in=list(statuses))
    if period is not None:
        chosen = chosen.filter(Q(period=period) | Q(event_on__lte=events_until or NEVER))
    if rule is not None:
        chosen = chosen.filter(rule_key=rule)
    return list(chosen.select_for_update(of=("self",)).select_related("rule").order_by("id"))


def _rows(found: list[Deadline]) -> DeadlineQuerySet:
    return Deadline.objects.filter(pk__in=[item.pk for item in found])


def _record(by: Any, verb: str, found: list[Deadline], note: str = "") -> int:
    if len(found) == 1:
        audit.record(
            by=by,
            verb=f"deadlines.{verb}",
            target=found[0],
            old={"status": found[0].status, "due_on": found[0].due_on},
            note=note,
        )
    elif found:
        audit.record(
            by=by,
            verb=f"deadlines.{verb}",
            target="deadlines.deadline",
            note="；".join(filter(None, [f"{len(found)} 项时限", note])),
        )
    return len(found)


@transaction.atomic
def pause(
    *,
    label: str,
    subject_ids: Iterable[Any],
    by: Any,
    period: str | None = None,
    rule: str | None = None,
    on: date | None = None,
    events_until: date | None = None,
) -> int:
    """Stop the clock: the ball is in the reviewer's court from ``on`` (today)."""
    found = _claim(label, subject_ids, period, rule, [Status.OPEN], events_until)
    _rows(found).update(status=Status.PAUSED, paused_since=on or clock.today(), next_action_on=None)
    outbox.settle(sources=[item.source for item in found])
    return _record(by, "paused", found)


@transaction.atomic
def resume(
    *,
    label: str,
    subject_ids: Iterable[Any],
    by: Any,
    period: str | None = None,
    rule: str | None = None,
    on: date | None = None,
    events_until: date | None = None,
) -> int:
    """Let the clock run on from ``on`` (today): the due date moves by the days of the pause."""
    found = _claim(label, subject_ids, period, rule, [Status.PAUSED], events_until)
    today = on or clock.today()
    overrides = CalendarDay.objects.overrides() if found else {}
    groups: dict[tuple[int, date | None, date, int], list[Deadline]] = defaultdict(list)
    for item in found:
        groups[(item.rule_id, item.paused_since, item.due_on, item.step)].append(item)
    for (_, since, due_on, step), items in groups.items():
        steps, unit = items[0].rule.ladder, Unit(items[0].rule.unit)
        shift = rules.paused_shift(due_on, since or today, today, unit, overrides)
        moved = date.fromordinal(due_on.toordinal() + shift)
        _rows(items).update(
            status=Status.OPEN,
            paused_since=None,
            paused_days=F("paused_days") + shift,
            due_on=moved,
            colour=rules.colour_on(steps, moved, today),
            next_action_on=rules.next_action(steps, step, moved),
        )
    outbox.unsettle(sources=[item.source for item in found])
    dates_moved.send(Deadline, label=label, subject_ids=[item.subject_id for item in found])
    return _record(by, "resumed", found)


@transaction.atomic
def settle(
    *,
    label: str,
    subject_ids: Iterable[Any],
    by: Any,
    period: str | None = None,
    rule: str | None = None,
    on: date | None = None,
    events_until: date | None = None,
) -> int:
    """Say that the subject did what was due: met, or met late.

    What counts is ``on``, else the day it was handed in (the beginning of the pause), else today.
    """
    found = _claim(label, subject_ids, period, rule, LIVING, events_until)
    day = Coalesce(
        Value(on, output_field=DateField()),
        F("paused_since"),
        Value(clock.today(), output_field=DateField()),
    )
    _rows(found).annotate(day=day).update(
        status=Case(
            When(Q(day__lte=F("due_on")), then=Value(Status.MET)), default=Value(Status.MISSED_MET)
        ),
        settled_on=day,
        paused_since=None,
        next_action_on=None,
    )
    outbox.settle(sources=[item.source for item in found])
    return _record(by, "settled", found)


def _end(
    status: Status,
    label: str,
    ids: Iterable[Any],
    by: Any,
    reason: str,
    period: str | None,
    rule: str | None,
) -> int:
    if not reason.strip():
        raise Invalid("请写明不再计时的原因。", where="reason")
    found = _claim(label, ids, period, rule, LIVING)
    _rows(found).update(
        status=status, close_reason=reason[:200], paused_since=None, next_action_on=None
    )
    outbox.settle(sources=[item.source for item in found])
    return _record(by, status.value, found, reason)


@transaction.atomic
def cancel(
    *,
    label: str,
    subject_ids: Iterable[Any],
    by: Any,
    reason: str,
    period: str | None = None,
    rule: str | None = None,
) -> int:
    """Say that nothing is required any more (the duty does not apply)."""
    return _end(Status.CANCELLED, label, subject_ids, by, reason, period, rule)


@transaction.atomic
def close(
    *,
    label: str,
    subject_ids: Iterable[Any],
    by: Any,
    reason: str,
    period: str | None = None,
    rule: str | None = None,
) -> int:
    """Close deadlines that were not met and will not be."""
    return _end(Status.CLOSED, label, subject_ids, by, reason, period, rule)


@transaction.atomic
def reopen(
    *,
    label: str,
    subject_ids: Iterable[Any],
    by: Any,
    reason: str,
    period: str | None = None,
    rule: str | None = None,
) -> int:
    """Open again what was settled, closed or cancelled; the dates stay as they were."""
    ended = [Status.MET, Status.MISSED_MET, Status.CLOSED, Status.CANCELLED]
    found = _claim(label, subject_ids, period, rule, ended)
    today = clock.today()
    groups: dict[tuple[int, date, int], list[Deadline]] = defaultdict(list)
    for item in found:
        groups[(item.rule_id, item.due_on, item.step)].append(item)
    for (_, due_on, step), items in groups.items():
        steps = items[0].rule.ladder
        _rows(items).update(
            status=Status.OPEN,
            settled_on=None,
            close_reason="",
            colour=rules.colour_on(steps, due_on, today),
            next_action_on=rules.next_action(steps, step, due_on),
        )
    outbox.unsettle(sources=[item.source for item in found])
    return _record(by, "reopened", found, reason)
