"""Turning a division's code into its path, for filters; ``divisions`` registers the look-up."""

from collections.abc import Callable
from typing import Any

from responsibility.common.errors import Invalid

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
