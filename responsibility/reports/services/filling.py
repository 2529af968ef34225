"""Opening a report, letting it fill itself, writing its texts, sending it up."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock, periods
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines.services import lifecycle
from responsibility.divisions.models import Body, DivisionVersion
from responsibility.duties.models import Assignment
from responsibility.duties.rules import Standing
from responsibility.figures.models import FigureValue
from responsibility.figures.services.ledger import standing
from responsibility.flow import reviewing
from responsibility.flow import services as flow
from responsibility.flow.rules import Action, State
from responsibility.reports import rules
from responsibility.reports.models import (
    CellDef,
    Report,
    ReportCell,
    ReportFile,
    ReportKind,
    ReportRemark,
    ReportSnapshot,
    ReportStep,
    ReportText,
    SectionDef,
)
from responsibility.reports.rules import RowsAre
from responsibility.reports.services import checking, tables, tiers, timing, typed
from responsibility.reports.services.following import follow_duty

OWNER = Right.SUBMIT
WRITER = Right.LOG_PROGRESS
LABEL = timing.LABEL


def may_write(by: Any, body: Body) -> bool:
    """Say whether the user fills this body's report (its recorder, its office)."""
    access = access_of(by)
    return any(
        reviewing.is_own(grant, body)
        for right in (WRITER, OWNER)
        for grant in access.with_right(right)
    )


@transaction.atomic
def open_report(*, by: Any, kind: ReportKind, body: Body, period: str) -> Report:
    """Return the body's report of a period, opened now if there is none, filled from the ledger.

    A development zone reports only after the office extended the duty to it (未列明 until then).
    """
    if not may_write(by, body):
        access_of(by).require(Right.VIEW, body)
        raise Forbidden("只能填报本单位的报告。")
    _check_period(kind, period)
    Body.objects.select_for_update(of=("self",), no_key=True).get(pk=body.pk)
    found = Report.objects.filter(kind_key=kind.key, body=body, period=period).first()
    if found:
        return found
    _check_bound(kind, body, period)
    report = Report(kind=kind, body=body, period=period, recorder=by)
    report.recorder_role = audit.capacity_of(access_of(by))
    report.place(body.division)
    report.save()
    ReportText.objects.bulk_create(
        ReportText(report=report, section=section)
        for section in kind.sections.filter(section_kind="text")
    )
    collect_cells(report)
    timing.open_deadline(by=by, report=report)
    audit.record(by=by, verb="reports.open", target=report, new={"period": period})
    follow_duty(report, by)
    return report


def _check_period(kind: ReportKind, period: str) -> None:
    try:
        found = periods.parse(period)
    except ValueError:
        raise Invalid("所属期写法不对，应如 2020。", where="period") from None
    if problem := rules.period_problem(kind.rhythm, found, clock.today()):
        raise Invalid(problem, where="period")


def _check_bound(kind: ReportKind, body: Body, period: str) -> None:
    if not ReportKind.objects.in_force(clock.today()).filter(pk=kind.pk).exists():
        raise Conflict("这种报告没有起用或已停用，不能再开。")
    if not kind.submitters.filter(pk=body.kind_id).exists():
        raise Conflict("这种报告不由本单位报送。")
    if kind.duty is None:
        return
    row = Assignment.objects.filter(
        duty=kind.duty, body=body, year=periods.parse(period).year
    ).first()
    if row is None:
        raise Conflict(f"{period[:4]} 年的责任还没有落到本单位，须由市办先生成。")
    if row.standing != Standing.ACTIVE:
        raise Conflict(f"报告责任对本单位为“{row.get_standing_display()}”，须由市办先明确。")


def collect_cells(report: Report, only: Collection[str] | None = None) -> None:
    """Fill the figures (``only`` these indicators) from the ledger, each with its source."""
    now = _standing(report.body, report.period)
    last = _standing(report.body, periods.previous(periods.parse(report.period)).code)
    definitions = CellDef.objects.filter(section__kind_id=report.kind_id).exclude(
        section__rows_are=RowsAre.DIVISIONS
    )
    if only is not None:
        definitions = definitions.filter(indicator__key__in=only)
    there = set(report.cells.values_list("definition_id", flat=True))
    for definition in definitions.select_related("indicator"):
        key = definition.indicator.key
        found, before = now.get(key), last.get(key)
        if definition.typed and definition.pk in there:
            continue
        ReportCell.objects.update_or_create(
            report=report,
            definition=definition,
            defaults={
                "value": found.value if found else None,
                "last_value": before.value if before else None,
                "how": found.source_kind if found else "missing",
                "figure_id": found.public_id if found else None,
                "reported": found.reported if found else 0,
                "expected": found.expected if found else 0,
            },
        )
    if only is None:
        report.tables = tables.tables_of(report)
    Report.objects.filter(pk=report.pk).update(collected_at=Now(), tables=report.tables)


