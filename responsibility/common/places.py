"""Turning a division's code into its path, for filters; ``divisions`` registers the look-up."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from responsibility.common.errors import Invalid
from responsibility.common.scoping import Scope

_paths: list[Callable[[str, Any], str | None]] = []


def register_division_lookup(function: Callable[[str, Any], str | None]) -> None:
    """Set the function (code, user) → path or None (``divisions`` calls this once)."""
    _paths[:] = [function]


def division_path(code: str, user: Any) -> str:
    """Return the path of a division in the user's scope; raise Invalid for any other code."""
    found: str | None = _paths[0](code, user) if _paths and len(code) <= 12 else None
    if found is None:
        raise Invalid("没有这个区划代码，或不在令牌的范围内。", where="division")
    return found


Moves = list[tuple[str, datetime]]
_moved_out: list[Callable[[Scope, datetime], Moves]] = []


def register_moved_out(function: Callable[[Scope, datetime], Moves]) -> None:
    """Set the function behind ``moved_out`` (``divisions`` calls this once)."""
    _moved_out[:] = [function]


def moved_out(scope: Scope, since: datetime) -> Moves:
    """Return the places that left a territory after ``since``: path of today, recorded when."""
    return _moved_out[0](scope, since) if _moved_out and scope else []
