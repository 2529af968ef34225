"""Writing a plan: lines, words, policies."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from responsibility.common.errors import DomainError, Missing
from responsibility.divisions.models import Body
from responsibility.figures.models import Indicator
from responsibility.flow.rules import is_editable
from responsibility.plans.forms import DraftForm
from responsibility.plans.models import Plan
from responsibility.plans.rules.checks import absurd
from responsibility.plans.services import drafting, review
from responsibility.plans.views.common import plan_of, url_of


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Edit a draft."""
    row = plan_of(request, public_id)
    if not drafting.may_write(request.user, row.body):
        raise Missing("没有找到，或不在您的编制范围内。")
    if row.voided_at or row.issued_at or not is_editable(row.status):
        return redirect(url_of(row))
    form = _form(row, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                return _save(request, row, form)
            except DomainError as error:
                if error.status in (403, 404):
                    raise
                form.add_error(error.where if error.where in form.fields else None, error.message)
                status = error.status
    context = {
        "plan": row,
        "form": form,
        "questions": {x.pk: x for x in form.lines if absurd(x.target, x.baseline)},
        "remarks": _remarks(row, form),
    }
    return render(request, "plans/edit.html", context, status=status)


def _form(row: Plan, data: Any) -> DraftForm:
    bodies = Body.objects.filter(division=row.division_id, ended_on=None).order_by("id")
    return DraftForm(
        data,
        lines=drafting.standing_lines(row),
        sections=list(row.sections.order_by("position")),
        policies=list(row.policies.filter(voided_at=None).order_by("id")),
        bodies=list(bodies[:100]),
        indicators=list(Indicator.objects.filter(retired_on=None).order_by("position", "id")),
        initial={"revision": row.revision, "basis": row.basis},
    )


def _remarks(row: Plan, form: DraftForm) -> list[tuple[Any, str]]:
    names = {line.indicator.key: line.indicator.name for line in form.lines}
    open_ones = row.remarks.filter(settled_at=None).select_related("by").order_by("-round", "id")
    return [(remark, names.get(remark.item, remark.item)) for remark in open_ones]


def _save(request: HttpRequest, row: Plan, form: DraftForm) -> HttpResponse:
    row = drafting.save_draft(
        by=request.user, plan=row, draft=form.draft(), revision=form.cleaned_data["revision"]
    )
    do = request.POST.get("do")
    if do == "submit":
        review.submit(by=request.user, plan=row)
        messages.success(request, "已报送，待审核。")
        return redirect(url_of(row))
    messages.success(request, "草稿已保存。")
    return redirect(url_of(row, "plan_split" if do == "split" else "plan_edit"))
