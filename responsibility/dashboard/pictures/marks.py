"""A run of an assessment as a picture: each item of the scheme by unit, and published grades.

Units stand in the standard order; nothing is added up, sorted or compared by result.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from responsibility.assessments.models import AssessmentRun, DataItem, LeafEntry, Subject
from responsibility.assessments.rules import Leaf, Node
from responsibility.common.templatetags.ui import short_place

GRADE_COLOURS = ("green", "blue", "yellow", "red")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Cell:
    """One item of one unit: colour and words of its state, the numbers, the page behind."""

    unit: str
    colour: str
    words: str
    detail: str
    url: str


@dataclass(frozen=True)
class Row:
    """One item of the scheme; ``group`` is its branch where that begins here."""

    group: str
    key: str
    name: str
    full: Decimal
    cells: list[Cell]


@dataclass(frozen=True)
class Grade:
    """A unit's published grade; ``colour`` follows the order of the scheme's own grades."""

    code: str
    name: str
    is_zone: bool
    colour: str
    words: str
    url: str
    basis: str


def rows(run: AssessmentRun, units: list[Subject]) -> list[Row]:
    """Return the items in the order of the scheme, each by unit: two statements."""
    wanted = [unit.pk for unit in units]
    entries = {(row.subject_id, row.leaf): row for row in _entries(wanted)}
    numbers = _numbers(wanted)
    made, last = [], ""
    for group, leaf in _leaves(run.scheme.scheme.children, ""):
        cells = [_cell(unit, leaf, entries.get((unit.pk, leaf.key)), numbers) for unit in units]
        made.append(Row(group if group != last else "", leaf.key, leaf.name, leaf.full, cells))
        last = group
    return made


def _entries(wanted: list[int]) -> "QuerySet[LeafEntry]":
    return LeafEntry.objects.filter(subject__in=wanted).only(
        "public_id", "subject_id", "leaf", "full", "absent", "mark", "state"
    )


def _numbers(wanted: list[int]) -> dict[tuple[int, str, str], Decimal]:
    found = DataItem.objects.filter(subject__in=wanted, value__isnull=False)
    return {
        (item.subject_id, item.leaf, item.key): item.counted
        for item in found.only("subject_id", "leaf", "key", "value", "verified_value")
    }


def _leaves(children: Iterable[Node | Leaf], group: str) -> Iterable[tuple[str, Leaf]]:
    for child in children:
        if isinstance(child, Leaf):
            yield group, child
        else:
            yield from _leaves(child.children, group or child.name)


def _cell(unit: Subject, leaf: Leaf, entry: LeafEntry | None, numbers: dict[Any, Decimal]) -> Cell:
    name = str(short_place(unit.body))
    if entry is None:
        return Cell(name, "", "没有这项", "", "")
    colour, words = state_of(entry)
    url = reverse("assessment_leaf", args=[entry.public_id])
    return Cell(name, colour, words, _detail(unit.pk, leaf, entry, numbers), url)


def state_of(entry: LeafEntry) -> tuple[str, str]:
    """Return (colour, words) of an item: how it stands by its own full mark, not by others'."""
    if entry.absent:
        return "", "没有任务"
    if entry.mark is None or entry.state != "scored":
        return "draft", "未计分"
    if entry.mark >= entry.full:
        return "green", "满分"
    return ("yellow", "有扣分") if entry.mark > 0 else ("red", "未得分")


def _detail(unit: int, leaf: Leaf, entry: LeafEntry, numbers: dict[Any, Decimal]) -> str:
    """Return the completion in percent where the rule measures one, else mark / full."""
    value, of = getattr(leaf.rule, "value", ""), getattr(leaf.rule, "of", "")
    done, whole = numbers.get((unit, leaf.key, value)), numbers.get((unit, leaf.key, of))
    if of and done is not None and whole:
        return f"{(done * 100 / whole).quantize(CENT, ROUND_HALF_UP)}%"
    if entry.absent or entry.mark is None:
        return ""
    return f"{entry.mark.quantize(CENT, ROUND_HALF_UP)}/{entry.full.normalize():f}"


def grades(run: AssessmentRun, user: Any) -> list[Grade]:
    """Return the published grades of the user's territory in the standard order; one statement.

    Of a city's run of counties the zones' own published run of the year goes along: zones take
    part only by a recorded extension, and its basis is shown.
    """
    kinds = {run.subjects_kind} | ({"zones"} if run.subjects_kind == "counties" else set())
    found = (
        Subject.objects.visible_to(user)
        .living()
        .filter(
            run__division=run.division_id,
            run__year=run.year,
            run__subjects_kind__in=kinds,
            run__published_at__isnull=False,
        )
        .with_names()
        .order_by("run__subjects_kind", "position")
    )
    return [_grade(unit) for unit in found if run.published_at]


def _grade(unit: Subject) -> Grade:
    known = [grade.name for grade in unit.run.scheme.scheme.grades]
    at = known.index(unit.grade) if unit.grade in known else len(GRADE_COLOURS)
    place = unit.division
    return Grade(
        code=place.code[:6],
        name=place.name if unit.body.is_main else unit.body.name,
        is_zone=place.is_zone,
        colour=(*GRADE_COLOURS, "")[min(at, len(GRADE_COLOURS))],
        words=unit.grade or "未定等次",
        url=reverse("assessment_unit", args=[unit.public_id]),
        basis=unit.run.basis,
    )
