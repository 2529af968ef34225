"""Rules and deadlines for the tests."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from responsibility.deadlines import services
from responsibility.deadlines.models import Deadline, DeadlineRule
from responsibility.deadlines.services import Opening
from tests.cast import Cast

LABEL = "duties.assignment"


def make_rule(key: str = "quarterly", **extra: Any) -> DeadlineRule:
    """Return a rule: by the end of the period, set by the city."""
    values: dict[str, Any] = {
        "title": "每季度末办结",
        "anchor": "period_end",
        "basis": "local",
        "basis_text": "细则未规定，按本市设定",
        "article": "21",
        **extra,
    }
    return DeadlineRule.objects.create(
        key=key,
        **services.catalogue.checked(
            {
                "month_day": "",
                "offset": 0,
                "unit": "day",
                "roll": "none",
                "tier": "",
                "year_from": None,
                "year_to": None,
                "steps": "default",
                **values,
            }
        ),
    )


def opening(cast: Cast, code: str = "371502011", **extra: Any) -> Opening:
    """Return a wish for one deadline of a division's own body."""
    body = cast.main(code)
    values: dict[str, Any] = {
        "rule": "quarterly",
        "subject_type": LABEL,
        "subject_id": uuid4(),
        "title": "签订责任书",
        "division_id": body.division_id,
        "body_id": body.pk,
        "period": "2020Q4",
        **extra,
    }
    return Opening(**values)


def make_deadline(
    cast: Cast, code: str = "371502011", today: date = date(2020, 12, 1), **extra: Any
) -> Deadline:
    """Open one deadline (due 2020-12-31 by default) and return it."""
    wish = opening(cast, code, **extra)
    services.open_many(openings=[wish], by=None, today=today)
    return Deadline.objects.get(subject_id=wish.subject_id, period=wish.period)


def again(row: Deadline) -> Deadline:
    """Return the row as it is now."""
    return Deadline.objects.get(pk=row.pk)


def ids(*rows: Deadline) -> list[UUID]:
    """Return the subjects of deadlines."""
    return [row.subject_id for row in rows]
