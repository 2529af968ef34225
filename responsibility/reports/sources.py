"""Ledgers from which a report's lists are drawn; upper apps register them in ``ready()``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of a list: its words, and where it is seen in the ledger."""

    cells: tuple[str, ...]
    model: str = ""
    public_id: str = ""
    url: str = ""


@dataclass(frozen=True)
class Drawn:
    """What a ledger says for a body and period: column heads and rows."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]


Source = Callable[[Any, str], Drawn]
_sources: dict[str, tuple[str, Source]] = {}


def register(key: str, fn: Source, *, label: str) -> None:
    """Name the function (body, period code) -> Drawn behind a list section's ``source``."""
    _sources[key] = (label, fn)


def choices() -> list[tuple[str, str]]:
    """Return the registered sources with their Chinese names."""
    return [(key, label) for key, (label, _) in sorted(_sources.items())]


def draw(key: str, body: Any, period: str) -> Drawn:
    """Return a list's rows; an unknown source gives an empty list."""
    found = _sources.get(key)
    return found[1](body, period) if found else Drawn((), ())
