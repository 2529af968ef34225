"""Pages of one unit: its sheet, self-assessment, look-ahead, dossier, proof; one leaf's walk."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from responsibility.assessments.models import (
    Appeal,
    DataItem,
    LeafEntry,
    LeafEvidence,
    Result,
    Subject,
)
from responsibility.assessments.rules import Manual, parse_scheme, simulate
from responsibility.assessments.rules.leaves import formula
from responsibility.assessments.rules.outlook import Outlook
from responsibility.assessments.rules.running import Finding, Stage
from responsibility.assessments.services import (
    appeals,
    filling,
    freezing,
    reading,
    scoring,
    trial,
    verifying,
)
from responsibility.assessments.services.access import is_unit
from responsibility.assessments.services.filling import Answer
from responsibility.assessments.services.links import audit_links
from responsibility.assessments.services.sheets import live, score_sheet
from responsibility.assessments.services.verifying import Checked
from responsibility.assessments.views.common import (
    acted,
    download,
    entry_of,
    mark,
    number,
    subject_of,
    text,
)
from responsibility.common.errors import DomainError, Forbidden, Invalid, Missing
from responsibility.common.rights import Right
from responsibility.common.views import access, get_visible
from responsibility.files import serving
from responsibility.files.services import store_upload

RIGHT = Right.MANAGE_ASSESSMENTS


def sheet_page(
    request: HttpRequest, subject: Subject, refused: str = "", status: int = 200
) -> HttpResponse:
    """Show a unit's sheet."""
    run = subject.run
    held = access(request)
    scheme = run.scheme.scheme
    mine = held.allows(RIGHT, run)
    context = {
        "subject": subject,
        "run": run,
        "data": scheme,
        "lines": reading.sheet(subject),
        "asked": filling.missing(subject),
        "shows": filling.may_see_marks(request.user, subject),
        "can_write": filling.can_write(request.user, subject),
        "can_send": run.status == Stage.SELF and is_unit(request.user, subject, *filling.SEND),
        "can_appeal": appeals.can_appeal(request.user, subject),
        "mine": mine,
        "can_line": mine and run.status in (Stage.COLLECTING, Stage.SELF, Stage.VERIFYING),
        "hits": subject.red_lines.filter(voided_at=None).order_by("id"),
        "line_names": {line.key: line for line in scheme.red_lines},
        "parts": subject.part_marks.order_by("id"),
        "part_names": {part.key: part for part in scheme.parts},
        "appeals": subject.appeals.order_by("id"),
        "results": subject.results.order_by("version") if run.is_settled else [],
        "mendings": subject.rectifications.order_by("id"),
        "leaf_names": reading.names(scheme),
        "live": live(scheme),
        "refused": refused,
        "statement": request.POST.get("statement", subject.statement),
    }
    return render(request, "assessments/unit.html", context, status=status)


@require_GET
def unit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A unit's sheet: every indicator with its data, self-assessment, mark and reason."""
    return sheet_page(request, subject_of(request, public_id))


@require_POST
def unit_act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Hand in or take back the self-assessment; record a red line."""
    subject = subject_of(request, public_id)
    do = request.POST.get("do", "")
    if do == "red_line" and not access(request).allows(RIGHT, subject.run):
        raise Forbidden("红线由组织考核的领导小组办公室认定。")

    def work() -> str:
        by: Any = request.user
        if do == "submit":
            filling.submit(by=by, subject=subject, statement=text(request, "statement"))
        elif do == "withdraw":
            filling.withdraw(by=by, subject=subject)
        elif do == "red_line":
            key, reason = text(request, "key", 60), text(request, "reason", 500)
            verifying.cross_red_line(by=by, subject=subject, key=key, reason=reason)
        else:
            raise Invalid("不认识的操作。", where="do")
        return reverse("assessment_unit", args=[subject.public_id])

    def again(refused: str, status: int) -> HttpResponse:
        return sheet_page(request, subject_of(request, public_id), refused, status)

    return acted(request, work, "已办理。", again)


@require_http_methods(["GET", "POST"])
def unit_outlook(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What the unit would get today, what is at risk and why, what it could still do; and a trial
    with other numbers that touches no data.
    """
    subject = subject_of(request, public_id)
    scheme = subject.run.scheme.scheme
    inputs, found, given = trial.look_ahead(subject)
    context: dict[str, Any] = {
        "subject": subject,
        "run": subject.run,
        "outlook": found,
        "rows": _simulated_rows(request, subject, inputs),
    }
    status = 200
    if request.method == "POST":
        try:
            changes = _changes(request, subject)
            context["simulated"] = simulate(
                scheme,
                inputs,
                changes,
                parts=given.parts[subject.pk],
                red_lines=given.lines[subject.pk],
            )
            context["difference"] = context["simulated"].total - found.score.total
        except Invalid as error:
            context["refused"], status = error.message, error.status
    _name_risks(context, found)
    return render(request, "assessments/outlook.html", context, status=status)


