"""Where a typed number was typed: upper apps say what their rows are called and where they are."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The words and the address of what a number came from."""

    words: str
    url: str = ""


_origins: dict[str, tuple[str, Callable[[str], str]]] = {}


def register(label: str, words: str, address: Callable[[str], str]) -> None:
    """Say what rows of a model are called, and where one is by its public id."""
    _origins[label] = (words, address)


def of(label: str, public_id: str) -> Origin:
    """Return the origin of a number; one that nobody registered has no address."""
    words, address = _origins.get(label, ("填报", None))
    return Origin(words, address(public_id) if address and public_id else "")
