"""Allocations of special funds by factors: list, working one out, its record, adoption."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from responsibility.common import clock
from responsibility.common.errors import DomainError, Forbidden, Invalid
from responsibility.common.views import get_visible, number_page
from responsibility.divisions.models import Body, Division
from responsibility.plans.forms import AllocationForm
from responsibility.plans.models import Allocation
from responsibility.plans.services import allocating, drafting
from responsibility.plans.services.allocating import Factor
from responsibility.plans.views.lists import own_bodies


def _own_body(request: HttpRequest) -> Body | None:
    rows = (body for body in own_bodies(request) if body.is_main)
    return next((body for body in rows if body.division.tier in ("city", "county")), None)


@require_GET
def allocation_list(request: HttpRequest) -> HttpResponse:
    """资金分配方案 in the territory."""
    rows = Allocation.objects.visible_to(request.user).filter(voided_at=None)
    found = rows.select_related("body").order_by("-period", "scope_path", "id")
    context = {"page": number_page(request, found), "can_draft": _own_body(request) is not None}
    return render(request, "plans/allocations.html", context)


@require_http_methods(["GET", "POST"])
def allocation_new(request: HttpRequest) -> HttpResponse:
    """Work out an allocation of the own division."""
    body = _own_body(request)
    if body is None:
        raise Forbidden("资金分配方案由市、县编制。")
    form = AllocationForm(
        request.POST or None,
        indicators=list(allocating.factor_choices()),
        places=list(Division.objects.living().filter(parent=body.division_id).in_order()),
        initial={"period": str(clock.today().year)},
    )
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                row = _draft(request, body, form)
            except DomainError as error:
                if error.status in (403, 404):
                    raise
                form.add_error(error.where if error.where in form.fields else None, error.message)
                status = error.status
            else:
                messages.success(request, "方案已算出，待审定。")
                return redirect(reverse("allocation", args=[row.public_id]))
    context = {"form": form, "body": body}
    return render(request, "plans/allocation_new.html", context, status=status)


def _draft(request: HttpRequest, body: Body, form: AllocationForm) -> Allocation:
    data = form.cleaned_data
    return allocating.draft_allocation(
        by=request.user,
        body=body,
        period=data["period"],
        title=data["title"],
        total=data["total"],
        basis=data["basis"],
        factors=[
            Factor(item, data[f"w-{item.pk}"])
            for item in form.indicators
            if data.get(f"w-{item.pk}")
        ],
        caps={
            place.pk: data[f"cap-{place.pk}"]
            for place in form.places
            if data.get(f"cap-{place.pk}") is not None
        },
    )


def _allocation(request: HttpRequest, public_id: UUID) -> Allocation:
    rows = Allocation.objects.select_related("body__division", "drafted_by", "adopted_by")
    return get_visible(rows, request, public_id)


@require_GET
def allocation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """An allocation: every amount beside the numbers it was worked out from."""
    row = _allocation(request, public_id)
    factors = list(row.factors.select_related("indicator").order_by("id"))
    shares: list[tuple[Any, list[tuple[Any, str]]]] = [
        (share, [(item, share.values.get(item.indicator.key, "0")) for item in factors])
        for share in allocating.shares_of(row)
    ]
    own = drafting.may_write(request.user, row.body)
    waits = not row.adopted_at and not row.voided_at
    context = {
        "row": row,
        "factors": factors,
        "shares": shares,
        "points": sum(item.weight for item in factors),
        "agrees": allocating.recompute(row)
        == {share.division_id: share.amount for share, _ in shares},
        "can_adopt": waits and own and row.drafted_by_id != request.user.pk,
        "can_void": waits and own,
    }
    return render(request, "plans/allocation.html", context)


@require_POST
def allocation_act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Adopt or void an allocation."""
    row = _allocation(request, public_id)
    do = request.POST.get("do")
    if do == "adopt":
        allocating.adopt(by=request.user, allocation=row)
        messages.success(request, "已审定。")
    elif do == "void":
        reason = request.POST.get("reason", "")[:200]
        allocating.void_allocation(by=request.user, allocation=row, reason=reason)
        messages.success(request, "已作废。")
        return redirect(reverse("allocation_list"))
    else:
        raise Invalid("没有这个操作，请返回重试。")
    return redirect(reverse("allocation", args=[row.public_id]))
