"""Which assignments are late, and which are past the limit that the rule of their date states."""

from datetime import date, timedelta

from django.db.models import Q

from responsibility.deadlines.models import DeadlineRule
from responsibility.deadlines.rules import DEFAULT_STEPS, parse_steps, red_after
from responsibility.duties.models import Duty
from responsibility.duties.rules import Standing, Status


def late(today: date) -> Q:
    """Return what is binding, past its date, and lies with whoever owes it.

    What was submitted lies with the reviewer: its clock stands still.
    """
    open_ = ~Q(status__in=[Status.DONE, Status.SUBMITTED])
    return Q(standing=Standing.ACTIVE, due_on__lt=today) & open_


def past_limit(today: date) -> Q:
    """Return what is past the red step of its own rule; rules without steps use the usual ones.

    Two statements at most: the rules with steps of their own, and their duties.
    """
    usual = red_after(DEFAULT_STEPS)
    steps = DeadlineRule.objects.current().exclude(steps=[]).values_list("key", "steps")
    own = {key: red_after(parse_steps(raw)) for key, raw in steps}
    own = {key: days for key, days in own.items() if days != usual}
    if not own:
        return _reached(today, usual)
    by_days: dict[int | None, list[int]] = {}
    duties = Duty.objects.filter(deadline_rule__in=own).order_by("id")
    for pk, key in duties.values_list("pk", "deadline_rule"):
        by_days.setdefault(own[key], []).append(pk)
    special = [pk for found in by_days.values() for pk in found]
    condition = ~Q(duty_id__in=special) & _reached(today, usual)
    for days, found in by_days.items():
        condition |= Q(duty_id__in=found) & _reached(today, days)
    return condition


def _reached(today: date, days: int | None) -> Q:
    """Return the dates from which ``days`` have gone by; None: never."""
    return Q(pk__in=[]) if days is None else Q(due_on__lte=today - timedelta(days=days))
