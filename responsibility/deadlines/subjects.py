"""Where the page of a subject is: upper apps say so in ``ready()``."""

from collections.abc import Callable
from uuid import UUID

_pages: dict[str, Callable[[UUID], str]] = {}


def register(label: str, address: Callable[[UUID], str]) -> None:
    """Say how to find the page of a subject of this model label (``duties.assignment``)."""
    _pages[label] = address


def url_of(label: str, public_id: UUID) -> str:
    """Return the address of a subject's page, or an empty text when nobody registered one."""
    known = _pages.get(label)
    return known(public_id) if known else ""