def _standing(body: Body, period: str) -> dict[str, FigureValue]:
    """Return the figures of the division, for which its own body stands, and the body's own."""
    if body.is_main:
        return standing(body, period)
    main = Body.objects.filter(division_id=body.division_id, is_main=True, ended_on=None).first()
    return {**(standing(main, period) if main else {}), **standing(body, period)}


def last_remarks(report: Report) -> QuerySet[ReportRemark]:
    """Return the remarks of the last return: they say what is open until the report passes."""
    returns = ReportStep.objects.filter(submission=report, action=Action.RETURN)
    rounds = returns.order_by().values("submission").annotate(n=Count("id")).values("n")
    return report.remarks.filter(round=Subquery(rounds))


def open_now(report: Report) -> frozenset[str] | None:
    """Return the items that may be changed now: None for all."""
    return rules.open_items(last_remarks(report).values_list("item", flat=True))


def check_open(row: Report, by: Any) -> None:
    """Raise unless this user may change the report now."""
    if not may_write(by, row.body):
        access_of(by).require(Right.VIEW, row)
        raise Forbidden("只能填报本单位的报告。")
    if row.status not in (State.DRAFT, State.RETURNED):
        raise Conflict(f"当前为“{row.get_status_display()}”，不能修改。")


@transaction.atomic
def save_texts(
    *,
    by: Any,
    report: Report,
    texts: Mapping[str, str],
    figures: Mapping[str, str] | None = None,
    revision: int | None = None,
) -> Report:
    """Keep what was written, section by section, and the typed ``figures`` by indicator key.

    On a returned report only returned items change.
    """
    row = flow.lock(report, revision=revision)
    check_open(row, by)
    allowed = open_now(row)
    old, new = typed.keep(row, figures, allowed) if figures else ({}, {})
    for item in row.texts.select_related("section"):
        key = item.section.key
        text = texts.get(key)
        if text is None or text == item.text or (allowed is not None and key not in allowed):
            continue
        if len(text) > rules.TEXT_LIMIT:
            raise Invalid(
                f"“{item.section.title}”最多 {rules.TEXT_LIMIT} 字，现在 {len(text)} 字。",
                where=key,
            )
        old[key], new[key] = item.text, text
        item.text, item.edited_by, item.edited_at = text, by, Now()
        item.save()
    if new:
        row.revision += 1
        row.no_data_reason = ""
        row.save()
        audit.record(by=by, verb="reports.save", target=row, old=old, new=new)
    return row


@transaction.atomic
def collect(*, by: Any, report: Report) -> Report:
    """Take the figures anew from the ledger: all of a draft, of a returned one what came back."""
    row = flow.lock(report)
    check_open(row, by)
    only = rules.open_figures(open_now(row))
    if only is not None and not only:
        raise Conflict("数据没有被退回，不能重新取数，仍按报送时的数。")
    collect_cells(row, only)
    audit.record(by=by, verb="reports.collect", target=row)
    return row


def content_of(report: Report) -> dict[str, Any]:
    """Return the whole content in canonical form: texts, figures with sources, names as of then."""
    texts = {item.section.key: item.text for item in report.texts.select_related("section")}
    cells = {
        cell.definition.indicator.key: {
            "name": cell.definition.indicator.name,
            "unit": cell.definition.indicator.unit,
            "value": None if cell.value is None else f"{cell.value.normalize():f}",
            "last": None if cell.last_value is None else f"{cell.last_value.normalize():f}",
            "how": cell.how,
            "figure": str(cell.figure_id) if cell.figure_id else None,
            "reported": cell.reported,
            "expected": cell.expected,
        }
        for cell in report.cells.select_related("definition__indicator").order_by("id")
    }
    extra: dict[str, Any] = {}
    if report.no_data_reason:
        extra["no_data"] = report.no_data_reason
    if report.tables:
        extra["tables"] = report.tables
    if files := _files_of(report):
        extra["files"] = files
    return {
        **extra,
        "kind": report.kind.key,
        "version": report.kind.version,
        "title": report.kind.title,
        "body": report.body.name,
        "division": _name_then(report),
        "code": report.division.code,
        "period": report.period,
        "texts": texts,
        "figures": cells,
    }


