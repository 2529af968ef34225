"""The record of a plan, its review, what comes next, versions compared, print."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from responsibility.common.errors import DomainError, Forbidden, Invalid, Missing
from responsibility.common.rights import Right
from responsibility.common.views import access
from responsibility.flow import reviewing
from responsibility.flow.rules import Action, Party, State, allowed, is_editable
from responsibility.plans import rules
from responsibility.plans.models import Plan, PlanLine, targets_of
from responsibility.plans.rules.checks import diff as line_changes
from responsibility.plans.services import drafting, review, splitting
from responsibility.plans.views.common import plan_of, revision_of, url_of


def _lines(row: Plan) -> list[dict[str, Any]]:
    """Return each line with its parts' balance and what does not hold."""
    found = []
    for line, check in splitting.check_lines(row):
        problems = rules.line_problems(check)
        left = rules.balance(check)
        found.append(
            {
                "line": line,
                "left": rules.remainder_words(left) if left is not None else "",
                "is_even": left == 0,
                "problems": [p for p in problems if p.weight != "reason"],
            }
        )
    return found


def _table(row: Plan, lines: list[PlanLine]) -> list[tuple[str, list[Any]]]:
    """Return the split as rows: a division and its part of each line."""
    parts = splitting.parts_of(row)
    places = {part.division_id: part.division for part in parts.values()}
    order = sorted(places.values(), key=lambda place: (place.sort_key, place.pk))
    return [
        (
            place.name,
            [
                (x, parts[x.pk, place.pk].target if (x.pk, place.pk) in parts else None)
                for x in lines
            ],
        )
        for place in order
    ]


@require_GET
def detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A plan: lines, split, words, policies, what happened, what comes next."""
    row, user = plan_of(request, public_id), request.user
    lines = _lines(row)
    own, issuer = drafting.may_write(user, row.body), review.may_issue(user, row)
    fixed = row.issued_at or row.voided_at
    open_ = is_editable(row.status) and not fixed
    in_force = bool(row.issued_at) and not row.superseded_at and not row.voided_at
    context = {
        "plan": row,
        "lines": lines,
        "uneven": any(item["left"] and not item["is_even"] for item in lines),
        "table": _table(row, [item["line"] for item in lines]),
        "sections": row.sections.exclude(text="").order_by("position"),
        "policies": row.policies.filter(voided_at=None).order_by("id"),
        "steps": row.steps.select_related("by").order_by("id"),
        "remarks": _named_remarks(row, lines),
        "versions": _versions(row),
        "can_edit": own and open_,
        "can_withdraw": own and row.status == State.SUBMITTED,
        "can_review": _may_review(request, row),
        "can_issue": issuer and row.status == State.PASSED and not fixed,
        "can_revise": own and in_force,
        "can_void": (own and open_) or (issuer and in_force),
        "can_reach": own and in_force,
    }
    return render(request, "plans/detail.html", context)


def _named_remarks(row: Plan, lines: list[dict[str, Any]]) -> list[tuple[Any, str]]:
    names = {item["line"].indicator.key: item["line"].indicator.name for item in lines}
    found = row.remarks.select_related("by").order_by("round", "id")
    return [(remark, names.get(remark.item, remark.item)) for remark in found]


def _versions(row: Plan) -> list[Plan]:
    return list(
        Plan.objects.filter(
            body=row.body_id, kind=row.kind, period=row.period, voided_at=None
        ).order_by("-version")
    )


def _may_review(request: HttpRequest, row: Plan) -> bool:
    return (
        not row.voided_at
        and allowed(Action.PASS, row.status)
        and reviewing.is_party(row, Party.REVIEWER, request.user, Right.SUBMIT)
    )


@require_http_methods(["GET", "POST"])
def review_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Review: every line beside last year and what was handed down, a remark for each."""
    row = plan_of(request, public_id)
    if not reviewing.is_party(row, Party.REVIEWER, request.user, Right.SUBMIT):
        access(request).require(Right.REVIEW)
        raise Missing("没有找到，或不由您审核。")
    if not _may_review(request, row):
        return redirect(url_of(row))
    error = None
    if request.method == "POST":
        try:
            return _verdict(request, row)
        except Invalid as refusal:
            error = refusal
    lines = _lines(row)
    context = {
        "plan": row,
        "lines": lines,
        "table": _table(row, [item["line"] for item in lines]),
        "sections": row.sections.exclude(text="").order_by("position"),
        "policies": row.policies.filter(voided_at=None).order_by("id"),
        "error": error,
        "typed": request.POST,
    }
    return render(request, "plans/review.html", context, status=400 if error else 200)


