"""Ledgers that answer for an indicator of source kind ``query`` register here."""

from collections.abc import Callable
from decimal import Decimal

from responsibility.divisions.models import Body

Source = Callable[[Body, str], Decimal | None]
_sources: dict[str, Source] = {}


def register(key: str, source: Source) -> None:
    """Name the function (body, period) → value that an indicator's ``source_key`` calls."""
    if key in _sources:
        raise ValueError(f"source registered twice: {key}")
    _sources[key] = source


def query(key: str, body: Body, period: str) -> Decimal | None:
    """Return what the ledger says, or None where it knows nothing."""
    source = _sources.get(key)
    return source(body, period) if source else None
