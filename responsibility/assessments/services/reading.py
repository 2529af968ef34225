"""What the pages read: the unit's sheet as a tree, the walk from a mark to an article and back."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse

from responsibility.assessments import facts
from responsibility.assessments.models import DataItem, LeafEntry, Subject
from responsibility.assessments.rules import Leaf, Node, Scheme
from responsibility.common.scoping import Somebody
from responsibility.deadlines import subjects
from responsibility.duties.models import Assignment, Duty
from responsibility.regulations.models import Clause, RegulationVersion


@dataclass(frozen=True)
class Behind:
    """One row behind a number: its words and its page (empty: none)."""

    words: str
    url: str


@dataclass(frozen=True)
class Number:
    """A data item as the walk shows it."""

    item: DataItem
    source: str
    rows: list[Behind]
    more: int


@dataclass(frozen=True)
class Line:
    """One row of a unit's sheet: a branch with its sum, or a leaf with its entry."""

    depth: int
    name: str
    full: Any
    entry: LeafEntry | None = None
    leaf: Leaf | None = None
    node: dict[str, Any] | None = None


def sheet(subject: Subject) -> list[Line]:
    """Return a unit's sheet in the order of the scheme; 1 statement."""
    entries = {entry.leaf: entry for entry in subject.entries.select_related("verified_by")}
    sums = {node["key"]: node for node in _nodes(subject.nodes)}
    made: list[Line] = []

    def walk(children: Iterable[Node | Leaf], depth: int) -> None:
        for child in children:
            if isinstance(child, Leaf):
                entry = entries.get(child.key)
                made.append(Line(depth, child.name, child.full, entry, child))
            else:
                made.append(Line(depth, child.name, child.full, node=sums.get(child.key)))
                walk(child.children, depth + 1)

    walk(subject.run.scheme.scheme.children, 0)
    return made


def _nodes(nodes: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from _nodes(node["children"])


def numbers(entry: LeafEntry) -> list[Number]:
    """Return the data items of a leaf with the rows behind each."""
    labels = {"typed": "单位填报", **facts.kinds()}
    rows = DataItem.objects.filter(subject=entry.subject_id, leaf=entry.leaf).order_by("id")
    made = []
    for item in rows:
        trace = item.trace if isinstance(item.trace, dict) else {}
        behind = [Behind(words, url_of(label, key)) for words, label, key in trace.get("rows", [])]
        more = max(0, int(trace.get("count", 0)) - len(behind))
        made.append(Number(item, labels.get(item.source_kind, item.source_kind), behind, more))
    return made


def url_of(label: str, key: str) -> str:
    """Return the page of a row behind a number, or an empty text."""
    try:
        if label == "figures.value":
            indicator, body, period = key.split("/", 2)
            return reverse("figure_value", args=[indicator, UUID(body), period])
        if label == "assessments.rectification":
            return reverse("rectification", args=[UUID(key)])
        return subjects.url_of(label, UUID(key)) if label else ""
    except (ValueError, NoReverseMatch):
        return ""


@dataclass(frozen=True)
class Footing:
    """What a leaf rests on: the clauses, the duties that they create, the unit's own duties."""

    clauses: list[Clause]
    duties: list[Duty]
    assignments: list[Assignment]


def footing(user: Somebody, entry: LeafEntry, leaf: Leaf) -> Footing:
    """Return the clauses of a leaf, the duties resting on them, and the unit's share of these."""
    number, _, part = leaf.clause.partition("-")
    if not number:
        return Footing([], [], [])
    version = RegulationVersion.objects.order_by("-id").first()
    clauses = Clause.objects.filter(article__version=version, article__number=number)
    if part.isdigit():
        clauses = clauses.filter(number=int(part))
    found = list(clauses.select_related("article").order_by("number"))
    duties = list(Duty.objects.filter(clauses__clause__in=found).distinct().order_by("key")[:20])
    subject = entry.subject
    own = Assignment.objects.visible_to(user).filter(duty__in=duties, year=subject.run.year)
    own = (
        own.filter(division=subject.division_id)
        if subject.body.is_main
        else own.filter(body=subject.body_id)
    )
    return Footing(found, duties, list(own.select_related("duty", "body").order_by("id")[:20]))


def scores_of_article(user: Somebody, number: str) -> "QuerySet[LeafEntry]":
    """Return the leaves that rest on an article, of the units that the user sees."""
    rows = LeafEntry.objects.visible_to(user).with_names().filter(subject__run__voided_at=None)
    keys = {
        (subject.run.scheme_id, leaf.key)
        for subject in Subject.objects.visible_to(user).living().with_names().distinct("run")
        for leaf in subject.run.scheme.scheme.leaves()
        if leaf.clause.partition("-")[0] == number
    }
    if not keys:
        return rows.none()
    rows = rows.filter(
        subject__run__scheme__in={scheme for scheme, _ in keys}, leaf__in={key for _, key in keys}
    )
    return rows.order_by("-subject__run__year", "subject__position", "position")


def names(scheme: Scheme) -> dict[str, str]:
    """Return the names of the leaves by key."""
    return {leaf.key: leaf.name for leaf in scheme.leaves()}
