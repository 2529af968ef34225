"""Pages of logging and reviewing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from responsibility.common import clock, periods
from responsibility.common.errors import DomainError, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.common.views import access, get_visible, number_page
from responsibility.duties.models import Assignment
from responsibility.figures.services.ledger import is_entered_at, last_known
from responsibility.files import serving
from responsibility.files.services import store_upload
from responsibility.flow import reviewing
from responsibility.flow.access import review_places
from responsibility.flow.rules import STATES, Action, Party, State, allowed, is_editable
from responsibility.progress import rules
from responsibility.progress.forms import EntryForm, SlipForm
from responsibility.progress.models import (
    Evidence,
    ProgressEntry,
    ProgressFigure,
    ProgressSlip,
)
from responsibility.progress.services import entries, review

CANNED = ("请说明具体做法。", "请核对数字。", "请补充办理日期。", "与上期内容相同，请核对。")


def _assignment(request: HttpRequest) -> Assignment:
    key = request.GET.get("assignment") or request.POST.get("assignment") or ""
    try:
        public_id = UUID(key)
    except ValueError:
        raise Invalid("请从责任清单里选一项责任，再填进展。") from None
    return get_visible(
        Assignment.objects.select_related("duty", "body__division", "division"),
        request,
        public_id,
    )


def _entry(request: HttpRequest, public_id: UUID) -> ProgressEntry:
    queryset = ProgressEntry.objects.living().select_related(
        "assignment__duty", "body__division", "division", "recorder", "reviewer"
    )
    return get_visible(queryset, request, public_id)


def _new_figures(assignment: Assignment, period: str) -> list[ProgressFigure]:
    """Return unsaved figures with the last known values, as ``start`` will make them."""
    rows = []
    for indicator in assignment.duty.indicators.filter(retired_on=None).order_by("position"):
        if is_entered_at(indicator, assignment.division.tier):
            last = last_known(assignment.body, indicator, period)
            note = f"{periods.parse(last.period).label}已报数" if last else ""
            rows.append(
                ProgressFigure(
                    indicator=indicator,
                    value=last.value if last else None,
                    prefilled=bool(last),
                    source_note=note,
                )
            )
    return rows


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Log on an assignment: an empty form first; the draft exists from the first save on."""
    assignment = _assignment(request)
    grant, _ = reviewing.owner_grant(access(request), assignment.body, Right.LOG_PROGRESS)
    if grant is None:
        raise Forbidden("只能为本单位填报；代下级填报须有代填权限。")
    if request.method == "POST":
        period = request.POST.get("period") or None
        entry = entries.start(by=request.user, assignment=assignment, period=period)
        return _save(request, entry)
    chosen = rules.default_period(assignment.duty.rhythm, assignment.year, clock.today())
    draft = (
        ProgressEntry.objects.living()
        .filter(assignment=assignment, recorder=request.user.pk, status=State.DRAFT)
        .order_by("-id")
        .first()
    )
    if draft:
        return redirect("progress_entry", draft.public_id)
    today = clock.today()
    form = EntryForm(
        figures=_new_figures(assignment, chosen.code),
        initial={"done_on": today if chosen.start <= today <= chosen.end else None},
    )
    return render(request, "progress/edit.html", _edit_context(request, assignment, None, form))


def _edit_context(
    request: HttpRequest, assignment: Assignment, entry: ProgressEntry | None, form: EntryForm
) -> dict[str, Any]:
    clauses = assignment.duty.clauses.select_related("clause__article__version").order_by("id")
    previous = (
        ProgressEntry.objects.living()
        .filter(assignment=assignment)
        .exclude(pk=entry.pk if entry else 0)
        .with_names()
        .order_by("-id")[:3]
    )
    options = rules.periods_of(assignment.duty.rhythm, assignment.year)
    chosen = (
        entry.period
        if entry
        else request.POST.get("period")
        or rules.default_period(assignment.duty.rhythm, assignment.year, clock.today()).code
    )
    return {
        "assignment": assignment,
        "entry": entry,
        "form": form,
        "figure_fields": [form[name] for name in form.fields if name.startswith("figure:")],
        "clauses": clauses,
        "previous": previous,
        "periods": options,
        "period": periods.parse(chosen) if _is_period(chosen) else None,
        "evidence": _evidence(entry) if entry else [],
        "remarks": entry.remarks.filter(settled_at=None).select_related("by") if entry else [],
        "labels": _labels(form),
        "errors": [(name, form[name].label, text[0]) for name, text in _field_errors(form)],
    }


