"""What each ledger answers to a data item: letters, plans, reports, duties, issues, figures."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from responsibility.assessments.facts import ROWS, Fact, Row, register
from responsibility.assessments.models import Rectification
from responsibility.assessments.rules.running import Mending
from responsibility.common import clock, periods
from responsibility.common.periods import PeriodType
from responsibility.deadlines.models import Deadline
from responsibility.divisions.models import Body
from responsibility.duties.models import Assignment
from responsibility.duties.rules import Standing, Status
from responsibility.figures.models import Indicator
from responsibility.figures.services import reading as figures
from responsibility.letters.models import Letter
from responsibility.letters.rules import IN_FORCE
from responsibility.letters.rules import State as LetterState
from responsibility.plans.models import Plan
from responsibility.plans.services import reading as plans
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.rules import Rhythm
from responsibility.reports.services.timeliness import expected_periods
from responsibility.reports.services.timing import LABEL as REPORT

Facts = Mapping[int, Fact]
LETTERS = {
    "letters.due": "应签的责任书",
    "letters.signed": "已签的责任书",
    "letters.settled": "已结账的责任书",
}
REPORTS = {
    "reports.due": "到期应报的报告",
    "reports.submitted": "已报送的报告",
    "reports.timely": "按时报送的报告",
}
DUTIES = {
    "duties.assigned": "应承担的责任事项",
    "duties.done": "已完成的责任事项",
    "duties.kept": "没有逾期事项的责任",
}
ISSUES = {"issues.found": "交办的问题", "issues.closed": "按期销号的问题"}


def gathered(bodies: Sequence[Body], pairs: Sequence[tuple[int, Row]]) -> dict[int, Fact]:
    """Return the number of rows of each body, zero included, with the rows."""
    rows: dict[int, list[Row]] = defaultdict(list)
    for body, row in pairs:
        rows[body].append(row)
    return {
        body.pk: Fact(Decimal(len(rows[body.pk])), tuple(rows[body.pk][:ROWS]), len(rows[body.pk]))
        for body in bodies
    }


def letters(bodies: Sequence[Body], year: int, source: str) -> Facts:
    """Letters of a year: due (issued for signature), signed by all, settled."""
    states = {
        "letters.due": IN_FORCE,
        "letters.signed": (LetterState.SIGNED, LetterState.SETTLED),
        "letters.settled": (LetterState.SETTLED,),
    }.get(source)
    if states is None:
        return {}
    found = (
        Letter.objects.filter(body__in=bodies, year=year, status__in=states)
        .select_related("kind")
        .order_by("id")
    )
    return gathered(bodies, [(row.body_id, _row(row, "letters.letter")) for row in found])


def _row(row: Any, label: str) -> Row:
    return Row(str(row), label, str(row.public_id))


def planned(bodies: Sequence[Body], year: int, source: str) -> Facts:
    """The yearly plan issued (0 or 1), or the target of an indicator for the year."""
    if source == "plans.issued":
        rows = Plan.objects.in_force().filter(
            body__in=bodies, period=str(year), kind__in=plans.YEARLY
        )
        found = rows.select_related("body").order_by("id")
        return gathered(bodies, [(row.body_id, _row(row, "plans.plan")) for row in found])
    indicator = Indicator.objects.filter(key=source).first()
    if indicator is None:
        return {}
    targets = plans.targets(body_ids=[body.pk for body in bodies], year=year)
    words = f"{year}年计划：{indicator.name}"
    return {
        body: Fact(target, (Row(f"{words} {target.normalize():f}{indicator.unit}"),))
        for (body, key), target in targets.items()
        if key == indicator.pk
    }


def reported(bodies: Sequence[Body], year: int, source: str) -> Facts:
    """Reports owed so far in a year, handed in, and handed in by their date."""
    if source == "reports.due":
        return _reports_due(bodies, year)
    if source not in ("reports.timely", "reports.submitted"):
        return {}
    rows = list(
        Report.objects.filter(body__in=bodies, period__startswith=str(year))
        .exclude(submitted_at=None)
        .exclude(kind__rhythm=Rhythm.EVENT)
        .with_names()
        .order_by("id")
    )
    if source == "reports.timely":
        late = _late([row.public_id for row in rows])
        rows = [row for row in rows if row.public_id not in late]
    return gathered(bodies, [(row.body_id, _row(row, "reports.report")) for row in rows])


def _late(ids: Sequence[Any]) -> set[Any]:
    """Return the reports that came after their date."""
    today = clock.today()
    return {
        item.subject_id
        for item in Deadline.objects.of(REPORT, list(ids))
        if (item.settled_on or item.paused_since or today) > item.due_on
    }


def _reports_due(bodies: Sequence[Body], year: int) -> Facts:
    owed: dict[int, list[Row]] = defaultdict(list)
    kinds = ReportKind.objects.in_force(clock.today()).exclude(rhythm=Rhythm.EVENT)
    for kind in kinds.prefetch_related("submitters").order_by("key"):
        periods = expected_periods(kind, year, clock.today()) or []
        for bearer in kind.submitters.all():
            owed[bearer.pk] += [Row(f"{kind.title} {period}") for period in periods]
    return {
        body.pk: Fact(Decimal(len(owed[body.kind_id])), tuple(owed[body.kind_id][:ROWS]))
        for body in bodies
    }


def duties(bodies: Sequence[Body], year: int, source: str) -> Facts:
    """Duties of a year that are borne, done, not overdue. A main body answers for its division."""
    if source not in DUTIES:
        return {}
    places = {body.division_id: body.pk for body in bodies if body.is_main}
    alone = {body.pk for body in bodies if not body.is_main}
    own = _assignments(year, source).filter(division__in=places)
    pairs = [(places[row.division_id], _row(row, "duties.assignment")) for row in own]
    if alone:
        others = _assignments(year, source).filter(body__in=alone)
        pairs += [(row.body_id, _row(row, "duties.assignment")) for row in others]
    return gathered(bodies, pairs)


def _assignments(year: int, source: str) -> "QuerySet[Assignment]":
    rows = Assignment.objects.filter(year=year, standing=Standing.ACTIVE)
    if source == "duties.done":
        rows = rows.filter(status=Status.DONE)
    elif source == "duties.kept":
        late = Deadline.objects.filter(
            subject_type="duties.assignment",
            subject_id=OuterRef("public_id"),
            settled_on=None,
            paused_since=None,
            due_on__lt=clock.today(),
        )
        rows = rows.exclude(Exists(late))
    return rows.select_related("duty", "body").order_by("id")


def issues(bodies: Sequence[Body], year: int, source: str) -> Facts:
    """Rectifications due in a year, and those closed by their date."""
    rows = Rectification.objects.filter(body__in=bodies, due_on__year=year)
    if source == "issues.closed":
        rows = rows.filter(status=Mending.CLOSED)
        found = [
            row
            for row in rows.order_by("id")
            if row.reported_at and clock.day_of(row.reported_at) <= row.due_on
        ]
    elif source == "issues.found":
        found = list(rows.order_by("id"))
    else:
        return {}
    label = "assessments.rectification"
    pairs = [(row.body_id, Row(row.name, label, str(row.public_id))) for row in found]
    return gathered(bodies, pairs)


def figured(bodies: Sequence[Body], year: int, source: str) -> Facts:
    """An indicator's number of the year, or of the last period of the year that has one."""
    indicator = Indicator.objects.filter(key=source).first()
    if indicator is None:
        return {}
    codes = [item.code for item in periods.of_year(year, PeriodType(indicator.period_type))]
    found = figures.values(bodies=[body.pk for body in bodies], keys=[source], periods=codes)
    made: dict[int, Fact] = {}
    for body in bodies:
        for code in codes:
            given = found[body.pk, source, code]
            if given.value is not None:
                made[body.pk] = _figure(indicator, body, code, given)
    return made


def _figure(indicator: Indicator, body: Body, period: str, given: Any) -> Fact:
    parts = f"（已报 {given.reported}/{given.expected}）" if given.expected > 1 else ""
    words = f"{indicator.name} {given.value.normalize():f}{indicator.unit}{parts}"
    row = Row(words, "figures.value", f"{indicator.key}/{body.public_id}/{period}")
    return Fact(given.value, (row,))


def register_all() -> None:
    """Tell the registry of every ledger."""
    register("letters", "责任书", letters, LETTERS.copy)
    register("plans", "计划", planned, _plan_keys)
    register("reports", "报告", reported, REPORTS.copy)
    register("duties", "责任清单", duties, DUTIES.copy)
    register("issues", "整改台账", issues, ISSUES.copy)
    register("figures", "指标台账", figured, _indicator_keys)


def _indicator_keys() -> dict[str, str]:
    rows = Indicator.objects.filter(retired_on=None).order_by("position")
    return {row.key: f"{row.name}（{row.unit}）" for row in rows}


def _plan_keys() -> dict[str, str]:
    named = {key: f"{name}的年度计划数" for key, name in _indicator_keys().items()}
    return {"plans.issued": "已下达的年度计划（份）", **named}
