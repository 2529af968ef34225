"""One place: as it is or was on a day; its history, those below, its bodies, its marks."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
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

_CHANGES = (
    DivisionChangeItem.objects.filter(division=OuterRef("pk"))
    .order_by("-change__effective_on", "-pk")
    .values(
        row=JSONObject(
            kind="change__kind",
            public_id="change__public_id",
            effective_on="change__effective_on",
            document="change__document",
            certainty="change__certainty",
            successor="successor__name",
        )
    )
)
_WORDS = dict(ChangeKind.choices())


@require_GET
def division_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One place."""
    found = Division.objects.select_related("parent").annotate(changed=ArraySubquery(_CHANGES))
    division = get_visible(found, request, public_id)
    form = AsOfForm(request.GET if "as_of" in request.GET else None)
    day = form.cleaned_data["as_of"] if form.is_bound and form.is_valid() else None
    versions, below = _versions(division, day)
    shown = _shown(versions, day or clock.today())
    crumbs, children = _family(request, division)
    if day is not None:
        children = [_row(item.division, item) for item in below]
    scope = access(request).scope(Right.VIEW)
    context: dict[str, Any] = {
        "division": division,
        "crumbs": crumbs,
        "children": [row for row in children if scope.covers(row["division"].path)],
        "form": form,
        "day": day,
        "shown": shown,
        "versions": list(reversed(versions)),
        "changes": [
            {
                **item,
                "effective_on": date.fromisoformat(item["effective_on"]),
                "word": _WORDS[item["kind"]],
            }
            for item in vars(division)["changed"]
        ],
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
        "kinds": [(kind, _WORDS[kind]) for kind in _offered(division)],
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


def _versions(
    division: Division, day: date | None
) -> tuple[list[DivisionVersion], list[DivisionVersion]]:
    """Return the place's own versions in order, and those below it on a day; one query."""
    wanted = Q(division=division)
    if day is not None:
        wanted |= Q(parent=division, validity__contains=day)
    found = DivisionVersion.objects.filter(wanted).select_related("division", "parent")
    rows = list(found.order_by("validity", "code"))
    own = [row for row in rows if row.division_id == division.pk]
    below = [row for row in rows if row.division_id != division.pk]
    return own, sorted(below, key=lambda row: row.division.sort_key)


def _row(division: Division, facts: Division | DivisionVersion) -> dict[str, Any]:
    return {"division": division, "name": facts.name, "code": facts.code}


def _family(
    request: HttpRequest, division: Division
) -> tuple[list[tuple[Division, bool]], list[dict[str, Any]]]:
    """Return the ancestors (each with: may it be opened) and those below today; one query."""
    scope = access(request).scope(Right.VIEW)
    near = Q(pk__in=division.ancestor_ids[:-1]) | Q(parent=division, abolished_on=None)
    found = list(Division.objects.filter(near).in_order())
    above = {item.pk: item for item in found if item.parent_id != division.pk}
    crumbs = [
        (above[pk], scope.covers(above[pk].path))
        for pk in division.ancestor_ids[:-1]
        if pk in above
    ]
    return crumbs, [_row(item, item) for item in found if item.parent_id == division.pk]
