"""报表种类: list, preview, editor, gate. The office edits; a second person lets through."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from responsibility.common import clock
from responsibility.common.errors import DomainError, Forbidden, Invalid, Missing
from responsibility.common.rights import Right
from responsibility.common.views import access, get_visible
from responsibility.deadlines.models import DeadlineRule
from responsibility.figures.models import Indicator
from responsibility.reports.forms.kinds import (
    AddSectionForm,
    CellForm,
    CheckForm,
    DecideForm,
    HeadForm,
    NewKindForm,
    RetireForm,
    SectionForm,
    WishForm,
)
from responsibility.reports.models import CellDef, ReportKind, SectionDef
from responsibility.reports.rules import KindStatus
from responsibility.reports.services import designing, gate

T = TypeVar("T")


def _kind(request: HttpRequest, public_id: UUID) -> ReportKind:
    """Return a kind; what is not approved yet is for the office and the second person."""
    row = get_visible(
        ReportKind.objects.select_related("issuer__division", "proposed_by", "decided_by"),
        request,
        public_id,
    )
    in_hand = row.status in (KindStatus.DRAFT, KindStatus.PROPOSED)
    if in_hand and not (_is_office(request) or gate.is_decider(request.user, row)):
        raise Forbidden("还没有准入的报表只有办公室能看。")
    return row


def _is_office(request: HttpRequest) -> bool:
    return access(request).has(Right.MANAGE_REPORT_KINDS)


def _url(row: ReportKind, name: str = "report_kind") -> str:
    return reverse(name, args=[row.public_id])


@require_GET
def kind_list(request: HttpRequest) -> HttpResponse:
    """The kinds in force; for the office the drafts and what waits at the gate too."""
    rows = list(
        ReportKind.objects.visible_to(request.user)
        .select_related("issuer")
        .prefetch_related("submitters")
        .order_by("title", "-version")
    )
    today = clock.today()
    groups = {
        "waiting": [row for row in rows if row.status == KindStatus.PROPOSED],
        "drafts": [row for row in rows if row.status == KindStatus.DRAFT],
        "in_force": [
            row
            for row in rows
            if row.status == KindStatus.APPROVED
            and (row.in_force_to is None or row.in_force_to > today)
        ],
    }
    shown = {pk for group in groups.values() for pk in (row.pk for row in group)}
    office = _is_office(request)
    if not office:
        groups["drafts"] = []
        groups["waiting"] = [r for r in groups["waiting"] if gate.is_decider(request.user, r)]
    context = {
        **groups,
        "past": [row for row in rows if row.pk not in shown],
        "office": office,
        "today": today,
    }
    return render(request, "reports/kinds/list.html", context)


@require_http_methods(["GET", "POST"])
def kind_new(request: HttpRequest) -> HttpResponse:
    """Begin a kind from scratch or as a copy."""
    access(request).require(Right.MANAGE_REPORT_KINDS)
    form = NewKindForm(request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        found = _try(form, lambda: designing.create_kind(by=request.user, **form.cleaned_data))
        if found is not None:
            return redirect(_url(found, "report_kind_edit"))
    status = 400 if form.errors else 200
    return render(request, "reports/kinds/new.html", {"form": form}, status=status)


def _try(form: forms.Form, act: Callable[[], T]) -> T | None:
    """Run a service; its refusal goes onto the form. Nothing else changes."""
    try:
        return act()
    except DomainError as error:
        if error.status in (403, 404):
            raise
        form.add_error(error.where if error.where in form.fields else None, error.message)
    return None


def _sections(row: ReportKind) -> list[SectionDef]:
    cells = CellDef.objects.select_related("indicator").order_by("position", "id")
    found = row.sections.prefetch_related(Prefetch("cells", queryset=cells), "wishes")
    return list(found.order_by("position"))


@require_GET
def kind_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A kind as the recorder will see it, with its basis, purpose and deadline."""
    row = _kind(request, public_id)
    office = _is_office(request)
    context = {
        "kind": row,
        "sections": _sections(row),
        "checks": row.checks.all(),
        "submitters": row.submitters.order_by("position", "id"),
        "rule": DeadlineRule.objects.by_key([row.deadline_rule]).get(row.deadline_rule),
        "versions": ReportKind.objects.filter(key=row.key).published().order_by("-version"),
        "office": office,
        "can_edit": office and row.status == KindStatus.DRAFT,
        "can_renew": office and row.status == KindStatus.APPROVED,
        "can_retire": office and not row.is_template and gate.may_retire(row),
        "retire": RetireForm(),
    }
    return render(request, "reports/kinds/detail.html", context)