def _verdict(request: HttpRequest, row: Plan) -> HttpResponse:
    remarks = {
        line.indicator.key: request.POST.get(f"remark-{line.pk}", "").strip()
        for line in drafting.standing_lines(row)
    }
    remarks = {key: text for key, text in remarks.items() if text}
    if request.POST.get("do") == "return":
        review.return_plan(
            by=request.user,
            plan=row,
            reason=request.POST.get("reason", "")[:500],
            remarks=remarks,
            revision=revision_of(request),
        )
        messages.success(request, "已退回。")
    else:
        if remarks:
            raise Invalid("有意见的不能通过：请点“退回”，或清空意见。")
        review.pass_plan(by=request.user, plan=row, revision=revision_of(request))
        messages.success(request, "已通过，由编制单位下达。")
    return redirect(url_of(row))


@require_POST
def act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Submit, withdraw, issue, revise, void."""
    row = plan_of(request, public_id)
    try:
        return _done(request, row)
    except DomainError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, error.message)
        return redirect(url_of(row))


def _done(request: HttpRequest, row: Plan) -> HttpResponse:
    do, reason = request.POST.get("do", ""), request.POST.get("reason", "")[:500]
    by = request.user
    if do == "submit":
        review.submit(by=by, plan=row, revision=revision_of(request))
        messages.success(request, "已报送，待审核。")
    elif do == "withdraw":
        review.withdraw(by=by, plan=row)
        messages.success(request, "已撤回，可继续修改。")
    elif do == "issue":
        review.issue(by=by, plan=row, reason=reason, revision=revision_of(request))
        messages.success(request, "已下达，下级单位可以看到自己的目标。")
    elif do == "revise":
        new = review.revise(by=by, plan=row, reason=reason)
        messages.success(request, "已开修订稿；下达以前，原版继续有效。")
        return redirect(url_of(new, "plan_edit"))
    elif do == "void":
        review.void(by=by, plan=row, reason=reason)
        messages.success(request, "已作废。")
    else:
        raise Invalid("没有这个操作，请返回重试。")
    return redirect(url_of(row))


@require_POST
def reach(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Record how many households a policy has reached."""
    row = plan_of(request, public_id)
    if not drafting.may_write(request.user, row.body):
        raise Forbidden("只能登记本单位政策的受益户数。")
    text, key = request.POST.get("households", ""), request.POST.get("policy", "")
    policy = next((p for p in row.policies.filter(voided_at=None) if str(p.public_id) == key), None)
    if policy is None:
        raise Missing("没有这项政策。")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Invalid("受益户数应填整数，如 812。", where="households")
    drafting.report_reach(by=request.user, policy=policy, households=int(text))
    messages.success(request, "受益户数已登记。")
    return redirect(url_of(row))


@require_GET
def diff(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A version beside the one before it, line by line and part by part."""
    row = plan_of(request, public_id)
    before = row.previous
    if before is None:
        return redirect(url_of(row))
    changes = line_changes(
        targets_of(drafting.standing_lines(before)), targets_of(drafting.standing_lines(row))
    )
    context = {
        "plan": row,
        "before": before,
        "changes": changes,
        "parts": line_changes(_parts(before), _parts(row)),
    }
    return render(request, "plans/diff.html", context)


def _parts(row: Plan) -> dict[str, tuple[str, str, Any]]:
    lines = {line.pk: line for line in drafting.standing_lines(row)}
    found = {}
    for (line_id, _), part in splitting.parts_of(row).items():
        item = lines[line_id].indicator
        if part.target is not None:
            name = f"{part.division.name} {item.name}"
            found[f"{item.key}@{part.division.code}"] = (name, item.unit, part.target)
    return found


@require_GET
def print_view(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The plan as a document with the table of its split."""
    row = plan_of(request, public_id)
    lines = drafting.standing_lines(row)
    context = {
        "plan": row,
        "lines": lines,
        "table": _table(row, lines),
        "sections": row.sections.exclude(text="").order_by("position"),
        "policies": row.policies.filter(voided_at=None).order_by("id"),
    }
    return render(request, "plans/print.html", context)
