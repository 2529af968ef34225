"""Opening a plan, writing its lines, words and policies."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock, periods
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.periods import Period, PeriodType
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Body
from responsibility.figures.models import Indicator
from responsibility.figures.services import reading as figures
from responsibility.flow import reviewing
from responsibility.flow import services as flow
from responsibility.flow.rules import is_editable
from responsibility.plans.models import Plan, PlanLine, PlanPolicy, PlanSection
from responsibility.plans.rules import PlanKind
from responsibility.plans.rules.checks import TEXT_LIMIT
from responsibility.plans.services import reading
from responsibility.plans.services.following import follow_duties
from responsibility.regulations.models import Programme

WRITER = Right.LOG_PROGRESS
SECTIONS = {
    PlanKind.YEARLY: ("总体要求", "重点任务和措施", "资金安排", "保障措施"),
    PlanKind.SPAN: ("基本情况", "总体目标", "重点任务", "保障措施"),
    PlanKind.DEPARTMENT: ("年度任务", "工作措施", "配套政策安排"),
}
HOW = {"typed": "填报", "rollup": "汇总", "query": "台账提取", "formula": "公式"}


@dataclass(frozen=True)
class LineInput:
    """What is written on one line."""

    target: Decimal
    responsible_body: Body | None = None
    due_on: date | None = None
    basis: str = ""
    source: str = ""
    note: str = ""
    limit: Indicator | None = None


@dataclass(frozen=True)
class PolicyInput:
    """What is written on one policy; ``households`` None: not counted yet."""

    title: str
    document: str = ""
    issued_on: date | None = None
    reach: str = ""
    households: int | None = None


@dataclass(frozen=True)
class Draft:
    """All that a draft's page sends: by line id, by section id, by policy id; and what is new."""

    basis: str = ""
    lines: Mapping[int, LineInput] = field(default_factory=dict)
    removed: Collection[int] = ()
    added: Mapping[Indicator, LineInput] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)
    policies: Mapping[int, PolicyInput] = field(default_factory=dict)
    policies_removed: Collection[int] = ()
    policies_added: Iterable[PolicyInput] = ()


def may_write(by: Any, body: Body) -> bool:
    """Say whether the user writes this body's plans (its recorder, its office)."""
    return any(reviewing.is_own(grant, body) for grant in access_of(by).with_right(WRITER))


def require_writer(by: Any, body: Body) -> None:
    """Raise Missing outside the territory, Forbidden where the plan is another body's."""
    if not may_write(by, body):
        access_of(by).require(Right.VIEW, body)
        raise Forbidden("只能编制本单位的计划。")


def check_open(row: Plan, by: Any) -> None:
    """Raise unless the user may change the content now."""
    require_writer(by, row.body)
    if row.voided_at or row.issued_at or not is_editable(row.status):
        raise Conflict(f"当前为“{row.stage_words}”，不能修改。")


def check_year(period: Period, today: date) -> None:
    """Raise for a year that is over (Conflict) or too far ahead (Invalid)."""
    if period.year < today.year:
        raise Conflict(f"{period.label}已经结束，不能再编制或修订计划。", where="period")
    if period.start.year > today.year + 1:
        raise Invalid("只能编制当年或下一年的计划。", where="period")


def _period_of(kind: PlanKind, code: str) -> Period:
    try:
        found = periods.parse(code.strip())
    except ValueError:
        raise Invalid("所属期写法不对，应如 2020。", where="period") from None
    wanted = PeriodType.SPAN if kind is PlanKind.SPAN else PeriodType.YEAR
    if found.type is not wanted:
        example = "2018/2020" if kind is PlanKind.SPAN else "2020"
        raise Invalid(f"所属期写法不对，应如 {example}。", where="period")
    return found


def kind_for(body: Body, span: bool = False) -> PlanKind:
    """Return the kind of plan that a body makes."""
    if not body.is_main:
        return PlanKind.DEPARTMENT
    return PlanKind.SPAN if span else PlanKind.YEARLY


@transaction.atomic
def open_plan(
    *, by: Any, body: Body, period: str, span: bool = False, today: date | None = None
) -> Plan:
    """Return the body's plan of a period, opened now if there is none.

    The targets that the tier above handed down and last year's numbers stand in it already.
    """
    require_writer(by, body)
    kind = kind_for(body, span)
    found = _period_of(kind, period)
    Body.objects.select_for_update(of=("self",), no_key=True).get(pk=body.pk)
    known = Plan.objects.filter(body=body, kind=kind, period=found.code, voided_at=None)
    if row := known.order_by("-version").first():
        return row
    check_year(found, today or clock.today())
    if body.ended_on:
        raise Conflict("这个单位已经撤销，不能再编制计划。")
    plan = Plan(kind=kind, body=body, period=found.code, recorder=by)
    plan.programme = Programme.objects.earliest("id")
    plan.recorder_role = audit.capacity_of(access_of(by))
    plan.place(body.division)
    plan.save()
    PlanSection.objects.bulk_create(
        PlanSection(plan=plan, position=number, title=title)
        for number, title in enumerate(SECTIONS[kind], 1)
    )
    _take_over(plan, body)
    audit.record(by=by, verb="plans.open", target=plan, new={"period": plan.period})
    follow_duties(plan, by)
    return plan