@require_http_methods(["GET", "POST"])
def kind_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The head of a draft, its sections and checks."""
    row = _draft(request, public_id)
    if request.method == "POST" and request.POST.get("do", "save") != "save":
        return _act_on_kind(request, row)
    form = _head_form(row, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        saved = _try(
            form,
            lambda: designing.save_head(
                by=request.user,
                kind=row,
                values=form.values(),
                submitters=form.cleaned_data["submitters"],
                revision=form.cleaned_data["revision"],
            ),
        )
        if saved is not None:
            messages.success(request, "草稿已保存。")
            return redirect(_url(row, "report_kind_edit"))
    return _edit_page(request, row, head=form)


def _draft(request: HttpRequest, public_id: UUID) -> ReportKind:
    row = _kind(request, public_id)
    access(request).require(Right.MANAGE_REPORT_KINDS)
    if row.status != KindStatus.DRAFT:
        raise Invalid(f"当前为“{row.get_status_display()}”，不能修改；要改请拟新版本。")
    return row


def _head_form(row: ReportKind, data: Any = None) -> HeadForm:
    initial = {name: getattr(row, name) for name in (*designing.HEAD, "revision")}
    initial["submitters"] = row.submitters.all() if data is None else []
    return HeadForm(data, initial=initial)


def _edit_page(
    request: HttpRequest,
    row: ReportKind,
    *,
    head: HeadForm | None = None,
    section: AddSectionForm | None = None,
    check: CheckForm | None = None,
) -> HttpResponse:
    wrong = any(form is not None and form.errors for form in (head, section, check))
    context = {
        "kind": row,
        "form": head or _head_form(row),
        "section_form": section or AddSectionForm(prefix="section"),
        "check_form": check or CheckForm(prefix="check", kind=row),
        "sections": row.sections.annotate(
            cell_count=Count("cells", distinct=True), wish_count=Count("wishes", distinct=True)
        ).order_by("position"),
        "checks": row.checks.all(),
    }
    return render(request, "reports/kinds/edit.html", context, status=400 if wrong else 200)


def _act_on_kind(request: HttpRequest, row: ReportKind) -> HttpResponse:
    do, key = request.POST["do"], request.POST.get("key", "")
    by = request.user
    back = redirect(_url(row, "report_kind_edit"))
    if do == "add_section":
        form = AddSectionForm(request.POST, prefix="section")
        if form.is_valid():
            made = _try(form, lambda: designing.add_section(by=by, kind=row, **form.cleaned_data))
            if made is not None:
                return redirect(reverse("report_kind_section", args=[row.public_id, made.key]))
        return _edit_page(request, row, section=form)
    if do == "add_check":
        checks = CheckForm(request.POST, prefix="check", kind=row)
        if checks.is_valid():
            designing.add_check(by=by, kind=row, values=checks.values())
            return back
        return _edit_page(request, row, check=checks)
    if do in ("up", "down"):
        designing.move_section(by=by, kind=row, key=key, up=do == "up")
    elif do == "remove":
        designing.remove_section(by=by, kind=row, key=key)
        messages.success(request, "已移除这一节。")
    elif do == "remove_check":
        designing.remove_check(by=by, kind=row, key=key)
    else:
        raise Invalid("没有这个操作，请返回重试。")
    return back


@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, public_id: UUID, key: str) -> HttpResponse:
    """One section of a draft: what it says of itself, and its rows."""
    row = _draft(request, public_id)
    part = row.sections.filter(key=key).first()
    if part is None:
        raise Missing("没有这一节，可能已被移除。")
    posted = request.POST if request.method == "POST" else None
    do = posted.get("do", "save") if posted is not None else ""
    initial = {name: getattr(part, name) for name in designing.SECTION}
    forms_ = {
        "form": SectionForm(posted if do == "save" else None, section=part, initial=initial),
        "cell_form": CellForm(posted if do == "add_cell" else None, prefix="cell"),
        "wish_form": WishForm(posted if do == "add_wish" else None, prefix="wish"),
    }
    if posted is not None:
        answer = _act_on_section(request, row, part, do, forms_)
        if answer is not None:
            return answer
    context = {
        "kind": row,
        "section": part,
        "cells": part.cells.select_related("indicator").order_by("position", "id"),
        "wishes": part.wishes.order_by("position", "id"),
        **forms_,
    }
    status = 400 if any(form.errors for form in forms_.values()) else 200
    return render(request, "reports/kinds/section.html", context, status=status)


def _act_on_section(
    request: HttpRequest,
    row: ReportKind,
    part: SectionDef,
    do: str,
    forms_: dict[str, Any],
) -> HttpResponse | None:
    """Do what was asked; None shows the page again with what was typed."""
    by: Any = request.user
    back = redirect(reverse("report_kind_section", args=[row.public_id, part.key]))
    given = {"by": by, "kind": row, "key": part.key}
    actions: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "save": ("form", lambda data: designing.save_section(**given, values=data)),
        "add_cell": ("cell_form", lambda data: designing.add_cell(**given, **data)),
        "add_wish": ("wish_form", lambda data: designing.add_wish(**given, values=data)),
    }
    if do in actions:
        name, act = actions[do]
        form = forms_[name]
        if form.is_valid() and _try(form, lambda: act(form.cleaned_data)) is not None:
            messages.success(request, "已保存。")
            return back
        return None
    item = request.POST.get("item", "")
    if do in ("up", "down"):
        designing.move_cell(**given, indicator=item, up=do == "up")
    elif do == "remove":
        designing.remove_cell(**given, indicator=item)
    elif do == "remove_wish":
        designing.remove_wish(by=by, kind=row, wish_id=_number(item))
    else:
        raise Invalid("没有这个操作，请返回重试。")
    return back


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Missing("没有这一项，可能已被移除。")
    return int(text)


@require_http_methods(["GET", "POST"])
def kind_act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Propose, withdraw, take a new version, retire."""
    row = _kind(request, public_id)
    do = request.POST.get("do", "")
    by = request.user
    if do == "propose":
        gate.propose(by=by, kind=row)
        messages.success(request, "已报准入，待另一人审核。")
        return redirect(_url(row, "report_kind_gate"))
    if do == "withdraw":
        gate.withdraw(by=by, kind=row)
        messages.success(request, "已撤回，可继续修改。")
    elif do == "version":
        new = designing.new_version(by=by, kind=row)
        messages.success(request, f"已拟第 {new.version} 版，在用的不受影响。")
        return redirect(_url(new, "report_kind_edit"))
    elif do == "retire":
        gate.retire(by=by, kind=row, reason=request.POST.get("reason", ""))
        messages.success(request, "已停用，已开的报告不受影响。")
    else:
        raise Invalid("没有这个操作，请返回重试。")
    return redirect(_url(row))


