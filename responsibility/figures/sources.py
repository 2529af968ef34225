"""Ledgers that answer for an indicator of source kind ``query`` register here."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

Source = Callable[[Collection[int], str], Mapping[int, Decimal]]
_sources: dict[str, Source] = {}


def register(key: str, source: Source) -> None:
    """Name the function (body ids, period) → {body id: value} that a ``source_key`` calls.

    One statement for all bodies; a body of which the ledger knows nothing is left out.
    """
    if key in _sources:
        raise ValueError(f"source registered twice: {key}")
    _sources[key] = source


def known() -> list[str]:
    """Return the keys that may be named."""
    return sorted(_sources)


def query(key: str, bodies: Collection[int], period: str) -> Mapping[int, Decimal]:
    """Return what the ledger says of each body."""
    source = _sources.get(key)
    return source(bodies, period) if source else {}
