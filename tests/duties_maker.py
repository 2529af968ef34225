"""Duties, indicators and assignments for tests of what rests on them."""

from responsibility.divisions.models import Body
from responsibility.duties.models import Assignment, Duty
from responsibility.figures.models import Indicator
from tests.cast import Cast


def make_duty(cast: Cast, key: str = "a21-1", rhythm: str = "yearly", **extra: object) -> Duty:
    """Return a duty (made when missing)."""
    duty, _ = Duty.objects.get_or_create(
        key=key,
        defaults={
            "programme": cast.programme,
            "title": extra.pop("title", "跟踪走访已脱贫群众"),
            "category": "assistance",
            "rhythm": rhythm,
            **extra,
        },
    )
    return duty


def make_assignment(
    cast: Cast, code: str, year: int = 2020, body: Body | None = None, **duty: object
) -> Assignment:
    """Return an assignment of the division's own body (or of another body)."""
    body = body or cast.main(code)
    assignment = Assignment(duty=make_duty(cast, **duty), body=body, year=year)  # type: ignore[arg-type]
    assignment.place(body.division)
    assignment.save()
    return assignment


def make_indicator(cast: Cast, key: str = "visits", tier: str = "village") -> Indicator:
    """Return a typed indicator."""
    indicator, _ = Indicator.objects.get_or_create(
        key=key,
        defaults={
            "programme": cast.programme,
            "name": "走访户数",
            "unit": "户",
            "tier": tier,
            "nature": "additive",
            "source_kind": "typed",
        },
    )
    return indicator
