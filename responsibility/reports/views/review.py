"""Pages of reviewing: what waits, one report beside its rounds, the office's usual remarks."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from responsibility.common import periods
from responsibility.common.errors import Invalid, Missing
from responsibility.common.rights import Right
from responsibility.common.views import access, number_page
from responsibility.flow import reviewing
from responsibility.flow.rules import Action, Party, State, allowed
from responsibility.reports.models import Report
from responsibility.reports.rules import FIGURE
from responsibility.reports.services import attachments, review, rounds
from responsibility.reports.services import canned as remarks_of
from responsibility.reports.views.reports import (
    _cells,
    _deadline,
    _file_items,
    _items,
    _report,
    _revision,
    _texts,
    _url,
    items_of,
)


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts[:200]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@require_http_methods(["GET", "POST"])
def queue(request: HttpRequest) -> HttpResponse:
    """报告待审: what waits for this user's review; clean ones are passed together."""
    access(request).require(Right.REVIEW)
    waiting = reviewing.waiting_for(Report.objects.with_names(), request.user)
    refused: list[review.Refusal] = []
    if request.method == "POST":
        picked = list(waiting.filter(public_id__in=_uuids(request.POST.getlist("report"))))
        passed, refused = review.pass_many(by=request.user, reports=picked)
        if passed:
            messages.success(request, f"已通过 {passed} 份。")
        if not picked:
            messages.info(request, "没有选中待审的报告。")
        if not refused:
            return redirect("report_queue")
    page = number_page(request, waiting.order_by("submitted_at", "id"))
    return render(request, "reports/queue.html", {"page": page, "refused": refused})


@require_http_methods(["GET", "POST"])
def canned(request: HttpRequest) -> HttpResponse:
    """常用审核意见 of the user's office, one a line."""
    access(request).require(Right.REVIEW)
    offices = list(remarks_of.offices_of(request.user))
    chosen = request.POST.get("division") or request.GET.get("division", "")
    office = next((row for row in offices if str(row.public_id) == chosen), None)
    office = office or (offices[0] if offices and not chosen else None)
    if office is None:
        raise Missing("没有找到，或不由您审核。")
    context = {"office": office, "offices": offices}
    if request.method != "POST":
        context["texts"] = "\n".join(remarks_of.texts_for(office.pk))
        return render(request, "reports/canned.html", context)
    texts = request.POST.get("texts", "")[:5000].replace("\0", "")
    try:
        remarks_of.save(by=request.user, division=office, texts=texts.splitlines())
    except Invalid as error:
        context |= {"texts": texts, "error": error.message}
        return render(request, "reports/canned.html", context, status=400)
    messages.success(request, "已保存，审核时可以点选。")
    return redirect("report_queue")


def _said(request: HttpRequest, item: str) -> tuple[str, bool]:
    """Return what was typed on an item, and whether it was to be returned: kept on a refusal."""
    back = request.POST.get(f"verdict:{item}") == "return"
    return request.POST.get(f"remark:{item}", ""), back


@require_http_methods(["GET", "POST"])
def review_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Review: figures beside last period and change, a verdict and a remark by item."""
    row = _report(request, public_id)
    if not reviewing.is_party(row, Party.REVIEWER, request.user, Right.SUBMIT):
        access(request).require(Right.REVIEW)
        raise Missing("没有找到，或不由您审核。")
    if not allowed(Action.PASS, row.status):
        return redirect(_url(row))
    error = None
    if request.method == "POST":
        try:
            return _verdict(request, row)
        except Invalid as refusal:
            error = refusal
    attached = attachments.sections_of(row)
    texts, cells = list(_texts(row)), list(_cells(row))
    labels = dict([*_items(texts, cells), *_file_items(attached)])
    before = rounds.rounds_of(row, labels)
    last = {line.item for line in before[0].lines} if before else set()
    context = {
        "report": row,
        "texts": [(text, *_said(request, text.section.key)) for text in texts],
        "cells": [
            (cell, *_said(request, f"{FIGURE}{cell.definition.indicator.key}")) for cell in cells
        ],
        "attached": [(item, *_said(request, item.section.key)) for item in attached],
        "period": periods.parse(row.period),
        "deadline": _deadline(row),
        "rounds": before,
        "returned_items": last,
        "also_changed": rounds.also_changed(row, labels, last),
        "canned": remarks_of.texts_for(row.reviewing_division_id),
        "error": error,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "reports/review.html", context, status=400 if error else 200)


def _verdict(request: HttpRequest, row: Report) -> HttpResponse:
    revision = _revision(request)
    known = dict(items_of(row))
    remarks = {
        item: request.POST.get(f"remark:{item}", "").strip()
        or (f"“{label}”请核对。" if request.POST.get(f"verdict:{item}") == "return" else "")
        for item, label in known.items()
    }
    remarks = {item: value for item, value in remarks.items() if value}
    if request.POST.get("do") == "return":
        review.return_report(
            by=request.user,
            report=row,
            remarks=remarks,
            reason=request.POST.get("reason", "")[:500],
            revision=revision,
        )
        messages.success(request, f"已退回，{len(remarks)} 项有意见，其余不用重填。")
    else:
        if remarks:
            raise Invalid("有退回意见的不能通过：请点“退回”，或清空意见。")
        passed = review.pass_report(by=request.user, report=row, revision=revision)
        done = passed.status == State.PASSED
        messages.success(request, "已通过，可以归档。" if done else "已通过，转上一级审核。")
    return redirect(_url(row))
