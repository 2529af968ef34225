"""Which reports a user may open today: his own bodies' kinds, for the period that is due."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from responsibility.common import periods
from responsibility.common.periods import Period
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Body
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.rules import Rhythm

MOST = 12


@dataclass(frozen=True)
class Offer:
    """One report that may be opened."""

    kind: ReportKind
    body: Body
    period: Period


def periods_due(rhythm: str, since: date | None, day: date) -> list[Period]:
    """Return the period that ended last (if the kind was in force then) and the running one.

    A report of the year is written in the year; an event's or a single report belongs to today.
    """
    type_ = Rhythm(rhythm).period_type
    running = periods.containing(day, type_)
    if rhythm in (Rhythm.YEARLY, Rhythm.ONCE, Rhythm.EVENT):
        return [running]
    last = periods.previous(running)
    return [last, running] if since is None or since <= last.end else [running]


def own_bodies(user: Any) -> list[Body]:
    """Return the bodies for which the user writes, the division's own first."""
    grants = [
        grant
        for right in (Right.LOG_PROGRESS, Right.SUBMIT)
        for grant in access_of(user).with_right(right)
    ]
    places = {g.division_id for g in grants if g.division_id and g.body_id is None}
    named = {g.body_id for g in grants if g.body_id}
    if not places and not named:
        return []
    rows = Body.objects.filter(Q(division_id__in=places) | Q(pk__in=named), ended_on=None)
    return list(rows.select_related("division", "kind").order_by("-is_main", "pk")[:50])


def offers(user: Any, day: date) -> list[Offer]:
    """Return what may be opened: for each kind and body the earliest period not yet opened."""
    bodies = own_bodies(user)
    if not bodies:
        return []
    by_kind: dict[int, list[Body]] = {}
    for body in bodies:
        by_kind.setdefault(body.kind_id, []).append(body)
    kinds = ReportKind.objects.in_force(day).filter(submitters__in=by_kind).distinct()
    there = set(
        Report.objects.filter(body__in=bodies, period__gte=str(day.year - 1)).values_list(
            "kind_key", "body_id", "period"
        )
    )
    found = []
    for kind in kinds.prefetch_related("submitters").order_by("rhythm", "title", "pk"):
        for submitter in kind.submitters.all():
            for body in by_kind.get(submitter.pk, []):
                wanted = periods_due(kind.rhythm, kind.in_force_from, day)
                free = [p for p in wanted if (kind.key, body.pk, p.code) not in there]
                if free:
                    found.append(Offer(kind, body, free[0]))
    found.sort(key=lambda offer: offer.kind.rhythm == Rhythm.EVENT)
    return found[:MOST]
