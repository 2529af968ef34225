"""Pages of reports: list, filling, reviewing, the record, sources behind a figure, print."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from responsibility.common import clock, periods
from responsibility.common.errors import DomainError, Forbidden, Invalid, Missing, Stale
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.common.views import get_visible, number_page
from responsibility.deadlines.models import Deadline
from responsibility.divisions.models import Body, Division
from responsibility.divisions.rules import Tier
from responsibility.figures.models import FigureValue
from responsibility.flow import reviewing
from responsibility.flow.rules import Action, Party, State, allowed
from responsibility.reports import rules
from responsibility.reports.forms.reports import SlipForm, TextsForm
from responsibility.reports.models import (
    Report,
    ReportCell,
    ReportKind,
    ReportSlip,
    ReportSnapshot,
)
from responsibility.reports.services import attachments, filling, items, offers, review


def _report(request: HttpRequest, public_id: UUID) -> Report:
    return get_visible(
        Report.objects.select_related(
            "kind", "body__division", "division", "recorder", "reviewer", "approved_by"
        ).annotate(
            takes_files=attachments.TAKES_FILES,
            reviewing_name=Subquery(
                Division.objects.filter(pk=OuterRef("reviewing_division_id")).values("name")[:1]
            ),
        ),
        request,
        public_id,
    )


def _url(row: Report, name: str = "report") -> str:
    return reverse(name, args=[row.public_id])


@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    """报告: those in the territory, and the ones that may be opened."""
    rows = _narrowed(request, Report.objects.visible_to(request.user).with_names())
    context = {
        "page": number_page(request, rows.order_by("-period", "scope_path", "id")),
        "to_open": offers.offers(request.user, clock.today()),
    }
    return render(request, "reports/list.html", context)


def _narrowed(request: HttpRequest, rows: Any) -> Any:
    """Return the reports of the place, tier, year and state that the address asks for, if any."""
    code = request.GET.get("division", "").strip()[:12]
    if code:
        found = Division.objects.visible_to(request.user).filter(code=code.ljust(12, "0"))
        place = found.first()
        rows = rows.under(place.path) if place else rows.none()
    year = request.GET.get("year", "")
    if len(year) == 4 and year.isascii() and year.isdigit():
        rows = rows.filter(period__startswith=year)
    if request.GET.get("tier") in set(Tier):
        rows = rows.filter(division__tier=request.GET["tier"])
    states = [part for part in request.GET.get("status", "")[:90].split(",") if part in set(State)]
    return rows.filter(status__in=states) if states else rows


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Open a report of an own body."""
    kind = ReportKind.objects.in_force(clock.today()).filter(key=request.POST.get("kind", ""))
    try:
        body_id = UUID(request.POST.get("body", ""))
    except ValueError:
        raise Invalid("请从报告列表里打开。") from None
    body = get_visible(Body.objects.select_related("division", "kind"), request, body_id)
    found = kind.first()
    if found is None:
        raise Missing("没有这种报告。")
    row = filling.open_report(
        by=request.user, kind=found, body=body, period=request.POST.get("period", "")
    )
    return redirect(_url(row, "report_edit"))


def _deadline(row: Report) -> Deadline | None:
    return (
        Deadline.objects.of(filling.LABEL, [row.public_id])
        .select_related("rule")
        .order_by("-id")
        .first()
    )


def _cells(row: Report) -> Any:
    return row.cells.select_related("definition__indicator", "definition__section").order_by(
        "definition__section__position", "definition__position"
    )