@require_http_methods(["GET", "POST"])
def kind_gate(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """报表准入: basis, purpose, deadline, the overlap with what exists, then the decision."""
    row = _kind(request, public_id)
    if not (_is_office(request) or gate.is_decider(request.user, row)):
        raise Forbidden("报表准入由办公室办理。")
    form = DecideForm(request.POST or None)
    status = 200
    if request.method == "POST":
        answer = _at_the_gate(request, row, form)
        if answer is not None:
            return answer
        status = 400
    survey = gate.survey(row)
    context = {
        "kind": row,
        "survey": survey,
        "rule": survey.rule,
        "submitters": survey.submitters,
        "form": form,
        "can_propose": _is_office(request) and row.status == KindStatus.DRAFT,
        "can_decide": row.status == KindStatus.PROPOSED and gate.may_decide(request.user, row),
        "is_proposer": row.status == KindStatus.PROPOSED and row.proposed_by == request.user,
    }
    return render(request, "reports/kinds/gate.html", context, status=status)


def _at_the_gate(request: HttpRequest, row: ReportKind, form: DecideForm) -> HttpResponse | None:
    do = request.POST.get("do", "")
    if do == "use":
        indicator = Indicator.objects.filter(key=request.POST.get("indicator", "")).first()
        if indicator is None:
            raise Missing("没有这个指标。")
        wish_id = _number(request.POST.get("wish", ""))
        designing.answer_wish(by=request.user, kind=row, wish_id=wish_id, indicator=indicator)
        messages.success(request, f"已改为引用“{indicator.name}”，不用再填。")
        return redirect(_url(row, "report_kind_gate"))
    if do not in ("approve", "decline"):
        raise Invalid("没有这个操作，请返回重试。")
    if not form.is_valid():
        return None
    done = _try(
        form,
        lambda: gate.decide(
            by=request.user, kind=row, approve=do == "approve", **form.cleaned_data
        ),
    )
    if done is None:
        return None
    words = "已准入，报送单位可以填报。" if do == "approve" else "已退回拟稿人修改。"
    messages.success(request, words)
    return redirect(_url(row))
