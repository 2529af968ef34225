"""What upper apps say about the subjects of deadlines, in ``ready()``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models


@dataclass(frozen=True)
class Kind:
    """What is known of the subjects of one model.

    ``address`` gives the page; ``rows`` the queryset (with ``visible_to``), ``title`` the words,
    ``event_rule`` the key of the rule when its deadlines run from events (else an empty text).
    """

    address: Callable[[UUID], str]
    rows: Callable[[], "models.QuerySet[Any]"] | None = None
    title: Callable[[Any], str] = str
    event_rule: Callable[[Any], str] = lambda subject: ""


_kinds: dict[str, Kind] = {}


def register(label: str, kind: Kind) -> None:
    """Say what is known of the subjects of this model label (``duties.assignment``)."""
    _kinds[label] = kind


def url_of(label: str, public_id: UUID) -> str:
    """Return the address of a subject's page, or an empty text when nobody registered one."""
    known = _kinds.get(label)
    return known.address(public_id) if known else ""


def rows_of(label: str) -> "models.QuerySet[Any] | None":
    """Return the queryset of a model whose subjects may be looked up, else None."""
    known = _kinds.get(label)
    return known.rows() if known and known.rows else None


def title_of(label: str, subject: Any) -> str:
    """Return the words for a subject."""
    known = _kinds.get(label)
    return known.title(subject) if known else str(subject)


def event_rule(label: str, subject: Any) -> str:
    """Return the key of the rule by which events of a subject are timed, or an empty text."""
    known = _kinds.get(label)
    return known.event_rule(subject) if known else ""
