"""What a change of the tree leaves open: told to the apps above, and what they did kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from responsibility.divisions.models import (
    Division,
    DivisionChange,
    DivisionChangeEffect,
)
from responsibility.divisions.rules import ChangeKind, Fate
from responsibility.divisions.signals import division_changed

SHOWN = 200


@dataclass(frozen=True)
class Outcome:
    """What a change did: places that ended (with who took them over), moved, were made."""

    change: DivisionChange
    ended: dict[int, Division | None] = field(default_factory=dict)
    moved: tuple[Division, ...] = ()
    made: tuple[Division, ...] = ()

    @property
    def day(self) -> date:
        """Return the first day on which it holds."""
        return self.change.effective_on

    @property
    def reason(self) -> str:
        """Return the reason that every closed or handed over row carries: what and by which
        document.
        """
        word = dict(ChangeKind.choices())[ChangeKind(self.change.kind)]
        return f"区划{word}，依据{self.change.document}"[:200]


@dataclass(frozen=True)
class Effect:
    """So many things of one kind at one place, and what became of them.

    ``items``: (title, address of the page or an empty text) of each.
    """

    division_id: int
    what: str
    fate: Fate
    items: list[tuple[str, str]]
    successor_id: int | None = None
    note: str = ""


def settle(outcome: Outcome, *, by: Any) -> list[DivisionChangeEffect]:
    """Let every app close, hand over or redirect what a change left open; keep what they say."""
    said: list[Effect] = []
    answers: list[tuple[Any, Any]] = division_changed.send(
        sender=DivisionChange, change=outcome.change, outcome=outcome, by=by
    )
    for _, answer in answers:
        said += answer or []
    rows = [_row(outcome.change, effect) for effect in said if effect.items]
    return DivisionChangeEffect.objects.bulk_create(rows, batch_size=1000)


def _row(change: DivisionChange, effect: Effect) -> DivisionChangeEffect:
    return DivisionChangeEffect(
        change=change,
        division_id=effect.division_id,
        successor_id=effect.successor_id,
        what=effect.what,
        fate=effect.fate,
        count=len(effect.items),
        items=[list(item) for item in effect.items[:SHOWN]],
        note=effect.note[:200],
    )


def by_division(
    rows: Iterable[tuple[int, str, str]],
    *,
    what: str,
    fate: Fate,
    successors: dict[int, Division | None] | None = None,
    note: str = "",
) -> list[Effect]:
    """Return the effects of (division id, title, address) rows, one for each division.

    ``successors``: those who took a place over; a place without one is not handed to anybody.
    """
    found: dict[int, list[tuple[str, str]]] = {}
    for division_id, title, address in rows:
        found.setdefault(division_id, []).append((title, address))
    heirs = successors or {}
    return [
        Effect(pk, what, fate, items, heir.pk if (heir := heirs.get(pk)) else None, note)
        for pk, items in found.items()
    ]
