"""Blocks that upper apps put on lower apps' pages, by registration instead of import."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

Panel = Callable[[HttpRequest, Any], tuple[str, dict[str, Any]] | None]
Probe = Callable[[HttpRequest, Any], "QuerySet[Any] | None"]


class Block(NamedTuple):
    """A block of a slot; ``probe`` gives the rows without which there is nothing to show."""

    order: int
    panel: Panel
    probe: Probe | None


_panels: dict[str, list[Block]] = {}


def register(slot: str, panel: Panel, *, order: int = 100, probe: Probe | None = None) -> None:
    """Show a block in a slot: ``panel(request, obj)`` gives (template, context) or None.

    Each panel makes at most one scoped query. With ``probe`` the panel is asked only when the
    probe's rows exist: the probes of a slot are asked together, in one statement.
    """
    rows = _panels.setdefault(slot, [])
    if all(known.panel is not panel for known in rows):
        rows.append(Block(order, panel, probe))
        rows.sort(key=lambda block: block.order)


def _exist(querysets: "list[QuerySet[Any] | None]") -> list[bool]:
    """Say of each queryset whether it has a row, in one statement; None has none."""
    found = [False] * len(querysets)
    asked: list[int] = []
    parts: list[str] = []
    values: list[Any] = []
    for at, rows in enumerate(querysets):
        try:
            if rows is None:
                continue
            sql, params = rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"EXISTS({sql})")
        values.extend(params)
        asked.append(at)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", values)
            for at, answer in zip(asked, cursor.fetchone(), strict=True):
                found[at] = answer
    return found


def count_together(querysets: "list[QuerySet[Any]]") -> list[int]:
    """Return how many rows each queryset has, in one statement; EmptyResultSet counts none."""
    found = [0] * len(querysets)
    asked: list[int] = []
    parts: list[str] = []
    values: list[Any] = []
    for at, rows in enumerate(querysets):
        try:
            sql, params = rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608
        values.extend(params)
        asked.append(at)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", values)
            for at, number in zip(asked, cursor.fetchone(), strict=True):
                found[at] = number
    return found


def render(slot: str, request: HttpRequest, obj: Any) -> SafeString:
    """Return the blocks of a slot, in order."""
    return render_slots([slot], request, obj)[slot]


def render_slots(slots: list[str], request: HttpRequest, obj: Any) -> dict[str, SafeString]:
    """Return the blocks of several slots of one page by slot; their probes are asked together."""
    probed = [block for slot in slots for block in _panels.get(slot, []) if block.probe]
    there = _exist([block.probe(request, obj) for block in probed if block.probe])
    empty = {block.panel for block, found in zip(probed, there, strict=True) if not found}
    return {slot: _blocks(slot, request, obj, empty) for slot in slots}


def _blocks(slot: str, request: HttpRequest, obj: Any, empty: set[Panel]) -> SafeString:
    parts = []
    for block in _panels.get(slot, []):
        given = None if block.panel in empty else block.panel(request, obj)
        if given:
            template, context = given
            parts.append(render_to_string(template, context, request=request))
    return mark_safe("".join(parts))
