"""One place: as it is or was on a day; its history, those below, its bodies, its marks."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from responsibility.common import clock
from responsibility.common.rights import Right
from responsibility.common.views import access, get_visible, page
from responsibility.divisions.forms import AsOfForm
from responsibility.divisions.models import (
    Body,
    Division,
    DivisionChangeItem,
    DivisionMark,
    DivisionVersion,
)
from responsibility.divisions.rules import ChangeKind, tier_below

OFFERED = (
    ChangeKind.RENAME,
    ChangeKind.RECODE,
    ChangeKind.TRANSFER,
    ChangeKind.MERGE,
    ChangeKind.SPLIT,
    ChangeKind.ABOLISH,
)


@require_GET
def division_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One place."""
    division = get_visible(Division.objects.select_related("parent"), request, public_id)
    form = AsOfForm(request.GET if "as_of" in request.GET else None)
    day = form.cleaned_data["as_of"] if form.is_bound and form.is_valid() else None
    versions = list(
        DivisionVersion.objects.filter(division=division)
        .select_related("parent")
        .order_by("validity")
    )
    shown = _shown(versions, day or clock.today())
    crumbs, children = _family(request, division, day)
    context: dict[str, Any] = {
        "division": division,
        "crumbs": crumbs,
        "children": children,
        "form": form,
        "day": day,
        "shown": shown,
        "versions": list(reversed(versions)),
        "changes": DivisionChangeItem.objects.filter(division=division)
        .select_related("change", "successor")
        .order_by("-change__effective_on", "-pk"),
        "bodies": Body.objects.visible_to(request.user)
        .filter(division=division)
        .select_related("kind")
        .order_by("kind__position", "name", "id"),
        "marks": DivisionMark.objects.visible_to(request.user)
        .filter(division=division, voided_at=None)
        .select_related("kind")
        .order_by("-validity"),
        "may_change": access(request).allows(Right.MANAGE_DIVISIONS, division)
        and division.abolished_on is None,
        "kinds": [(kind, dict(ChangeKind.choices())[kind]) for kind in _offered(division)],
        "tier_below": tier_below(division.tier),
    }
    return page(request, "divisions/detail.html", context, status=400 if form.errors else 200)


def _offered(division: Division) -> list[ChangeKind]:
    skipped = set()
    if division.parent_id is None:
        skipped = {ChangeKind.SPLIT, ChangeKind.TRANSFER, ChangeKind.ABOLISH, ChangeKind.MERGE}
    if tier_below(division.tier) is None:
        skipped.add(ChangeKind.SPLIT)
    return [kind for kind in OFFERED if kind not in skipped]


def _shown(versions: list[DivisionVersion], day: date) -> DivisionVersion | None:
    """Return the version in force on a day."""
    for version in versions:
        since, until = version.validity.lower, version.validity.upper
        if (since is None or since <= day) and (until is None or day < until):
            return version
    return None


def _family(
    request: HttpRequest, division: Division, day: date | None
) -> tuple[list[tuple[Division, bool]], list[Any]]:
    """Return the ancestors (each with: may it be opened) and those below, today or on a day."""
    scope = access(request).scope(Right.VIEW)
    near = Division.objects.filter(pk__in=division.ancestor_ids[:-1])
    today = Q(parent=division, abolished_on=None)
    found = list((near | Division.objects.filter(today)).in_order())
    above = {item.pk: item for item in found if item.parent_id != division.pk}
    crumbs = [
        (above[pk], scope.covers(above[pk].path))
        for pk in division.ancestor_ids[:-1]
        if pk in above
    ]
    if day is None:
        rows: list[Any] = [
            {"division": item, "name": item.name, "code": item.code}
            for item in found
            if item.parent_id == division.pk and scope.covers(item.path)
        ]
        return crumbs, rows
    then = DivisionVersion.objects.as_of(day).filter(parent=division).select_related("division")
    past = [
        {"division": item.division, "name": item.name, "code": item.code}
        for item in then.order_by("code")
        if scope.covers(item.division.path)
    ]
    return crumbs, past