def _is_period(code: str) -> bool:
    try:
        periods.parse(code)
    except ValueError:
        return False
    return True


def _field_errors(form: EntryForm) -> list[tuple[str, list[str]]]:
    if not form.is_bound:
        return []
    return [
        (name, [str(item) for item in text])
        for name, text in form.errors.items()
        if name in form.fields
    ]


def _labels(form: EntryForm) -> dict[str, str]:
    return {name: str(field.label) for name, field in form.fields.items()}


def _evidence(entry: ProgressEntry) -> Any:
    return entry.evidence.filter(voided_at=None).select_related("file").order_by("id")


def _form(entry: ProgressEntry, data: Any = None) -> EntryForm:
    figures = list(entry.figures.select_related("indicator").order_by("indicator__position", "id"))
    remarked = entry.remarks.filter(settled_at=None).values_list("item", flat=True)
    return EntryForm(
        data,
        figures=figures,
        open_items=rules.open_items(entry.status, remarked),
        initial={
            "text": entry.text,
            "done_on": entry.done_on,
            "needs_help": entry.needs_help,
            "revision": entry.revision,
        },
    )


def _save(request: HttpRequest, entry: ProgressEntry) -> HttpResponse:
    """Save what was typed, take the files, and submit if that was asked."""
    form = _form(entry, request.POST)
    problems: list[str] = []
    if not form.is_valid():
        return _again(request, entry, form, 400)
    try:
        entry = entries.save_draft(
            by=request.user,
            entry=entry,
            content=form.content(),
            revision=form.cleaned_data["revision"],
        )
        problems = _take_files(request, entry)
        if request.POST.get("do") == "submit" and not problems:
            answers = {
                key.removeprefix("answer:"): str(value)
                for key, value in request.POST.items()
                if key.startswith("answer:")
            }
            entry = entries.submit(by=request.user, entry=entry, answers=answers)
            messages.success(request, "已报送审核。")
            return redirect("progress_entry", entry.public_id)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        form.add_error(error.where if error.where in form.fields else None, error.message)
        return _again(request, entry, form, error.status)
    for problem in problems:
        form.add_error(None, problem)
    if problems:
        return _again(request, entry, form, 400)
    messages.success(request, "草稿已保存。")
    return redirect("workbench" if request.POST.get("do") == "leave" else entry_url(entry))


def entry_url(entry: ProgressEntry) -> str:
    """Return an entry's page."""
    return reverse("progress_entry", args=[entry.public_id])


def _take_files(request: HttpRequest, entry: ProgressEntry) -> list[str]:
    problems = []
    for upload in request.FILES.getlist("files"):
        try:
            stored, _ = store_upload(by=request.user, upload=upload)
            entries.attach(by=request.user, entry=entry, file=stored, name=upload.name or "附件")
        except Invalid as error:
            problems.append(f"{upload.name}：{error.message}")
    return problems


