"""What a hand-over lists: each app above says what is open at a body."""

from collections.abc import Callable
from typing import Any

from responsibility.divisions.models import Body

Item = tuple[str, int, str]
Source = Callable[[Body, Any], list[Item]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a source: ``fn(body, user)`` gives (label, count, address) of what is open, in a query.

    ``user`` is the account that hands over (None when it has none).
    """
    if source not in _sources:
        _sources.append(source)


def collect(body: Body, user: Any = None) -> list[Item]:
    """Return everything open at a body, without what is empty."""
    return [item for source in _sources for item in source(body, user) if item[1]]