def _files_of(report: Report) -> dict[str, list[dict[str, str]]]:
    links = ReportFile.objects.filter(report=report, voided_at=None).order_by("id")
    found: dict[str, list[dict[str, str]]] = {}
    for key, name, digest in links.values_list("section__key", "name", "file__sha256"):
        found.setdefault(key, []).append({"name": name, "sha256": digest})
    return found


def _name_then(report: Report) -> str:
    day = min(periods.parse(report.period).end, clock.today())
    version = DivisionVersion.objects.as_of(day).filter(division_id=report.division_id).first()
    return version.name if version else report.division.name


def freeze(report: Report, stage: str) -> str:
    """Write a snapshot and return its digest."""
    content = content_of(report)
    found = rules.digest(content)
    ReportSnapshot.objects.create(report_id=report.pk, stage=stage, content=content, digest=found)
    return found


def check_complete(row: Report) -> None:
    """Raise Invalid naming the first section that is missing."""
    texts = {
        item.section.key: (item.section.title, item.text)
        for item in row.texts.select_related("section").order_by("section__position")
    }
    wrong = rules.missing(texts)
    if wrong:
        where, message = next(iter(wrong.items()))
        raise Invalid(message, where=where)
    typed.check_typed(row)


@transaction.atomic
def hand_in(
    *,
    by: Any,
    report: Report,
    answers: Mapping[str, str] | None = None,
    revision: int | None = None,
) -> Report:
    """Send a report up: first to the principal for 审签 where the kind asks for it."""
    row = flow.lock(report, revision=revision)
    check_open(row, by)
    row.flags = []
    if not row.no_data_reason:
        check_complete(row)
        row.flags = checking.check(row)
    row.save(update_fields=["flags"])
    _settle_remarks(row, answers or {})
    action = Action.ASK_APPROVAL if row.kind.needs_approval else Action.SUBMIT
    row = _act(row, action, by, content_hash=rules.digest(content_of(row)))
    if action is Action.SUBMIT:
        _handed_in(row, by)
    return row


def _act(row: Report, action: Action, by: Any, **extra: Any) -> Report:
    row = flow.act(
        submission=row,
        action=action,
        by=by,
        steps=ReportStep,
        right=OWNER if access_of(by).has(OWNER) else WRITER,
        needs_approval=row.kind.needs_approval,
        **extra,
    )
    follow_duty(row, by)
    return row


def _handed_in(row: Report, by: Any) -> None:
    tiers.begin(row)
    row.content_hash = freeze(row, "submitted")
    row.save(update_fields=["content_hash"])
    lifecycle.pause(label=LABEL, subject_ids=[row.public_id], by=by)


def _settle_remarks(row: Report, answers: Mapping[str, str]) -> None:
    content = content_of(row)
    for remark in last_remarks(row):
        remark.answer = answers.get(remark.item, "").strip()[:500] or remark.answer
        remark.new_value = item_value(content, remark.item)
        remark.settled_at = Now()
        remark.save()


def item_value(content: Mapping[str, Any], item: str) -> str:
    """Return one item of a content as text."""
    if item.startswith("figure:"):
        cell = content["figures"].get(item.removeprefix("figure:"), {})
        return str(cell.get("value") or "")
    if item in content.get("files", {}):
        return "、".join(file["name"] for file in content["files"][item])[:2000]
    return str(content["texts"].get(item, ""))[:2000]


@transaction.atomic
def approve(
    *, by: Any, report: Report, agree: bool, reason: str = "", revision: int | None = None
) -> Report:
    """审签: the body's 书记 or 行政正职 agrees (the report goes up) or sends it back.

    The step keeps the digest of what was approved; ``revision`` is the one that was read.
    """
    row = flow.lock(report, revision=revision)
    action = Action.APPROVE if agree else Action.DECLINE
    row = _act(row, action, by, reason=reason, content_hash=rules.digest(content_of(row)))
    if agree:
        row.approved_by = by
        row.save(update_fields=["approved_by"])
        _handed_in(row, by)
    return row


@transaction.atomic
def withdraw(*, by: Any, report: Report) -> Report:
    """Take back what nobody has taken up yet."""
    row = _act(report, Action.WITHDRAW, by)
    lifecycle.resume(label=LABEL, subject_ids=[row.public_id], by=by)
    return row


def sections_of(kind: ReportKind) -> list[SectionDef]:
    """Return a kind's sections in order."""
    return list(kind.sections.order_by("position"))