def _form(row: Report, cells: list[ReportCell], data: Any = None) -> TextsForm:
    return TextsForm(
        data,
        texts=row.texts.select_related("section").order_by("section__position"),
        cells=cells,
        open_items=filling.open_now(row),
        save_url=reverse("report_items", args=[row.public_id]),
        initial={"revision": row.revision},
    )


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Fill a report: the figures are there, the texts are to be written."""
    row = _report(request, public_id)
    if not filling.may_write(request.user, row.body):
        raise Missing("没有找到，或不在您的填报范围内。")
    if row.status not in (State.DRAFT, State.RETURNED):
        return redirect(_url(row))
    if request.method == "POST":
        return _save(request, row)
    cells = list(_cells(row))
    return render(request, "reports/edit.html", _edit_context(row, _form(row, cells), cells))


def _edit_context(row: Report, form: TextsForm, cells: list[ReportCell]) -> dict[str, Any]:
    attached = attachments.sections_of(row, writing=True)
    labels = dict([*_items(_texts(row), cells), *_file_items(attached)])
    remarks = [
        (remark, labels.get(remark.item, "整份"))
        for remark in filling.last_remarks(row).select_related("by")
    ]
    return {
        "report": row,
        "form": form,
        "text_fields": [form[name] for name in form.fields if name != "revision"],
        "saved": items.items_of(row),
        "clashes": {},
        "cells": cells,
        "attached": attached,
        "can_collect": rules.open_figures(rules.open_items(r.item for r, _ in remarks))
        != frozenset(),
        "deadline": _deadline(row),
        "period": periods.parse(row.period),
        "remarks": remarks,
    }


def _save(request: HttpRequest, row: Report) -> HttpResponse:
    form = _form(row, list(_cells(row)), request.POST)
    status = 400
    clashes: list[items.Outcome] = []
    if form.is_valid():
        try:
            if any(name.startswith("seal:") for name in request.POST):
                row, clashes = _save_items(request, row, form)
                if not clashes:
                    return _then(request, row)
                raise Stale("有几项别人刚改过或不能存，其余已存。请看标出的各项。")
            row = filling.save_texts(
                by=request.user,
                report=row,
                texts=form.texts(),
                figures=form.figures(),
                revision=form.cleaned_data["revision"],
            )
            return _then(request, row)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            where = error.where if error.where in form.fields else None
            form.add_error(where, error.message)
            status = error.status
    row.refresh_from_db(fields=["revision", "status"])
    context = _edit_context(row, form, list(_cells(row)))
    context["clashes"] = {item.item: item for item in clashes}
    return render(request, "reports/edit.html", context, status=status)


def _save_items(
    request: HttpRequest, row: Report, form: TextsForm
) -> tuple[Report, list[items.Outcome]]:
    """Save what does not clash; return what was not saved."""
    changes = {
        name: items.Change(text, request.POST.get(f"seal:{name}"))
        for name, text in form.items().items()
    }
    row, made = items.save_items(by=request.user, report=row, changes=changes)
    wrong = [item for item in made if item.state in (items.CONFLICT, items.REFUSED)]
    for item in wrong:
        form.add_error(item.item if item.item in form.fields else None, item.message)
    return row, wrong


@require_POST
def save_item(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Save one item as soon as its field is left; the answer is what stands beside it."""
    row = _report(request, public_id)
    if not filling.may_write(request.user, row.body):
        raise Missing("没有找到，或不在您的填报范围内。")
    key = request.GET.get("item", "")[:80]
    text = request.POST.get(key, "").replace("\r\n", "\n").replace("\0", "").strip()
    change = items.Change(text, request.POST.get(f"seal:{key}"))
    row, [made] = items.save_items(by=request.user, report=row, changes={key: change})
    context = {"item": made.now, "clash": made if made.state != items.SAME else None, "key": key}
    return render(request, "reports/_saved.html", context)


def _then(request: HttpRequest, row: Report) -> HttpResponse:
    do = request.POST.get("do")
    if do == "collect":
        filling.collect(by=request.user, report=row)
        messages.success(request, "已按台账重新取数。")
        return redirect(_url(row, "report_edit"))
    if do == "submit":
        answers = {
            key.removeprefix("answer:"): str(value)
            for key, value in request.POST.items()
            if key.startswith("answer:")
        }
        row = filling.hand_in(by=request.user, report=row, answers=answers)
        words = "已送审签。" if row.status == State.AWAITING_APPROVAL else "已报送，待审核。"
        messages.success(request, words)
        return redirect(_url(row))
    messages.success(request, "草稿已保存。")
    return redirect(_url(row, "report_edit"))


def items_of(row: Report) -> list[tuple[str, str]]:
    """Return the items of a report with their names."""
    return [*_items(_texts(row), _cells(row)), *_file_items(attachments.sections_of(row))]


def _file_items(sections: list[attachments.Attached]) -> list[tuple[str, str]]:
    return [(item.section.key, item.section.title) for item in sections]


def _texts(row: Report) -> Any:
    return row.texts.select_related("section").order_by("section__position")


def _items(texts: Any, cells: Any) -> list[tuple[str, str]]:
    words = [(item.section.key, item.section.title) for item in texts]
    return words + [
        (f"{rules.FIGURE}{cell.definition.indicator.key}", cell.definition.indicator.name)
        for cell in cells
    ]


def _tier_words(row: Report) -> list[str]:
    """Return the tiers above that review one after the other, the nearest first."""
    above = list(Tier)[: list(Tier).index(Tier(row.division.tier)) + 1]
    words = dict(Tier.choices())
    return [words[tier] for tier in reversed(above) if tier in row.kind.tiers]