def _name_risks(context: dict[str, Any], found: Outlook) -> None:
    words = {
        "missing": ("yellow", "缺数据"),
        "overdue": ("red", "已过期"),
        "shortfall": ("blue", "未达满分"),
    }
    context["risks"] = [(risk, *words.get(risk.kind, ("blue", ""))) for risk in found.risks]


def _simulated_rows(request: HttpRequest, subject: Subject, inputs: Any) -> list[dict[str, Any]]:
    rows = []
    for leaf in subject.run.scheme.scheme.leaves():
        for item in leaf.items:
            name = f"{leaf.key}.{item.key}"
            value = inputs[leaf.key].values.get(item.key)
            now = "" if value is None else f"{value.normalize():f}"
            rows.append(
                {
                    "leaf": leaf.name,
                    "item": item,
                    "name": name,
                    "now": now,
                    "typed": request.POST.get(name, now),
                }
            )
    return rows


def _changes(request: HttpRequest, subject: Subject) -> dict[str, dict[str, Decimal | None]]:
    made: dict[str, dict[str, Decimal | None]] = {}
    for leaf in subject.run.scheme.scheme.leaves():
        for item in leaf.items:
            name = f"{leaf.key}.{item.key}"
            if name in request.POST:
                value = number(request.POST[name], name, item.name)
                made.setdefault(leaf.key, {})[item.key] = value
    return made


