"""The yearly assignments: duty × body, in one go, idempotent."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock, periods
from responsibility.common.bulk import copy_rows
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.periods import PeriodType
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines.models import CalendarDay, DeadlineRule
from responsibility.deadlines.services import lifecycle
from responsibility.deadlines.services.opening import Opening, explain_date, open_many
from responsibility.divisions.models import Body
from responsibility.divisions.rules import TIER_LABELS, Tier
from responsibility.duties.models import Assignment, Duty, DutyBearer, ZoneExtension
from responsibility.duties.rules import (
    STANDINGS,
    WAITS_FOR_EXTENSION,
    WAITS_FOR_MARK,
    Bearing,
    Rhythm,
    Standing,
    standing_of,
)
from responsibility.duties.services.marking import Marked, marked, settle

LABEL = "duties.assignment"
YEAR_LOCK = 720_301
PERIODS = {
    Rhythm.HALF_YEARLY: PeriodType.HALF,
    Rhythm.QUARTERLY: PeriodType.QUARTER,
    Rhythm.MONTHLY: PeriodType.MONTH,
}


@dataclass
class Plan:
    """What assigning a year will make."""

    year: int
    rows: list[Assignment] = field(default_factory=list)
    existing: int = 0

    def table(self) -> list[tuple[str, str, int]]:
        """Return (tier, standing, count) in the order of tiers."""
        counts = Counter((row.division.tier, row.standing) for row in self.rows)
        standings = dict(STANDINGS)
        return [
            (TIER_LABELS[tier], standings[standing], counts[(tier.value, standing)])
            for tier in Tier
            for standing in standings
            if counts[(tier.value, standing)]
        ]


def plan_year(year: int, *, by_mark: bool = False, places: Collection[int] | None = None) -> Plan:
    """Return what is missing of a year's assignments, without writing.

    ``by_mark``: only of the duties that ask for a mark; ``places``: only at these divisions.
    """
    if not 2000 <= year <= 2100:
        raise Invalid("年度应在 2000 至 2100 之间。", where="year")
    plan = Plan(year)
    duties = Duty.objects.filter(retired_on=None)
    if by_mark:
        duties = duties.filter(needs_mark__isnull=False)
    existing = set(
        Assignment.objects.filter(year=year, duty__in=duties).values_list("duty_id", "body_id")
    )
    plan.existing = len(existing)
    known = marked(year)
    extended = set(ZoneExtension.objects.values_list("duty_id", flat=True))
    bearers = list(
        DutyBearer.objects.filter(duty__in=duties)
        .select_related("duty__needs_mark", "kind")
        .order_by("duty__position", "kind__position")
    )
    bodies = _bodies_by_kind({bearer.kind_id for bearer in bearers}, places)
    for bearer in bearers:
        _plan_bearer(plan, bearer, bodies.get(bearer.kind_id, []), existing, known, extended)
    if places is None:
        _plan_unmarked(plan, existing, known)
    return plan


def _bodies_by_kind(kinds: set[int], places: Collection[int] | None) -> dict[int, list[Body]]:
    found: dict[int, list[Body]] = {}
    rows = Body.objects.filter(ended_on=None, kind_id__in=kinds)
    if places is not None:
        rows = rows.filter(division__in=places)
    for body in rows.select_related("division").order_by("id"):
        found.setdefault(body.kind_id, []).append(body)
    return found


def _plan_bearer(
    plan: Plan,
    bearer: DutyBearer,
    bodies: list[Body],
    existing: set[tuple[int, int]],
    known: Marked,
    extended: set[int],
) -> None:
    duty = bearer.duty
    needed = duty.needs_mark_id
    places = known.divisions.get(needed or 0, set())
    for body in bodies:
        if (duty.pk, body.pk) in existing:
            continue
        is_marked = needed is not None and body.division_id in places
        bearing = Bearing(bearer.unlisted, duty.pk in extended, needed is not None, is_marked)
        standing = standing_of(bearing)
        if standing is not None:
            reason = WAITS_FOR_EXTENSION if standing == Standing.UNLISTED else ""
            plan.rows.append(_row(duty, body, plan.year, standing, reason))


def _plan_unmarked(plan: Plan, existing: set[tuple[int, int]], known: Marked) -> None:
    """A duty that asks for a mark stands 待认定 at each county that has imported none."""
    duties = list(
        Duty.objects.filter(needs_mark__isnull=False, retired_on=None).select_related("needs_mark")
    )
    if not duties:
        return
    counties = list(
        Body.objects.filter(is_main=True, ended_on=None, division__tier=Tier.COUNTY)
        .select_related("division")
        .order_by("division__sort_key")
    )
    for duty in duties:
        listed = known.counties.get(duty.needs_mark_id or 0, set())
        reason = WAITS_FOR_MARK.format(mark=duty.needs_mark)
        for body in counties:
            if body.county_id not in listed and (duty.pk, body.pk) not in existing:
                plan.rows.append(_row(duty, body, plan.year, Standing.UNDETERMINED, reason))


def _row(duty: Duty, body: Body, year: int, standing: Standing, reason: str) -> Assignment:
    row = Assignment(duty=duty, body=body, year=year, standing=standing, standing_reason=reason)
    row.division = body.division
    row.scope_path, row.county_id = body.scope_path, body.county_id
    return row


@transaction.atomic
def assign_year(*, year: int, by: Any = None, today: date | None = None) -> Plan:
    """Make the missing assignments of a year and open their deadlines; twice is a no-op."""
    if by is not None:
        access_of(by).require(Right.MANAGE_DUTIES)
    return _make(year, by, by_mark=False, today=today)


def open_year(*, today: date | None = None) -> int:
    """Open the year of ``today``: its assignments and their deadlines; return how many were made.

    Only for a city at work (an earlier year is assigned) and only once: what the office adds to
    the catalogue later it assigns itself. Twice is a no-op.
    """
    year = (today or clock.today()).year
    if Assignment.objects.filter(year=year).exists():
        return 0
    if not Assignment.objects.filter(year__lt=year).exists():
        return 0
    return len(assign_year(year=year, today=today).rows)


@transaction.atomic
def follow_marks(*, by: Any) -> None:
    """Make and settle what marks decide, this year and next, where those are assigned already."""
    this = clock.today().year
    for year in (this, this + 1):
        if Assignment.objects.filter(year=year).exists():
            _make(year, by, by_mark=True)


@transaction.atomic
def assign_places(*, year: int, places: Collection[int], since: date, by: Any) -> Plan:
    """Make a year's assignments of places that came to be during it; what was due for a period
    that had ended before is not asked of them.
    """
    _take_turns(year)
    return _write(plan_year(year, places=places), by, since)


def _make(year: int, by: Any, *, by_mark: bool, today: date | None = None) -> Plan:
    """One at a time for a year: a second one waits, and finds nothing missing."""
    _take_turns(year)
    plan = plan_year(year, by_mark=by_mark)
    settle(year=year, by=by)
    return _write(plan, by, today=today)


def _take_turns(year: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [YEAR_LOCK, min(abs(year), 9999)])


def _write(plan: Plan, by: Any, since: date | None = None, today: date | None = None) -> Plan:
    year = plan.year
    due = _due_dates(year)
    for row in plan.rows:
        if row.standing == Standing.ACTIVE:
            row.due_on = due.get(row.duty_id)
    copy_rows(plan.rows)
    open_deadlines(rows=plan.rows, by=by, since=since, today=today)
    if plan.rows:
        audit.record(
            by=by,
            verb="duties.assign",
            target="duties.assignment",
            new={"year": year, "created": len(plan.rows)},
        )
    return plan


def duty_periods(rhythm: str, year: int) -> list[periods.Period]:
    """Return the periods of a year in which a duty of this rhythm is due."""
    return periods.of_year(year, PERIODS.get(Rhythm(rhythm), PeriodType.YEAR))


def _due_dates(year: int) -> dict[int, date]:
    """Return by duty the last date of the year on which it is due."""
    duties = Duty.objects.exclude(deadline_rule="").exclude(rhythm=Rhythm.ON_EVENT)
    known = DeadlineRule.objects.by_key(duty.deadline_rule for duty in duties)
    overrides = CalendarDay.objects.overrides()
    found: dict[int, date] = {}
    cache: dict[tuple[str, str], date] = {}
    for duty in duties:
        if duty.deadline_rule not in known:
            continue
        key = (duty.deadline_rule, duty.rhythm)
        if key not in cache:
            last = duty_periods(duty.rhythm, year)[-1]
            cache[key] = explain_date(known[duty.deadline_rule], last.code, None, overrides).due_on
        found[duty.pk] = cache[key]
    return found


def open_deadlines(
    *, rows: list[Assignment], by: Any, since: date | None = None, today: date | None = None
) -> int:
    """Open the deadlines of assignments that bind and have a rule; returns how many.

    ``since``: only of the periods that had not ended before this day.
    """
    known = set(DeadlineRule.objects.values_list("key", flat=True))
    wishes = [
        Opening(
            rule=row.duty.deadline_rule,
            subject_type=LABEL,
            subject_id=row.public_id,
            title=row.duty.title,
            division_id=row.division_id,
            body_id=row.body_id,
            period=period.code,
        )
        for row in rows
        if row.standing == Standing.ACTIVE
        and row.duty.deadline_rule in known
        and row.duty.rhythm != Rhythm.ON_EVENT
        for period in duty_periods(row.duty.rhythm, row.year)
        if since is None or period.end >= since
    ]
    return open_many(openings=wishes, by=by, today=today) if wishes else 0


@transaction.atomic
def extend_to_zones(*, duty: Duty, basis: str, document: str = "", by: Any) -> int:
    """Extend a duty to the development zones on a recorded basis; return how many now bear it."""
    access_of(by).require(Right.MANAGE_DUTIES)
    if not basis.strip():
        raise Invalid("请写明依据，例如“参照县级，市领导小组会议纪要”。", where="basis")
    if not duty.bearers.filter(unlisted=True).exists():
        raise Conflict("这项责任的条文已列明市属开发区，不需明确。")
    extension, created = ZoneExtension.objects.get_or_create(
        duty=duty, defaults={"basis": basis.strip(), "document": document, "extended_by": by}
    )
    if not created:
        raise Conflict("这项责任已经明确由市属开发区承担。")
    rows = list(
        Assignment.objects.filter(duty=duty, standing=Standing.UNLISTED).select_related("duty")
    )
    due = {year: _due_dates(year).get(duty.pk) for year in {row.year for row in rows}}
    for row in rows:
        row.standing, row.standing_reason = Standing.ACTIVE, f"市办明确：{basis.strip()}"[:300]
        row.due_on, row.standing_by, row.standing_at = due[row.year], by, Now()
    Assignment.objects.bulk_update(
        rows,
        ["standing", "standing_reason", "due_on", "standing_by", "standing_at"],
        batch_size=1000,
    )
    open_deadlines(rows=rows, by=by)
    audit.record(
        by=by, verb="duties.extend", target=extension, new={"basis": basis, "bodies": len(rows)}
    )
    return len(rows)


@transaction.atomic
def mark_not_applicable(*, assignment: Assignment, reason: str, by: Any) -> Assignment:
    """Say that a duty does not apply to a body, with the reason; the approver is ``by``."""
    access_of(by).require(Right.MANAGE_DUTIES, assignment)
    if not reason.strip():
        raise Invalid("请写明不适用的原因。", where="reason")
    row = Assignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk)
    if row.standing == Standing.NOT_APPLICABLE:
        raise Conflict("已经认定为不适用。")
    if row.status != "not_started":
        raise Conflict("已有进展，不能认定为不适用；请先办理更正。")
    old = row.standing
    row.standing, row.standing_reason = Standing.NOT_APPLICABLE, reason.strip()[:300]
    row.standing_by, row.standing_at = by, Now()
    row.save()
    lifecycle.cancel(label=LABEL, subject_ids=[row.public_id], by=by, reason=reason.strip()[:200])
    audit.record(
        by=by,
        verb="duties.not_applicable",
        target=row,
        old={"standing": old},
        new={"standing": row.standing},
        note=reason.strip(),
    )
    return row
