"""Pages of letters: list, the yearly round, one letter with its signatures, settlement, print."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from responsibility.common import clock
from responsibility.common.documents import MIME
from responsibility.common.errors import Conflict, DomainError, Invalid, Missing
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.common.sheets import write_table
from responsibility.common.views import access, get_visible, number_page
from responsibility.deadlines.models import Deadline
from responsibility.files import serving
from responsibility.files.services import store_upload
from responsibility.letters import rules
from responsibility.letters.documents import letter_docx
from responsibility.letters.models import Letter, LetterKind, LetterLine, LetterRemark, LetterScan
from responsibility.letters.rules import State
from responsibility.letters.services import batch, drafting, following, scans, signing, targets

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DONE = {
    "consult": "已发出征求意见。",
    "refresh": "已按计划更新目标和正文。",
    "issue": "已发出，等双方签署。",
    "withdraw": "已撤回。",
    "settle": "对账已确认，结果固定。",
    "send_back": "已退回签署方重新对账。",
}


def _letter(request: HttpRequest, public_id: UUID) -> Letter:
    rows = Letter.objects.with_names().select_related("replaces")
    rows = rows.prefetch_related("signatures")
    return get_visible(rows, request, public_id)


def _url(row: Letter, name: str = "letter") -> str:
    return reverse(name, args=[row.public_id])


def _year(request: HttpRequest) -> int:
    text = request.GET.get("year") or request.POST.get("year") or ""
    good = text.isascii() and text.isdigit() and 2000 <= int(text[:5]) <= 2100
    return int(text) if good else clock.today().year


def _chosen(request: HttpRequest) -> Any:
    rows = Letter.objects.visible_to(request.user).filter(year=_year(request))
    kind, status = request.GET.get("kind", ""), request.GET.get("status", "")
    if kind:
        rows = rows.filter(kind__key=kind[:60].replace("\0", ""))
    if status in dict(rules.STATES):
        rows = rows.filter(status=status)
    return rows.with_names().order_by("kind__position", "scope_path", "id")


@require_GET
def letter_list(request: HttpRequest) -> HttpResponse:
    """责任书: those in the territory, by kind and state."""
    year = _year(request)
    context = {
        "page": number_page(request, _chosen(request)),
        "kinds": LetterKind.objects.visible_to(request.user),
        "states": rules.STATES,
        "kind": request.GET.get("kind", ""),
        "status": request.GET.get("status", ""),
        "year": year,
        "years": range(clock.today().year + 1, clock.today().year - 5, -1),
        "can_draft": access(request).has(Right.MANAGE_LETTERS),
    }
    return render(request, "letters/list.html", context)


@require_http_methods(["GET", "POST"])
def letter_round(request: HttpRequest) -> HttpResponse:
    """The office's year: how many of each kind stand where; draft and issue in one go."""
    access(request).require(Right.MANAGE_LETTERS)
    year, problem = _year(request), ""
    if request.method == "POST":
        key = request.POST.get("kind", "")[:60].replace("\0", "")
        kind = LetterKind.objects.visible_to(request.user).filter(key=key).first()
        if kind is None:
            raise Missing("没有这种责任书。")
        issuing = request.POST.get("do") == "issue"
        start = batch.start_issuing if issuing else batch.start_drafting
        try:
            run = start(by=request.user, kind=kind, year=year)
        except Conflict as error:
            problem = error.message
        else:
            return redirect("run", run.public_id)
    context = {"year": year, "rows": _round(request, year), "problem": problem}
    return render(request, "letters/round.html", context)


def _round(request: HttpRequest, year: int) -> list[dict[str, Any]]:
    """Return a row for each kind: its basis and how many letters stand in each state."""
    counted = (
        Letter.objects.visible_to(request.user)
        .filter(year=year)
        .order_by()
        .values("kind_id", "status")
        .annotate(n=Count("id"))
    )
    by_kind: dict[int, dict[str, int]] = {}
    for item in counted:
        by_kind.setdefault(item["kind_id"], {})[item["status"]] = item["n"]
    return [
        {
            "kind": kind,
            "cells": [
                (key, label, by_kind.get(kind.pk, {}).get(key, 0)) for key, label in rules.STATES
            ],
        }
        for kind in LetterKind.objects.visible_to(request.user).filter(retired_on=None)
    ]


