"""Article (or duty) × place: where something waits, in words and colour; never a value scale."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from responsibility.common.templatetags.ui import cn_number
from responsibility.dashboard.overview import Ground, Tally, tallies
from responsibility.divisions.models import Division
from responsibility.duties.models import Duty, DutyClause
from responsibility.duties.rules import cell_state

BY = ("article", "duty")
EMPTY = {"total": 0, "unlisted": 0, "undetermined": 0, "done": 0, "late": 0, "returned": 0}


@dataclass(frozen=True)
class Cell:
    """One article or duty in one place."""

    place: Division
    name: str
    colour: str
    words: str
    url: str


@dataclass(frozen=True)
class Row:
    """One article or duty across the places."""

    title: str
    note: str
    url: str
    cells: list[Cell]


@dataclass(frozen=True)
class Heat:
    """The table."""

    by: str
    places: list[tuple[str, Division]]
    rows: list[Row]


def table(ground: Ground, by: str) -> Heat:
    """Return the table by ``article`` or ``duty``: one grouped scan, one reading of the names.

    A duty that rests on several articles stands under each of them.
    """
    by = by if by in BY else BY[0]
    found = tallies(ground, "duty_id", "child")
    groups = _by_article(found) if by == "article" else _by_duty(found)
    columns = [(ground.name_of(place), place) for _, place in ground.places]
    rows = [_row(ground, by, key, title, note, cells) for key, title, note, cells in groups]
    return Heat(by, columns, rows)


Group = tuple[str, str, str, dict[str, Tally]]


def _by_duty(found: dict[tuple[Any, ...], Tally]) -> list[Group]:
    duties = Duty.objects.filter(pk__in={key[0] for key in found}).order_by("position", "id")
    cells: dict[int, dict[str, Tally]] = {}
    for (duty_id, child), tally in found.items():
        cells.setdefault(duty_id, {})[child] = tally
    return [(duty.key, duty.title, "", cells[duty.pk]) for duty in duties]


def _by_article(found: dict[tuple[Any, ...], Tally]) -> list[Group]:
    duty_ids = {key[0] for key in found}
    ties = DutyClause.objects.filter(duty_id__in=duty_ids).values_list(
        "duty_id", "clause__article__number", "clause__article__position"
    )
    members: dict[str, set[int]] = {}
    order: dict[str, int] = {}
    for duty_id, number, position in ties:
        members.setdefault(number, set()).add(duty_id)
        order[number] = min(position, order.get(number, position))
    groups = []
    for number in sorted(members, key=lambda key: (order[key], key)):
        cells: dict[str, Tally] = {}
        for (duty_id, child), tally in found.items():
            if duty_id in members[number]:
                cells.setdefault(child, Counter()).update(tally)
        note = f"{len(members[number])} 项责任"
        groups.append((number, f"第{cn_number(number)}条", note, cells))
    return groups


def _row(ground: Ground, by: str, key: str, title: str, note: str, cells: dict[str, Tally]) -> Row:
    address = reverse("duty_list")
    shown = []
    for child, place in ground.places:
        tally = cells.get(child)
        colour, words = cell_state({**EMPTY, **tally} if tally else None)
        url = f"{address}{ground.rows_of(place)}&{by}={key}" if words != "不承担" else ""
        shown.append(Cell(place, ground.name_of(place), colour, words, url))
    return Row(title, note, f"{address}?{ground.query}&{by}={key}", shown)
