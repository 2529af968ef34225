"""Blocks that upper apps put on lower apps' pages, by registration instead of import."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

Panel = Callable[[HttpRequest, Any], tuple[str, dict[str, Any]] | None]
_panels: dict[str, list[tuple[int, Panel]]] = {}


def register(slot: str, panel: Panel, *, order: int = 100) -> None:
    """Show a block in a slot: ``panel(request, obj)`` gives (template, context) or None.

    Each panel makes at most one scoped query.
    """
    rows = _panels.setdefault(slot, [])
    if all(known is not panel for _, known in rows):
        rows.append((order, panel))


def render(slot: str, request: HttpRequest, obj: Any) -> SafeString:
    """Return the blocks of a slot, in order."""
    parts = []
    for _, panel in sorted(_panels.get(slot, []), key=lambda item: item[0]):
        given = panel(request, obj)
        if given:
            template, context = given
            parts.append(render_to_string(template, context, request=request))
    return mark_safe("".join(parts))
