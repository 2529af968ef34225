"""Sending a plan up, reviewing it, issuing it, revising and voiding it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.audit.rules import canonical, digest
from responsibility.common import clock, periods
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.flow import reviewing
from responsibility.flow import services as flow
from responsibility.flow.rules import Action, State, is_editable
from responsibility.plans import rules
from responsibility.plans.models import (
    Plan,
    PlanLine,
    PlanPart,
    PlanPolicy,
    PlanRemark,
    PlanSection,
    PlanStep,
)
from responsibility.plans.rules.checks import Problem
from responsibility.plans.services import following, reading
from responsibility.plans.services.drafting import (
    WRITER,
    check_year,
    require_writer,
    standing_lines,
)
from responsibility.plans.services.splitting import check_lines, parts_of
from responsibility.plans.signals import plan_issued, plan_revised

ISSUER = Right.SUBMIT


def content_of(plan: Plan) -> dict[str, Any]:
    """Return the whole content in canonical form, names as of now."""
    parts: dict[int, dict[str, str | None]] = {}
    for (line, _), part in sorted(parts_of(plan).items()):
        value = None if part.target is None else f"{part.target.normalize():f}"
        parts.setdefault(line, {})[part.division.code] = value
    return {
        "body": plan.body.name,
        "kind": plan.kind,
        "period": plan.period,
        "version": plan.version,
        "basis": plan.basis,
        "lines": [_line_content(line, parts.get(line.pk, {})) for line in standing_lines(plan)],
        "sections": [[item.title, item.text] for item in plan.sections.order_by("position")],
        "policies": list(
            plan.policies.filter(voided_at=None)
            .order_by("id")
            .values_list("title", "document", "reach")
        ),
    }


def _line_content(line: PlanLine, parts: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        "indicator": line.indicator.key,
        "target": f"{line.target.normalize():f}",
        "due_on": line.due_on.isoformat() if line.due_on else None,
        "basis": line.basis,
        "note": line.note,
        "parts": dict(parts),
    }


def problems_of(plan: Plan) -> list[Problem]:
    """Return all that does not hold in a plan, line by line."""
    return [problem for _, line in check_lines(plan) for problem in rules.line_problems(line)]


def _act(row: Plan, action: Action, by: Any, **extra: Any) -> Plan:
    right = ISSUER if access_of(by).has(ISSUER) else WRITER
    row = flow.act(submission=row, action=action, by=by, steps=PlanStep, right=right, **extra)
    following.follow_duties(row, by)
    return row


def _living(plan: Plan, revision: int | None = None) -> Plan:
    row = flow.lock(plan, revision=revision)
    if row.voided_at:
        raise Conflict("这份计划已经作废。")
    return row


@transaction.atomic
def submit(*, by: Any, plan: Plan, revision: int | None = None) -> Plan:
    """Send a plan to review; refused while something in it cannot stand.

    A split that does not add up may go to review (it is shown in red), but not be issued without a
    reason.
    """
    row = _living(plan, revision)
    _check_complete(row)
    wrong = [item for item in problems_of(row) if item.weight != "reason"]
    if wrong:
        raise Invalid(_words(wrong))
    return _act(row, Action.SUBMIT, by, content_hash=digest(canonical(content_of(row))))


def _check_complete(row: Plan) -> None:
    if row.lines.standing().exists():
        return
    if row.body.is_main:
        raise Invalid("计划还没有指标，请先添加。")
    if not row.sections.exclude(text="").exists():
        raise Invalid("计划还没有内容，请先填写。")


def _words(problems: list[Problem]) -> str:
    first = f"“{problems[0].name}”{problems[0].words}"
    return f"{first}。" if len(problems) == 1 else f"{first}；另有 {len(problems) - 1} 处要改。"


@transaction.atomic
def withdraw(*, by: Any, plan: Plan) -> Plan:
    """Take back what nobody has taken up yet."""
    return _act(_living(plan), Action.WITHDRAW, by)


@transaction.atomic
def return_plan(
    *,
    by: Any,
    plan: Plan,
    reason: str,
    remarks: Mapping[str, str] | None = None,
    revision: int | None = None,
) -> Plan:
    """Return a plan with remarks by line (indicator key → remark)."""
    known = {key: text.strip() for key, text in (remarks or {}).items() if text.strip()}
    words = reason.strip() or "；".join(known.values())
    row = _act(_living(plan), Action.RETURN, by, reason=words[:500], revision=revision)
    round_ = row.steps.filter(action=Action.RETURN).count()
    targets = {line.indicator.key: str(line.target) for line in standing_lines(row)}
    for item, text in known.items():
        PlanRemark.objects.create(
            submission=row,
            item=item,
            text=text[:500],
            by=by,
            round=round_,
            old_value=targets.get(item, ""),
        )
    return row


@transaction.atomic
def pass_plan(*, by: Any, plan: Plan, revision: int | None = None) -> Plan:
    """Pass a plan as it was handed in; it is issued by its own body afterwards."""
    row = _act(_living(plan), Action.PASS, by, revision=revision)
    row.remarks.filter(settled_at=None).update(settled_at=Now())
    return row


def may_issue(by: Any, plan: Plan) -> bool:
    """Say whether the user issues plans of this body: its office, or its principals."""
    access = access_of(by)
    grants = [*access.with_right(ISSUER), *access.with_right(Right.APPROVE)]
    return any(reviewing.is_own(grant, plan.body) for grant in grants)


def _require_issuer(by: Any, row: Plan) -> None:
    if not may_issue(by, row):
        access_of(by).require(Right.VIEW, row)
        raise Forbidden("须由本单位有报送权限的人员办理。")


@transaction.atomic
def issue(*, by: Any, plan: Plan, reason: str = "", revision: int | None = None) -> Plan:
    """下达 a passed plan: it replaces the version before and reaches the divisions below.

    ``reason`` is asked where a split does not add up. Raises Conflict, Forbidden, Invalid, Stale.
    """
    row = _living(plan, revision)
    _require_issuer(by, row)
    if row.issued_at or row.status != State.PASSED:
        raise Conflict(f"当前为“{row.stage_words}”，不能下达。")
    _check_balanced(row, reason)
    if digest(canonical(content_of(row))) != row.approved_hash:
        raise Conflict("内容与审核通过时不同，不能下达。")
    _replace(row, by)
    row.issued_at, row.issued_by = Now(), by
    row.unbalanced_reason = reason.strip()[:500]
    row.revision += 1
    row.save()
    row.refresh_from_db(fields=["issued_at"])
    _step(row, "issue", by, reason)
    verb = "plans.issue" if row.version == 1 else "plans.revise"
    audit.record(by=by, verb=verb, target=row, note=reason)
    following.hand_down(row, by)
    following.answer(row, by)
    following.follow_duties(row, by)
    signal = plan_issued if row.version == 1 else plan_revised
    signal.send(Plan, plan=row, by=by)
    return row


def _check_balanced(row: Plan, reason: str) -> None:
    lines = [line for _, line in check_lines(row)]
    wrong = rules.blocking(lines, reason=reason)
    if not wrong:
        return
    soft = wrong[0].weight == "reason"
    ending = "要下达须写明原因。" if soft else ""
    raise Invalid(f"{_words(wrong)}{ending}", where="reason" if soft else "")


def _replace(row: Plan, by: Any) -> None:
    old = Plan.objects.in_force().filter(body=row.body, kind=row.kind, period=row.period)
    for before in old.select_for_update(of=("self",)):
        before.superseded_at = Now()
        before.save(update_fields=["superseded_at"])
        following.withdraw_hand_downs(before, by, "计划已修订，以新版为准")


def _step(row: Plan, action: str, by: Any, reason: str = "") -> None:
    PlanStep.objects.create(
        submission=row,
        action=action,
        source=row.status,
        target=row.status,
        by=by,
        role=audit.capacity_of(access_of(by)),
        reason=reason.strip()[:500],
        content_hash=row.content_hash,
    )


@transaction.atomic
def revise(*, by: Any, plan: Plan, reason: str, today: date | None = None) -> Plan:
    """Open a new version of an issued plan; the old one stands until the new one is issued."""
    row = _living(plan)
    require_writer(by, row.body)
    if row.issued_at is None or row.superseded_at:
        raise Conflict(f"当前为“{row.stage_words}”，只有执行中的版本可以修订。")
    check_year(periods.parse(row.period), today or clock.today())
    if not reason.strip():
        raise Invalid("请写明修订原因。", where="reason")
    if Plan.objects.filter(previous=row, voided_at=None).exists():
        raise Conflict("已有一份修订稿，请在那一份上改。")
    new = Plan(
        programme=row.programme,
        kind=row.kind,
        body=row.body,
        period=row.period,
        version=row.version + 1,
        previous=row,
        basis=row.basis,
        revise_reason=reason.strip()[:500],
        recorder=by,
        recorder_role=audit.capacity_of(access_of(by)),
        is_demo=row.is_demo,
    )
    new.place(row.division)
    new.save()
    _copy(row, new)
    audit.record(by=by, verb="plans.open_revision", target=new, note=reason)
    return new


def _copy(old: Plan, new: Plan) -> None:
    parts = parts_of(old)
    given = {
        part.line.indicator_id: part.target for part in reading.handed_down(new.body, new.period)
    }
    made: dict[int, PlanLine] = {}
    for line in standing_lines(old):
        made[line.pk] = PlanLine(
            plan=new,
            **{
                name: getattr(line, name)
                for name in (
                    "indicator",
                    "position",
                    "target",
                    "baseline",
                    "baseline_source",
                    "definition",
                    "source",
                    "responsible_body",
                    "due_on",
                    "basis",
                    "note",
                    "limit",
                )
            },
            handed_down=given.get(line.indicator_id),
        )
    PlanLine.objects.bulk_create(made.values())
    rows = []
    for (line_id, _), part in parts.items():
        row = PlanPart(line=made[line_id], target=part.target, last_editor=part.last_editor)
        row.place(part.division)
        rows.append(row)
    PlanPart.objects.bulk_create(rows, batch_size=1000)
    PlanSection.objects.bulk_create(
        PlanSection(plan=new, position=item.position, title=item.title, text=item.text)
        for item in old.sections.all()
    )
    PlanPolicy.objects.bulk_create(
        PlanPolicy(
            plan=new,
            title=item.title,
            document=item.document,
            issued_on=item.issued_on,
            reach=item.reach,
            households=item.households,
        )
        for item in old.policies.filter(voided_at=None)
    )


@transaction.atomic
def void(*, by: Any, plan: Plan, reason: str) -> Plan:
    """作废 a draft (by its writer) or an issued plan (by its office); the row stays readable."""
    row = _living(plan)
    if row.issued_at or not is_editable(row.status):
        _require_issuer(by, row)
    else:
        require_writer(by, row.body)
    if row.superseded_at:
        raise Conflict("已被新版替换，不用作废。")
    if row.status in (State.SUBMITTED, State.IN_REVIEW):
        raise Conflict("正在审核，请先撤回。")
    if not reason.strip():
        raise Invalid("请写明作废原因。", where="reason")
    row.voided_at, row.voided_by, row.void_reason = Now(), by, reason.strip()[:200]
    row.revision += 1
    row.save()
    following.withdraw_hand_downs(row, by, "计划已作废")
    audit.record(by=by, verb="plans.void", target=row, note=reason)
    return row