@require_GET
def unit_dossier(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The whole sheet with all that it rests on, for print."""
    subject = subject_of(request, public_id)
    if not filling.may_see_marks(request.user, subject):
        raise Missing("结果还没有反馈。")
    entries = list(subject.entries.order_by("position"))
    leaves = {leaf.key: leaf for leaf in subject.run.scheme.scheme.leaves()}
    items: dict[str, list[DataItem]] = {}
    for item in subject.items.order_by("id"):
        items.setdefault(item.leaf, []).append(item)
    files: dict[str, list[LeafEvidence]] = {}
    rows = LeafEvidence.objects.filter(entry__subject=subject, voided_at=None)
    for link in rows.select_related("entry", "file").order_by("id"):
        files.setdefault(link.entry.leaf, []).append(link)
    context = {
        "subject": subject,
        "run": subject.run,
        "lines": [
            (leaves[entry.leaf], entry, items.get(entry.leaf, []), files.get(entry.leaf, []))
            for entry in entries
        ],
        "result": subject.results.order_by("-version").first(),
    }
    return render(request, "assessments/dossier.html", context)


@require_GET
def unit_sheet(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The score as a workbook whose formulas are alive."""
    subject = subject_of(request, public_id)
    if not filling.may_see_marks(request.user, subject):
        raise Missing("结果还没有反馈。")
    scheme = subject.run.scheme.scheme
    if not live(scheme):
        raise Missing("有构成权重的方案没有带公式的表，请看逐项得分。")
    inputs = scoring.Given([subject]).inputs(subject.pk)
    return download(score_sheet(scheme, inputs), f"score-{subject.run.year}.xlsx")


@require_GET
def result_proof(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The proof package of a frozen result."""
    row = get_visible(Result.objects.select_related("subject__run"), request, public_id)
    data = freezing.package(row, audit_links=audit_links(row.subject))
    return download(data, f"proof-{row.public_id}.zip", "application/zip")


def walk_page(
    request: HttpRequest, entry: LeafEntry, refused: str = "", status: int = 200, **extra: Any
) -> HttpResponse:
    """Show one score with all that it rests on."""
    subject, run = entry.subject, entry.subject.run
    leaf = run.scheme.scheme.leaf(entry.leaf)
    numbers = reading.numbers(entry)
    problem = verifying.problem(request.user, entry) if run.status == Stage.VERIFYING else ""
    can_verify = run.status == Stage.VERIFYING and not problem
    open_appeal = entry.subject.appeals.filter(leaf=entry.leaf, decision="").first()
    mine = access(request).allows(RIGHT, run)
    context = {
        "entry": entry,
        "subject": subject,
        "run": run,
        "leaf": leaf,
        "numbers": numbers,
        "rule_words": formula(leaf),
        "footing": reading.footing(request.user, entry, leaf),
        "evidence": entry.evidence.filter(voided_at=None).select_related("file").order_by("id"),
        "appeals": subject.appeals.filter(leaf=entry.leaf).order_by("id"),
        "open_appeal": open_appeal,
        "is_manual": isinstance(leaf.rule, Manual),
        "shows": filling.may_see_marks(request.user, subject),
        "can_write": filling.can_write(request.user, subject),
        "can_attach": run.status in (Stage.COLLECTING, Stage.SELF, Stage.NOTICED)
        and is_unit(request.user, subject, *filling.WRITE),
        "can_verify": can_verify,
        "verify_problem": problem,
        "can_appeal": appeals.can_appeal(request.user, subject) and open_appeal is None,
        "can_decide": mine and open_appeal is not None and run.status == Stage.NOTICED,
        "can_amend": mine and run.is_settled,
        "typed": request.POST,
        "refused": refused,
        **extra,
    }
    return render(request, "assessments/walk.html", context, status=status)


@require_GET
def walk(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """得分溯源: rule with numbers → data → rows → evidence → duty → clause."""
    return walk_page(request, entry_of(request, public_id))


@require_POST
def walk_act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answer, verify, appeal, decide, amend, attach, recompute: one leaf at a time."""
    entry = entry_of(request, public_id)
    do = request.POST.get("do", "")
    if do == "recompute":
        return _recompute(request, entry)
    if do in ("decide", "amend") and not access(request).allows(RIGHT, entry.subject.run):
        raise Forbidden("由组织考核的领导小组办公室办理。")
    try:
        words = _act(request, entry, do)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        return walk_page(request, entry_of(request, public_id), error.message, error.status)
    messages.success(request, words)
    return redirect(reverse("assessment_leaf", args=[entry.public_id]))


def _values(request: HttpRequest, entry: LeafEntry) -> dict[str, Decimal | None]:
    items = DataItem.objects.filter(subject=entry.subject_id, leaf=entry.leaf)
    return {
        item.key: number(request.POST[f"v:{item.key}"], item.key, item.name)
        for item in items
        if f"v:{item.key}" in request.POST
    }


def _act(request: HttpRequest, entry: LeafEntry, do: str) -> str:
    by: Any = request.user
    values = _values(request, entry)
    manual = mark(request.POST.get("manual", ""), "manual", "评定分")
    reason = text(request, "reason", 2000)
    absent = {"yes": True, "no": False}.get(request.POST.get("absent", ""))
    subject = entry.subject
    if do == "answer":
        given = Answer(
            values=values,
            self_mark=mark(request.POST.get("self_mark", ""), "self_mark", "自评分"),
            note=text(request, "note"),
            absent=absent is True,
            absent_reason=text(request, "absent_reason", 300),
        )
        filling.answer(by=by, subject=subject, leaf=entry.leaf, given=given)
        return "已保存。"
    if do == "verify":
        note = text(request, "note", 500)
        checked = Checked(values, note, manual, text(request, "manual_reason", 300), absent)
        done = verifying.verify(by=by, entry=entry, checked=checked)
        return "已核验：" + ("属实。" if done.finding == Finding.AGREED else "已调整。")
    if do == "appeal":
        appeals.file_appeal(by=by, subject=subject, leaf=entry.leaf, reason=reason)
        return "申诉已提交。"
    if do == "decide":
        return _decide(request, entry, values, manual, absent)
    if do == "amend":
        document = text(request, "document", 200)
        freezing.amend(
            by=by,
            subject=subject,
            leaf=entry.leaf,
            reason=reason,
            document=document,
            values=values,
            manual=manual,
            absent=absent,
        )
        return "已按决定另出新版，原结果保留。"
    if do == "attach":
        upload: Any = request.FILES.get("file")
        if upload is None:
            raise Invalid("请先选文件。", where="file")
        stored, _ = store_upload(by=by, upload=upload)
        filling.attach(by=by, entry=entry, file=stored, name=upload.name)
        return "已上传。"
    raise Invalid("不认识的操作。", where="do")


def _decide(
    request: HttpRequest,
    entry: LeafEntry,
    values: dict[str, Decimal | None],
    manual: Decimal | None,
    absent: bool | None,
) -> str:
    found = Appeal.objects.filter(subject=entry.subject_id, leaf=entry.leaf, decision="").first()
    if found is None:
        raise Invalid("这项没有等待决定的申诉。")
    done = appeals.decide(
        by=request.user,
        appeal=found,
        granted=request.POST.get("granted") == "yes",
        reason=text(request, "reason", 500),
        values=values,
        manual=manual,
        absent=absent,
    )
    return f"已决定：{done.get_decision_display()}。"


def _recompute(request: HttpRequest, entry: LeafEntry) -> HttpResponse:
    """Score again before the reader's eyes: from the frozen content, or from what stands now."""
    subject = entry.subject
    if not filling.may_see_marks(request.user, subject):
        raise Missing("结果还没有反馈。")
    frozen = subject.results.order_by("-version").first()
    if frozen is not None:
        score = freezing.recompute(frozen.content)
        scheme = parse_scheme(frozen.content["scheme"])
        kept, total = frozen.content["score"]["leaves"][entry.leaf], frozen.total
    else:
        scheme = subject.run.scheme.scheme
        score = scoring.Given([subject]).score(scheme, subject.pk)
        kept = None if entry.mark is None else f"{entry.mark:f}"
        total = subject.total or Decimal(0)
    again = score.leaves[entry.leaf]
    equal = score.total == total and (
        again.mark is None if kept is None else again.mark == Decimal(kept)
    )
    made = {"again": again, "total": score.total, "kept": total, "equal": equal}
    made["version"] = frozen.version if frozen else None
    made["steps"] = score.steps
    return walk_page(request, entry, recomputed=made)


@require_GET
def leaf_evidence(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Send a file of a leaf that lies in the user's scope."""
    rows = LeafEvidence.objects.select_related("file").filter(voided_at=None)
    link = get_visible(rows, request, public_id)
    return serving.respond(link.file, link.name)
