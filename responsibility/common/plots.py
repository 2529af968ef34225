"""What a plot shows; the same numbers always stand in a table beneath it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Number = int | Decimal | None
KINDS = ("line", "bar", "stacked")
TONES = ("action", "grey", "green", "blue", "yellow", "red")


@dataclass(frozen=True)
class Series:
    """One line or one part of the bars; ``tone`` is a token of the stylesheet."""

    name: str
    values: Sequence[Number]
    tone: str = "action"
    dashed: bool = False


@dataclass(frozen=True)
class Plot:
    """A plot of one or few series of the whole scope: never one line per place.

    ``links`` are the addresses of the rows behind each label, where there are any.
    """

    key: str
    kind: str
    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    head: str = "时间"
    extra: dict[str, Any] = field(default_factory=dict)
    links: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Refuse what the script would not draw."""
        if self.kind not in KINDS or any(one.tone not in TONES for one in self.series):
            raise ValueError(f"plot {self.key}: unknown kind or tone")
        if any(len(one.values) != len(self.labels) for one in self.series):
            raise ValueError(f"plot {self.key}: as many values as labels")
        if self.links and len(self.links) != len(self.labels):
            raise ValueError(f"plot {self.key}: as many links as labels")

    def data(self) -> dict[str, Any]:
        """Return what the script reads (exact decimals as text)."""
        return {
            "kind": self.kind,
            "labels": list(self.labels),
            "unit": self.unit,
            "title": self.title,
            "links": list(self.links),
            "series": [
                {
                    "name": one.name,
                    "tone": one.tone,
                    "dashed": one.dashed,
                    "values": [None if value is None else str(value) for value in one.values],
                }
                for one in self.series
            ],
        }

    def rows(self) -> list[tuple[str, str, list[Number]]]:
        """Return the table: a label, the address of its rows, and the value of each series."""
        links = self.links or [""] * len(self.labels)
        return [
            (label, links[at], [one.values[at] for one in self.series])
            for at, label in enumerate(self.labels)
        ]