@require_GET
def letter_export(request: HttpRequest) -> HttpResponse:
    """The list as a sheet: who has signed, who has not, since when."""
    rows = _chosen(request).prefetch_related("signatures")[:5000]
    head = ["责任书", "编号", "签署方", "接受方", "年度", "状态", "发出", "签毕", "还差谁签"]
    table = [
        [
            row.kind.title,
            row.number,
            row.body.name,
            row.counter.name,
            row.year,
            row.get_status_display(),
            _day(row.issued_at),
            _day(row.signed_at),
            "、".join(_left(row)),
        ]
        for row in rows
    ]
    answer = HttpResponse(write_table("责任书", head, table), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="letters-{_year(request)}.xlsx"'
    return answer


def _day(moment: Any) -> str:
    return f"{moment.astimezone(clock.SHANGHAI):%Y-%m-%d}" if moment else ""


def _left(row: Letter) -> list[str]:
    """Return who still has to sign, from prefetched signatures."""
    if row.status != State.ISSUED:
        return []
    given = [(item.side, item.principal) for item in row.signatures.all()]
    return [
        f"{signing.party(row, item.side).name}{rules.PRINCIPALS[item.principal]}"
        for item in rules.missing(row.kind.wanted, given)
    ]


def _context(request: HttpRequest, row: Letter) -> dict[str, Any]:
    user: Any = request.user
    held = access_of(user)
    given = {(item.side, item.principal): item for item in row.signatures.all()}
    office = held.allows(Right.MANAGE_LETTERS, row.counter)
    return {
        "letter": row,
        "lines": row.lines.select_related("indicator"),
        "wanted": [
            (
                signing.party(row, item.side),
                rules.PRINCIPALS[item.principal],
                given.get((item.side, item.principal)),
            )
            for item in row.kind.wanted
        ],
        "problems": signing.problems_of(row),
        "side": signing.side_of(user, row) if held.has(Right.SIGN) else None,
        "confirmations": row.confirmations.select_related("tenure__post", "tenure__person")
        if row.status in scans.SIGNED
        else [],
        "remarks": row.remarks.select_related("by", "line__indicator"),
        "deadlines": Deadline.objects.of("letters.letter", [row.public_id])
        .living()
        .select_related("rule")
        .order_by("due_on", "id")
        if row.status in scans.SIGNED
        else [],
        "scans": row.scans.filter(voided_at=None).select_related("file").order_by("id")
        if row.status in scans.SIGNED
        else [],
        "can_scan": scans.may_attach(user, row),
        "can_office": office,
        "can_remark": row.status == State.CONSULTING
        and any(held.allows(right, row) for right in (Right.LOG_PROGRESS, Right.APPROVE)),
        "plan_moved": row.status in rules.LIVING
        and row.status != State.SETTLED
        and targets.lines_for(row.body, row.year)[0] != row.plan_id,
        "replaced_by": row.replaced_by.exclude(status=State.WITHDRAWN).first()
        if row.reason  # written as soon as a letter in its place is drafted
        else None,
    }


@require_GET
def detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One letter: text, targets, who signed and whether it still agrees with what was signed."""
    return render(request, "letters/detail.html", _context(request, _letter(request, public_id)))


@require_POST
def act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Consult, refresh, issue, sign, withdraw, replace, confirm, settle."""
    row = _letter(request, public_id)
    do = request.POST.get("do", "")
    try:
        after = _act(request, row, do)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        context = {**_context(request, _letter(request, public_id)), "refused": error.message}
        return render(request, "letters/detail.html", context, status=error.status)
    messages.success(request, DONE.get(do, "已办理。"))
    return redirect(_url(after))


def _act(request: HttpRequest, row: Letter, do: str) -> Letter:
    by: Any = request.user
    reason = request.POST.get("reason", "")
    password = request.POST.get("password", "")
    if do == "sign":
        side = request.POST.get("side", "")
        if side not in list(rules.Side):
            raise Invalid("没有写明代表哪一方签署。", where="side")
        signing.sign(by=by, letter=row, password=password, side=side)
        return row
    if do == "confirm":
        found = row.confirmations.filter(confirmed_at=None, tenure__person__user_id=by.pk).first()
        if found is None:
            raise Missing("没有等您确认的交接。")
        following.confirm(by=by, confirmation=found, password=password)
        return row
    if do == "issue":
        return drafting.issue(by=by, letter=row, revision=_revision(request))
    if do == "supersede":
        return drafting.supersede(by=by, letter=row, reason=reason)
    if do in ("withdraw",):
        return drafting.withdraw(by=by, letter=row, reason=reason)
    if do == "send_back":
        return following.send_back(by=by, letter=row, reason=reason)
    simple: dict[str, Any] = {
        "consult": drafting.consult,
        "refresh": drafting.refresh,
        "settle": following.settle,
    }
    if do not in simple:
        raise Invalid("不认识的操作。", where="do")
    after: Letter = simple[do](by=by, letter=row)
    return after


def _revision(request: HttpRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@require_POST
def remark(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say something in the consultation round."""
    row = _letter(request, public_id)
    text, position = request.POST.get("text", ""), request.POST.get("line", "")
    line = None
    if position.isascii() and position.isdigit() and len(position) < 5:
        line = LetterLine.objects.filter(letter=row, position=int(position)).first()
    try:
        drafting.remark(by=request.user, letter=row, text=text, line=line)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        context = {**_context(request, row), "refused": error.message, "typed": text}
        return render(request, "letters/detail.html", context, status=error.status)
    messages.success(request, "意见已提交。")
    return redirect(_url(row))


@require_POST
def answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take up or decline one remark."""
    found = get_visible(
        LetterRemark.objects.select_related("letter__kind", "letter__body", "letter__counter"),
        request,
        public_id,
    )
    agreed = request.POST.get("do") == "agree"
    text = request.POST.get("answer", "")
    try:
        drafting.answer(by=request.user, remark=found, agreed=agreed, text=text)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        row = _letter(request, found.letter.public_id)
        context = {**_context(request, row), "refused": error.message}
        return render(request, "letters/detail.html", context, status=error.status)
    messages.success(request, "已答复。")
    return redirect(_url(found.letter))


@require_POST
def scan_add(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Attach scans of the signed paper."""
    row, refused = _letter(request, public_id), ""
    uploads = request.FILES.getlist("files")
    try:
        if not uploads:
            raise Invalid("没有选文件，请选扫描件再上传。", where="files")
        if not scans.may_attach(request.user, row):
            raise Conflict("现在不能附扫描件：须已签毕，由双方的办公室或填报员附。")
        for upload in uploads[: scans.MAX_SCANS]:
            stored, _ = store_upload(by=request.user, upload=upload)
            scans.attach(by=request.user, letter=row, file=stored, name=upload.name or "扫描件")
    except DomainError as error:
        if error.status in (403, 404):
            raise
        refused = error.message
        context = {**_context(request, _letter(request, public_id)), "refused": refused}
        return render(request, "letters/detail.html", context, status=error.status)
    messages.success(request, "已附扫描件。")
    return redirect(_url(row))


def _scan(request: HttpRequest, public_id: UUID) -> LetterScan:
    rows = LetterScan.objects.filter(voided_at=None).select_related("file", "letter")
    return get_visible(rows, request, public_id)


@require_GET
def scan_file(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Send a scan that lies in the user's scope."""
    scan = _scan(request, public_id)
    return serving.respond(scan.file, scan.name)


@require_POST
def scan_void(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a scan off a letter."""
    scan = _scan(request, public_id)
    scans.detach(by=request.user, scan=scan)
    messages.success(request, "已移除扫描件。")
    return redirect(_url(scan.letter))


@require_http_methods(["GET", "POST"])
def settlement(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Every target against the ledger: progress during the year, settlement at its end."""
    row = _letter(request, public_id)
    refused, status = "", 200
    typed = {
        key.removeprefix("why:"): str(text)[:500]
        for key, text in request.POST.items()
        if key.startswith("why:")
    }
    if request.method == "POST":
        try:
            following.settle_own(by=request.user, letter=row, explanations=typed)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            refused, status = error.message, error.status
        else:
            messages.success(request, "对账已确认，等接受方确认。")
            return redirect(_url(row, "letter_settlement"))
    held = access_of(request.user)
    context = {
        "letter": row,
        "lines": following.measured(row),
        "typed": typed,
        "refused": refused,
        "can_settle": row.status == State.SIGNED
        and row.own_settled_by_id is None
        and clock.today() >= following.settles_from(row.year)
        and held.allows(Right.SUBMIT, row),
        "can_confirm": row.status == State.SIGNED
        and row.own_settled_by_id is not None
        and held.allows(Right.MANAGE_LETTERS, row.counter),
    }
    return render(request, "letters/settlement.html", context, status=status)


@require_GET
def print_view(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The letter as a document."""
    row = _letter(request, public_id)
    context = {"letter": row, "signatures": row.signatures.all(), **_paper(row)}
    return render(request, "letters/print.html", context)


@require_GET
def docx(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The letter as docx, laid out by GB/T 9704."""
    row = _letter(request, public_id)
    answer = HttpResponse(letter_docx(row), content_type=MIME)
    answer["Content-Disposition"] = f'attachment; filename="letter-{row.year}-{row.public_id}.docx"'
    return answer


def _paper(row: Letter) -> dict[str, Any]:
    title, _, rest = row.text.partition("\n")
    return {"title": title, "paragraphs": [line for line in rest.split("\n") if line.strip()]}
