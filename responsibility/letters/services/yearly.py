"""What the calendar asks of letters: the year-end settlement, the word that one is overdue."""

from datetime import date

from django.db import transaction

from responsibility.common import clock
from responsibility.deadlines.models import Deadline, DeadlineRule
from responsibility.deadlines.services.opening import Opening, open_many
from responsibility.duties.models import Assignment
from responsibility.letters.models import Letter
from responsibility.letters.rules import State
from responsibility.letters.services.following import LABEL, SETTLE
from responsibility.letters.services.telling import tell

SETTLING_MONTH = 12  # from 1 December of a letter's year it may be settled


@transaction.atomic
def open_settlements(*, today: date | None = None) -> int:
    """Open the settlement deadline of every signed letter from 1 December on; return how many.

    Twice is a no-op; a city without the rule has no such deadline.
    """
    day = today or clock.today()
    last = day.year if day.month >= SETTLING_MONTH else day.year - 1
    if not DeadlineRule.objects.filter(key=SETTLE).exists():
        return 0
    rows = Letter.objects.filter(status=State.SIGNED, year__in=(last, last - 1))
    wishes = [
        Opening(
            SETTLE,
            LABEL,
            row.public_id,
            f"年终对账：{row}",
            row.division_id,
            row.body_id,
            period=str(row.year),
        )
        for row in rows.with_names().order_by("id")
    ]
    return open_many(openings=wishes, by=None, today=day)


@transaction.atomic
def announce_overdue(*, today: date | None = None) -> int:
    """Tell the outside once of each letter not signed when its duty's date had passed.

    Returns how many hooks were told now.
    """
    day = today or clock.today()
    told = 0
    rows = Letter.objects.filter(
        status=State.ISSUED, year__in=(day.year, day.year - 1), kind__duty__isnull=False
    )
    for row in rows.with_names().order_by("id"):
        duty = Assignment.objects.filter(duty=row.kind.duty_id, body=row.body_id, year=row.year)
        late = Deadline.objects.filter(
            subject_type="duties.assignment",
            subject_id__in=duty.values("public_id"),
            due_on__lt=day,
        )
        if late.exists():
            told += tell(row, "overdue")
    return told
