"""A principal's page: five numbers, what waits for a signature, what is red or late."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from responsibility.common import clock
from responsibility.common.rights import Right
from responsibility.common.scoping import Access, access_of
from responsibility.dashboard import overview
from responsibility.dashboard.overview import Ground, top_of
from responsibility.deadlines.models import Deadline
from responsibility.letters.services.reading import waiting_for

ROLES = {"secretary", "head"}
SHOWN = 20


@dataclass(frozen=True)
class Number:
    """One of the five: its words, its value and its rows; ``tone`` names icon and colour."""

    label: str
    value: int
    url: str
    tone: str = ""


def is_only(access: Access) -> bool:
    """Say whether all that the user does here is a principal's work."""
    return bool(access.roles) and set(access.roles) <= ROLES


def page(request: HttpRequest) -> HttpResponse:
    """Return the page."""
    return render(request, "dashboard/principal.html", context(request))


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the page shows: one's own territory, nobody else's."""
    user = request.user
    today = clock.today()
    to_sign = waiting_for(user)
    top = top_of(request)
    numbers = overview.whole_of(Ground(user, top, today.year, today)) if top else {}
    late = (
        Deadline.objects.visible_to(user, Right.SIGN)
        .filter(status="open", colour__in=["red", "yellow"])
        .select_related("rule", "body", "division")
        .order_by("due_on", "id")
    )
    return {
        "top": top,
        "heading": _heading(top.name if top else "", numbers),
        "numbers": _five(top.short_code if top else "", today.year, numbers, len(to_sign)),
        "late": list(late[: SHOWN + 1]),
        "shown": SHOWN,
        "roles": access_of(user).roles,
    }


def _heading(name: str, numbers: dict[str, int]) -> str:
    red = numbers.get("red", 0)
    late = numbers.get("overdue", 0) - red
    parts = [f"{red} 项超限"] if red else []
    parts += [f"{late} 项逾期"] if late else []
    return f"{name}有 {'，'.join(parts)}" if parts else f"{name}没有红黄事项"


def _five(code: str, year: int, numbers: dict[str, int], letters: int) -> list[Number]:
    rows = f"{reverse('duty_list')}?year={year}&division={code}"
    get = numbers.get
    return [
        Number("待签责任书", letters, f"{reverse('letter_list')}?status=issued", "blue"),
        Number("超限", get("red", 0), f"{rows}&due=over_limit", "red"),
        Number("逾期（含超限）", get("overdue", 0), f"{rows}&due=overdue", "yellow"),
        Number("已落实", get("done", 0), f"{rows}&standing=active&status=done", "green"),
        Number("承担责任", get("total", 0), f"{rows}&standing=active"),
    ]
