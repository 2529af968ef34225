"""Duties that ask for a mark: which divisions bear it, and what that ends or opens."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.deadlines.services import lifecycle
from responsibility.divisions.models import DivisionMark
from responsibility.duties.models import Assignment, Duty
from responsibility.duties.rules import (
    MARK_ENDED,
    MARKS_KNOWN,
    WAITS_FOR_MARK,
    Standing,
    Status,
)

LABEL = "duties.assignment"


@dataclass
class Marked:
    """Marked divisions and their counties, by kind of mark."""

    divisions: dict[int, set[int]] = field(default_factory=dict)
    counties: dict[int, set[int]] = field(default_factory=dict)


def marked(year: int) -> Marked:
    """Return what is marked as of the year's end (or today)."""
    found = Marked()
    day = min(clock.today(), date(year, 12, 31))
    rows = DivisionMark.objects.filter(voided_at=None, validity__contains=day)
    for kind_id, division_id, county_id in rows.values_list("kind_id", "division_id", "county_id"):
        found.divisions.setdefault(kind_id, set()).add(division_id)
        if county_id is not None:
            found.counties.setdefault(kind_id, set()).add(county_id)
    return found


def settle(*, year: int, by: Any) -> dict[str, int]:
    """Bring 待认定 in line with the marks: a county with a list is settled, one without waits.

    What a division bore by a mark that is gone ends too, unless something was logged on it.
    Returns how many rows were settled, opened and ended.
    """
    known = marked(year)
    counts = {"settled": 0, "opened": 0, "ended": 0}
    for duty in Duty.objects.filter(needs_mark__isnull=False).select_related("needs_mark"):
        rows = Assignment.objects.filter(duty=duty, year=year)
        counties = known.counties.get(duty.needs_mark_id or 0, set())
        name = str(duty.needs_mark)
        counts["settled"] += rows.filter(
            standing=Standing.UNDETERMINED, county_id__in=counties
        ).update(
            standing=Standing.DETERMINED,
            standing_reason=MARKS_KNOWN.format(mark=name),
            standing_by=by,
            standing_at=Now(),
        )
        counts["opened"] += (
            rows.filter(standing=Standing.DETERMINED)
            .exclude(county_id__in=counties)
            .update(
                standing=Standing.UNDETERMINED,
                standing_reason=WAITS_FOR_MARK.format(mark=name),
                standing_by=None,
                standing_at=None,
            )
        )
        counts["opened"] += _revive(duty, year, known, name, by)
        counts["ended"] += _end_unmarked(duty, year, known, name, by)
    if any(counts.values()):
        audit.record(
            by=by,
            verb="duties.settle_marks",
            target=LABEL,
            new={"year": year, **counts},
        )
    return counts


def _end_unmarked(duty: Duty, year: int, known: Marked, name: str, by: Any) -> int:
    """End what is borne by a mark that is gone; nobody's name, nobody's act: left as it is."""
    if by is None:
        return 0
    still = known.divisions.get(duty.needs_mark_id or 0, set())
    rows = Assignment.objects.filter(
        Q(duty=duty, year=year, standing=Standing.ACTIVE, status=Status.NOT_STARTED)
    ).exclude(division_id__in=still)
    ids = list(rows.select_for_update(of=("self",)).values_list("public_id", flat=True))
    if not ids:
        return 0
    reason = MARK_ENDED.format(mark=name)
    Assignment.objects.filter(public_id__in=ids).update(
        standing=Standing.NOT_APPLICABLE,
        standing_reason=reason,
        standing_by=by,
        standing_at=Now(),
    )
    lifecycle.cancel(label=LABEL, subject_ids=ids, by=by, reason=reason)
    return len(ids)


def _revive(duty: Duty, year: int, known: Marked, name: str, by: Any) -> int:
    """Bring back what had ended only because the mark was gone, where it is back."""
    still = known.divisions.get(duty.needs_mark_id or 0, set())
    rows = Assignment.objects.filter(
        duty=duty,
        year=year,
        standing=Standing.NOT_APPLICABLE,
        standing_reason=MARK_ENDED.format(mark=name),
        division_id__in=still,
    )
    ids = list(rows.select_for_update(of=("self",)).values_list("public_id", flat=True))
    if ids:
        Assignment.objects.filter(public_id__in=ids).update(
            standing=Standing.ACTIVE, standing_reason="", standing_by=by, standing_at=Now()
        )
        reason = f"“{name}”标记已恢复"
        lifecycle.reopen(label=LABEL, subject_ids=ids, by=by, reason=reason)
    return len(ids)