def _take_over(plan: Plan, body: Body) -> None:
    """Put in the targets that were handed down."""
    given = {
        part.line.indicator: part
        for part in reading.handed_down(body, plan.period)
        if part.target is not None
    }
    bases = baselines(plan, given)
    rows = []
    for number, (indicator, part) in enumerate(given.items(), 1):
        value, words = bases.get(indicator.key, (None, ""))
        rows.append(
            PlanLine(
                plan=plan,
                indicator=indicator,
                position=number,
                target=part.target or 0,
                handed_down=part.target,
                baseline=value,
                baseline_source=words,
                definition=indicator.definition,
                source=_source_of(indicator),
                due_on=part.line.due_on,
                basis=f"{part.line.plan.body.name}下达"[:300],
                limit_id=part.line.limit_id,
            )
        )
    PlanLine.objects.bulk_create(rows)


def baselines(plan: Plan, indicators: Iterable[Indicator]) -> dict[str, tuple[Decimal | None, str]]:
    """Return last period's number of each indicator with its source, from the ledger."""
    keys = [indicator.key for indicator in indicators]
    if not keys:
        return {}
    before = periods.previous(periods.parse(plan.period))
    found = figures.values(bodies=[plan.body_id], keys=keys, periods=[before.code])
    return {
        key: (
            item.value,
            f"{before.label}{HOW.get(item.how, '')}" if item.value is not None else "",
        )
        for (_, key, _), item in found.items()
    }


def _source_of(indicator: Indicator) -> str:
    return f"指标台账（{indicator.get_source_kind_display()}）"


@transaction.atomic
def save_draft(*, by: Any, plan: Plan, draft: Draft, revision: int | None = None) -> Plan:
    """Keep what was written on the lines, in the sections and on the policies.

    Raises Stale when another revision stands, Invalid for an indicator that is there already.
    """
    row = flow.lock(plan, revision=revision)
    check_open(row, by)
    old = {line.indicator.key: str(line.target) for line in standing_lines(row)}
    _change_lines(row, draft, by)
    _add_lines(row, draft.added)
    _write_texts(row, draft.texts)
    _write_policies(row, draft, by)
    row.basis = draft.basis.strip()[:300]
    row.revision += 1
    row.save()
    new = {line.indicator.key: str(line.target) for line in standing_lines(row)}
    audit.record(by=by, verb="plans.save", target=row, old=old, new=new)
    return row


def standing_lines(plan: Plan) -> list[PlanLine]:
    """Return a plan's lines in order."""
    return list(plan.lines.standing().with_names())


def _change_lines(row: Plan, draft: Draft, by: Any) -> None:
    for line in row.lines.standing().select_for_update(of=("self",)).order_by("id"):
        if line.pk in draft.removed:
            if line.handed_down is not None:
                raise Invalid("上级下达的指标不能移除。", where=f"remove-{line.pk}")
            line.voided_at, line.voided_by, line.void_reason = Now(), by, "编制时移除"
        elif given := draft.lines.get(line.pk):
            _fill(line, given)
        else:
            continue
        line.save()


def _fill(line: PlanLine, given: LineInput) -> None:
    line.target, line.due_on, line.limit = given.target, given.due_on, given.limit
    line.responsible_body = given.responsible_body
    line.basis, line.note = given.basis.strip()[:300], given.note.strip()[:300]
    line.source = given.source.strip()[:100] or line.source


def _add_lines(row: Plan, added: Mapping[Indicator, LineInput]) -> None:
    there = set(row.lines.standing().values_list("indicator_id", flat=True))
    bases = baselines(row, added)
    for number, (indicator, given) in enumerate(added.items(), len(there) + 1):
        if indicator.pk in there:
            raise Invalid(f"“{indicator.name}”已经在计划里了。", where="new-indicator")
        value, words = bases.get(indicator.key, (None, ""))
        line = PlanLine(
            plan=row, indicator=indicator, position=number, source=_source_of(indicator)
        )
        line.definition = indicator.definition
        line.baseline, line.baseline_source = value, words
        _fill(line, given)
        line.save()


def _write_texts(row: Plan, texts: Mapping[int, str]) -> None:
    for section in row.sections.all():
        text = texts.get(section.pk)
        if text is None or text == section.text:
            continue
        if len(text) > TEXT_LIMIT:
            raise Invalid(
                f"“{section.title}”最多 {TEXT_LIMIT} 字，现在 {len(text)} 字。",
                where=f"text-{section.pk}",
            )
        section.text = text
        section.save()


def _write_policies(row: Plan, draft: Draft, by: Any) -> None:
    for policy in row.policies.filter(voided_at=None):
        if policy.pk in draft.policies_removed:
            policy.voided_at, policy.voided_by, policy.void_reason = Now(), by, "编制时移除"
        elif given := draft.policies.get(policy.pk):
            for name in ("title", "document", "issued_on", "reach", "households"):
                setattr(policy, name, getattr(given, name))
        policy.save()
    known = set(row.policies.filter(voided_at=None).values_list("title", flat=True))
    for given in draft.policies_added:
        if given.title in known:
            raise Invalid(f"政策“{given.title[:20]}”已经列过。", where="new-policy")
        PlanPolicy.objects.create(plan=row, **vars(given))


@transaction.atomic
def report_reach(*, by: Any, policy: PlanPolicy, households: int) -> PlanPolicy:
    """Record how many households a policy of an issued plan has reached (article 7)."""
    row = flow.lock(policy.plan)
    require_writer(by, row.body)
    if not row.issued_at or row.superseded_at or row.voided_at:
        raise Conflict("只有已下达的计划登记受益户数；草稿请在编制页填写。")
    if not 0 <= households <= 10_000_000:
        raise Invalid("受益户数不合常理，请核对。", where="households")
    old, policy.households = policy.households, households
    policy.save(update_fields=["households"])
    audit.record(
        by=by,
        verb="plans.reach",
        target=row,
        old={policy.title: old},
        new={policy.title: households},
    )
    return policy