@require_GET
def detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The record of a report, with what comes next."""
    row = _report(request, public_id)
    user = request.user
    principal = reviewing.is_party(row, Party.PRINCIPAL, user, Right.SUBMIT)
    mine = filling.may_write(user, row.body)
    texts, cells = list(_texts(row)), list(_cells(row))
    attached = attachments.sections_of(row)
    labels = dict([*_items(texts, cells), *_file_items(attached)])
    context = {
        "report": row,
        "attached": attached,
        "texts": texts,
        "cells": cells,
        "steps": row.steps.select_related("by").order_by("id"),
        "remarks": [
            (remark, labels.get(remark.item, "整份"))
            for remark in row.remarks.select_related("by").order_by("round", "id")
        ],
        "slips": [
            (slip, labels.get(slip.item, slip.item))
            for slip in row.slips.select_related("requested_by", "decided_by").order_by("-id")
        ],
        "snapshots": list(
            ReportSnapshot.objects.filter(report_id=row.pk).defer("content").order_by("id")
        ),
        "deadline": _deadline(row),
        "period": periods.parse(row.period),
        "tiers": _tier_words(row),
        "reviewing": getattr(row, "reviewing_name", None),
        "can_edit": mine and row.status in (State.DRAFT, State.RETURNED),
        "can_approve": principal and row.status == State.AWAITING_APPROVAL,
        "can_review": reviewing.is_party(row, Party.REVIEWER, user, Right.SUBMIT)
        and allowed(Action.PASS, row.status),
        "can_archive": row.status == State.PASSED and access_of(user).allows(Right.ARCHIVE, row),
        "can_correct": mine and row.status in (State.PASSED, State.ARCHIVED),
        "can_decide": access_of(user).allows(Right.CORRECT, row),
    }
    return render(request, "reports/detail.html", context)


def _revision(request: HttpRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@require_POST
def act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """审签, withdrawing, archiving."""
    row = _report(request, public_id)
    do = request.POST.get("do", "")
    reason = request.POST.get("reason", "")[:500]
    if do == "approve":
        filling.approve(by=request.user, report=row, agree=True, revision=_revision(request))
        messages.success(request, "已审签，报送上级，待审核。")
    elif do == "decline":
        filling.approve(
            by=request.user, report=row, agree=False, reason=reason, revision=_revision(request)
        )
        messages.success(request, "已退给填报人。")
    elif do == "withdraw":
        filling.withdraw(by=request.user, report=row)
        messages.success(request, "已撤回，可继续修改。")
    elif do == "archive":
        review.archive(by=request.user, report=row)
        messages.success(request, "已归档。以后只能用更正单改。")
    else:
        raise Invalid("没有这个操作，请返回重试。")
    return redirect(_url(row))


@require_GET
def cell(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The rows behind one figure of a report, in the user's scope."""
    row = get_visible(
        ReportCell.objects.select_related(
            "report__kind", "report__division", "report__body", "definition__indicator"
        ),
        request,
        public_id,
    )
    rows = (
        FigureValue.objects.visible_to(request.user)
        .current()
        .under(row.report.scope_path)
        .filter(
            indicator=row.definition.indicator,
            period=row.report.period,
            source_kind="typed",
        )
        .select_related("body", "division")
        .order_by("scope_path", "id")
    )
    ledger = (
        FigureValue.objects.visible_to(request.user)
        .current()
        .filter(indicator=row.definition.indicator, period=row.report.period, body=row.report.body)
        .first()
    )
    context = {"cell": row, "page": number_page(request, rows), "ledger": ledger}
    return render(request, "reports/cell.html", context)


@require_GET
def print_view(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The report as a document, from its last snapshot when it was handed in."""
    row = _report(request, public_id)
    last = ReportSnapshot.objects.filter(report_id=row.pk).order_by("-id").first()
    context = {
        "report": row,
        "content": last.content if last else filling.content_of(row),
        "snapshot": last,
        "sections": filling.sections_of(row.kind),
        "period": periods.parse(row.period),
    }
    return render(request, "reports/print.html", context)


@require_http_methods(["GET", "POST"])
def slip_new(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for a correction of an archived report."""
    row = _report(request, public_id)
    if not filling.may_write(request.user, row.body):
        raise Forbidden("只能更正本单位的报告。")
    form = SlipForm(request.POST or None, items=items_of(row))
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                review.request_slip(by=request.user, report=row, **form.cleaned_data)
            except DomainError as error:
                if error.status in (403, 404):
                    raise
                where = error.where if error.where in form.fields else None
                form.add_error(where, error.message)
                status = error.status
            else:
                messages.success(request, "更正单已提交，待审批。")
                return redirect(_url(row))
    return render(request, "reports/slip.html", {"report": row, "form": form}, status=status)


@require_POST
def slip_decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Approve or decline a correction slip."""
    slip = get_visible(
        ReportSlip.objects.select_related("submission__body__division"), request, public_id
    )
    approve = request.POST.get("do") == "approve"
    review.decide_slip(
        by=request.user,
        slip=slip,
        approve=approve,
        decision=request.POST.get("decision", "")[:500],
    )
    messages.success(request, "已同意更正。" if approve else "已退回更正单。")
    return redirect(_url(slip.submission))
