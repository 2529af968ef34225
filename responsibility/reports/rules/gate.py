"""报表准入: how much of what is asked exists already, and what may not be asked. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import SequenceMatcher

from responsibility.common import calendar
from responsibility.common.calendar import Day

ALIKE = 0.6
"""From this ratio of common text on, two names are shown as similar."""
Overrides = dict[date, tuple[bool, str]]


@dataclass(frozen=True)
class Known:
    """A figure of the dictionary."""

    key: str
    name: str
    unit: str
    definition: str = ""


@dataclass(frozen=True)
class Likeness:
    """An existing figure that is much like one that is asked."""

    known: Known
    score: int
    why: str


@dataclass(frozen=True)
class Finding:
    """What the gate found about one figure that is asked."""

    name: str
    unit: str
    section: str
    asked: str
    exists: bool
    refusal: str = ""
    held_by: tuple[str, ...] = ()
    alike: tuple[Likeness, ...] = field(default=())
    wish_id: int | None = None


def ratio(left: str, right: str) -> float:
    """Return how alike two texts are, 0 to 1; punctuation and blanks do not count."""
    a, b = _plain(left), _plain(right)
    if not a or not b:
        return 0.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def alike(name: str, unit: str, definition: str, known: Iterable[Known]) -> tuple[Likeness, ...]:
    """Return the at most five existing figures nearest in name or, of one unit, in definition."""
    found = []
    for item in known:
        by_name = ratio(name, item.name)
        same_unit = unit.strip() == item.unit.strip()
        by_words = ratio(definition, item.definition) if same_unit else 0.0
        best = max(by_name, by_words)
        if best < ALIKE:
            continue
        why = "名称相近" if by_name >= by_words else "口径相近"
        found.append(Likeness(item, round(best * 100), why + ("，单位相同" if same_unit else "")))
    found.sort(key=lambda item: (-item.score, item.known.name))
    return tuple(found[:5])


def is_same(name: str, unit: str, known: Known) -> bool:
    """Say whether a figure of that name and unit exists."""
    return _plain(name) == _plain(known.name) and unit.strip() == known.unit.strip()


def share(findings: Iterable[Finding]) -> tuple[int, int]:
    """Return how many of the asked figures exist already, and how many are asked."""
    rows = list(findings)
    return sum(row.exists for row in rows), len(rows)


def working_days(start: date, end: date, overrides: Overrides | None = None) -> int:
    """Return the working days after ``start`` up to and with ``end`` (0 if it is not later)."""
    count, day = 0, start
    while day < end:
        day += timedelta(days=1)
        found: Day = calendar.look_up(day, overrides)
        count += found.working
    return count
