"""Where data items come from: ledgers register here and answer for many bodies at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from responsibility.divisions.models import Body

ROWS = 50


@dataclass(frozen=True)
class Row:
    """One row behind a number: its words and where it can be opened (label and public id)."""

    words: str
    label: str = ""
    public_id: str = ""


@dataclass(frozen=True)
class Fact:
    """A number with the rows behind it (at most ``ROWS`` of them) and how many there are."""

    value: Decimal
    rows: tuple[Row, ...] = ()
    count: int = 0

    def trace(self) -> dict[str, object]:
        """Return the rows as plain data."""
        return {
            "count": self.count or len(self.rows),
            "rows": [[row.words, row.label, row.public_id] for row in self.rows[:ROWS]],
        }


Source = Callable[[Sequence[Body], int, str], Mapping[int, Fact]]
_sources: dict[str, Source] = {}
_labels: dict[str, str] = {}
Offers = Callable[[], Mapping[str, str]]
_offers: dict[str, Offers] = {}


def register(kind: str, label: str, source: Source, offers: Offers) -> None:
    """Name the function (bodies, year, source key) → {body id: fact} of a source kind.

    ``offers`` returns the source keys that can be asked for, each with its Chinese words.

    A body of which the ledger knows nothing is left out: its item is missing, not zero. Statements
    must not grow with the bodies.
    """
    if kind in _sources:
        raise ValueError(f"source kind registered twice: {kind}")
    _sources[kind], _labels[kind], _offers[kind] = source, label, offers


def kinds() -> Mapping[str, str]:
    """Return the source kinds with their Chinese labels."""
    return dict(_labels)


def offers() -> list[tuple[str, str]]:
    """Return every source key that a data item can name, with words: ledger and meaning."""
    return [
        (key, f"{_labels[kind]}：{words}")
        for kind, known in _offers.items()
        for key, words in known().items()
    ]


def ask(kind: str, bodies: Sequence[Body], year: int, source: str) -> Mapping[int, Fact]:
    """Return what a ledger says of each body; nothing for an unknown kind."""
    found = _sources.get(kind)
    return found(bodies, year, source) if found and bodies else {}