def _again(
    request: HttpRequest, entry: ProgressEntry, form: EntryForm, status: int
) -> HttpResponse:
    entry.refresh_from_db(fields=["revision", "status"])
    context = _edit_context(request, entry.assignment, entry, form)
    return render(request, "progress/edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One entry: its form while it may be changed by this user, else its record."""
    row = _entry(request, public_id)
    mine = reviewing.is_party(row, Party.OWNER, request.user, Right.LOG_PROGRESS)
    if request.method == "POST":
        return _save(request, row)
    if mine and is_editable(row.status):
        context = _edit_context(request, row.assignment, row, _form(row))
        return render(request, "progress/edit.html", context)
    return render(request, "progress/detail.html", _detail_context(request, row, mine))


def _detail_context(request: HttpRequest, row: ProgressEntry, mine: bool) -> dict[str, Any]:
    reviewer = reviewing.is_party(row, Party.REVIEWER, request.user, Right.LOG_PROGRESS)
    return {
        "entry": row,
        "figures": row.figures.select_related("indicator").order_by("indicator__position", "id"),
        "evidence": _evidence(row),
        "steps": row.steps.select_related("by").order_by("id"),
        "remarks": row.remarks.select_related("by").order_by("round", "id"),
        "slips": row.slips.select_related("requested_by", "decided_by").order_by("-id"),
        "clauses": row.assignment.duty.clauses.select_related("clause__article__version"),
        "period": periods.parse(row.period),
        "can_review": reviewer and allowed(Action.PASS, row.status),
        "can_withdraw": mine and not reviewer and row.status == State.SUBMITTED,
        "can_correct": mine and row.status in review.DONE,
        "can_decide": row.reviewing_division_id in review_places(access_of(request.user)),
        "items": item_choices(row),
        "canned": CANNED,
    }


def item_choices(row: ProgressEntry) -> list[tuple[str, str]]:
    """Return the items of an entry with their names: for remarks and slips."""
    figures = [
        (f"figure:{figure.indicator.key}", figure.indicator.name)
        for figure in row.figures.select_related("indicator").order_by("indicator__position")
    ]
    return [("text", "做了什么"), ("done_on", "办理日期"), *figures]


@require_POST
def autosave(request: HttpRequest) -> JsonResponse:
    """Keep a draft as it is typed; answers the entry's id and revision, or what is wrong."""
    try:
        if request.POST.get("entry"):
            row = _entry(request, UUID(request.POST["entry"]))
        else:
            assignment = _assignment(request)
            row = entries.start(
                by=request.user, assignment=assignment, period=request.POST.get("period") or None
            )
        form = _form(row, request.POST)
        if not form.is_valid():
            return JsonResponse({"errors": form.errors, "entry": str(row.public_id)}, status=400)
        row = entries.save_draft(
            by=request.user,
            entry=row,
            content=form.content(),
            revision=form.cleaned_data["revision"],
        )
    except ValueError:
        return JsonResponse({"detail": "编号不正确。"}, status=400)
    except DomainError as error:
        return JsonResponse({"detail": error.message, "code": error.code}, status=error.status)
    return JsonResponse(
        {
            "entry": str(row.public_id),
            "revision": row.revision,
            "saved": clock.now().strftime("%H:%M"),
            "url": entry_url(row),
        }
    )


@require_POST
def act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Pass, return, withdraw or discard one entry."""
    row = _entry(request, public_id)
    do = request.POST.get("do", "")
    revision = _revision(request)
    if do == "pass":
        review.pass_entry(
            by=request.user, entry=row, note=request.POST.get("note", "")[:500], revision=revision
        )
        messages.success(request, "已通过。")
    elif do == "return":
        return _return(request, row, revision)
    elif do == "withdraw":
        entries.withdraw(by=request.user, entry=row)
        messages.success(request, "已撤回，可继续修改。")
        return redirect(entry_url(row))
    elif do == "discard":
        entries.discard(by=request.user, entry=row)
        messages.success(request, "草稿已作废。")
        return redirect("workbench")
    else:
        raise Invalid("没有这个操作，请返回重试。")
    return redirect("review_queue")


def _revision(request: HttpRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _return(request: HttpRequest, row: ProgressEntry, revision: int | None) -> HttpResponse:
    remarks = {
        key.removeprefix("remark:"): str(value)
        for key, value in request.POST.items()
        if key.startswith("remark:") and str(value).strip()
    }
    known = dict(item_choices(row))
    remarks = {item: text for item, text in remarks.items() if item in known}
    reason = request.POST.get("reason", "").strip() or "；".join(remarks.values())
    try:
        review.return_entry(
            by=request.user, entry=row, reason=reason[:500], remarks=remarks, revision=revision
        )
    except Invalid as error:
        context = _detail_context(request, row, mine=False)
        context["error"] = error
        return render(request, "progress/detail.html", context, status=400)
    messages.success(request, "已退回，退回的各项已对填报人打开。")
    return redirect("review_queue")


@require_http_methods(["GET", "POST"])
def queue(request: HttpRequest) -> HttpResponse:
    """待审: what waits for this user's review; clean ones are passed together."""
    access(request).require(Right.REVIEW)
    waiting = ProgressEntry.objects.living().with_names().for_reviewer(request.user)
    refused: list[review.Refusal] = []
    if request.method == "POST":
        chosen = [key for key in request.POST.getlist("entry") if _is_uuid(key)]
        picked = list(waiting.filter(public_id__in=chosen))
        passed, refused = review.pass_many(by=request.user, entries=picked)
        if passed:
            messages.success(request, f"已通过 {passed} 条。")
        if not picked:
            messages.info(request, "没有选中待审的条目。")
        if not refused:
            return redirect("review_queue")
    rows = waiting.order_by("submitted_at", "id")
    context = {"page": number_page(request, rows), "refused": refused}
    return render(request, "progress/queue.html", context)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@require_GET
def entry_list(request: HttpRequest) -> HttpResponse:
    """进展填报: everything logged in the user's territory, newest first."""
    rows = ProgressEntry.objects.visible_to(request.user).living().with_names()
    state = request.GET.get("status", "")
    if state in set(State):
        rows = rows.filter(status=state)
    if request.GET.get("mine"):
        rows = rows.filter(recorder=request.user.pk)
    context = {
        "page": number_page(request, rows.order_by("-created_at", "-id")),
        "states": STATES,
        "status": state,
        "mine": request.GET.get("mine", ""),
    }
    return render(request, "progress/list.html", context)


@require_http_methods(["GET", "POST"])
def slip_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for a correction of a passed entry."""
    row = _entry(request, public_id)
    if not reviewing.is_party(row, Party.OWNER, request.user, Right.LOG_PROGRESS):
        raise Forbidden("只有本单位填报人员可以提更正单。")
    form = SlipForm(request.POST or None, items=item_choices(row))
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                review.request_slip(by=request.user, entry=row, **form.cleaned_data)
            except DomainError as error:
                where = error.where if error.where in form.fields else None
                form.add_error(where, error.message)
                status = error.status
            else:
                messages.success(request, "更正单已提交，待原审核单位审批。")
                return redirect(entry_url(row))
    return render(request, "progress/slip.html", {"entry": row, "form": form}, status=status)


@require_POST
def slip_decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Approve or decline a correction slip."""
    slip = get_visible(
        ProgressSlip.objects.select_related("submission__body__division"), request, public_id
    )
    approve = request.POST.get("do") == "approve"
    review.decide_slip(
        by=request.user,
        slip=slip,
        approve=approve,
        decision=request.POST.get("decision", ""),
    )
    messages.success(request, "已同意更正。" if approve else "已退回更正单。")
    return redirect(entry_url(slip.submission))


@require_POST
def upload(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """Take one file at a time, with progress in the browser; answers what became of it."""
    row = _entry(request, public_id)
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        return JsonResponse({"detail": "没有收到文件。"}, status=400)
    try:
        stored, new_bytes = store_upload(by=request.user, upload=given)
        link, _ = entries.attach(by=request.user, entry=row, file=stored, name=given.name or "附件")
    except DomainError as error:
        return JsonResponse({"detail": error.message}, status=error.status)
    note = "" if new_bytes else "已有这个文件，直接引用"
    return JsonResponse({"id": str(link.public_id), "name": link.name, "note": note})


@require_POST
def evidence_void(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a file off an entry."""
    link = _evidence_row(request, public_id)
    entries.detach(by=request.user, evidence=link)
    messages.success(request, "已移除附件。")
    return redirect(entry_url(link.entry))


def _evidence_row(request: HttpRequest, public_id: UUID) -> Evidence:
    queryset = Evidence.objects.filter(voided_at=None).select_related(
        "file", "entry__body__division"
    )
    return get_visible(queryset, request, public_id)


@require_GET
def evidence_file(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Send a file that lies in the user's scope."""
    link = _evidence_row(request, public_id)
    small = request.GET.get("small") == "1" and bool(link.file.thumbnail_name)
    return serving.respond(link.file, link.name, thumbnail=small)
