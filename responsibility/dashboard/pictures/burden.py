"""How much reporting is asked of a territory in a year, and how much of it is typed by hand."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from responsibility.dashboard.overview import Ground
from responsibility.divisions.models import Division
from responsibility.flow.rules import State
from responsibility.reports.models import CellDef, Report

GROUPS = {
    "open": (State.DRAFT, State.AWAITING_APPROVAL),
    "sent": (State.SUBMITTED, State.IN_REVIEW),
    "returned": (State.RETURNED,),
    "passed": (State.PASSED, State.ARCHIVED),
}
LABELS = {"open": "在填", "sent": "待审核", "returned": "退回", "passed": "已通过"}
GROUP_OF = {state.value: name for name, states in GROUPS.items() for state in states}


@dataclass(frozen=True)
class Load:
    """What one place was asked: reports by state, and the cells in them."""

    name: str
    place: Division
    numbers: Counter[str]
    url: str


@dataclass(frozen=True)
class Burden:
    """The whole and the places, in the standard order."""

    whole: Counter[str]
    kinds: int
    loads: list[Load]


def of(ground: Ground) -> Burden:
    """Return the year's reports of the territory by place: two statements."""
    rows: list[tuple[Any, ...]] = list(
        Report.objects.visible_to(ground.user)
        .under(ground.top.path)
        .filter(period__startswith=str(ground.year))
        .annotate(child=ground.child)
        .order_by()
        .values_list("child", "kind_id", "status")
        .annotate(n=Count("*"))
    )
    cells = _cells({row[1] for row in rows})
    found: dict[str, Counter[str]] = {}
    for child, kind, status, n in rows:
        all_, typed = cells.get(kind, (0, 0))
        group = GROUP_OF[status]
        numbers = {"total": n, group: n, "cells": n * all_, "typed": n * typed}
        found.setdefault(child, Counter()).update(numbers)
    loads = [_load(ground, key, place, found) for key, place in ground.places]
    whole = sum((load.numbers for load in loads), Counter())
    return Burden(whole, len({row[1] for row in rows}), loads)


def _load(ground: Ground, key: str, place: Division, found: dict[str, Counter[str]]) -> Load:
    url = f"{reverse('report_list')}{ground.rows_of(place)}"
    return Load(ground.name_of(place), place, found.get(key, Counter()), url)


def _cells(kinds: set[int]) -> dict[int, tuple[int, int]]:
    rows = (
        CellDef.objects.filter(section__kind__in=kinds)
        .order_by()
        .values_list("section__kind")
        .annotate(all=Count("pk"), by_hand=Count("pk", filter=Q(typed=True)))
    )
    return {kind: (all_, typed) for kind, all_, typed in rows}


def states(group: str) -> str:
    """Return the states of a group as the report list takes them."""
    return ",".join(state.value for state in GROUPS[group])
