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
    """A plot of one or few series of the whole scope: never one line per place."""

    key: str
    kind: str
    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    head: str = "时间"
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what the script would not draw."""
        if self.kind not in KINDS or any(one.tone not in TONES for one in self.series):
            raise ValueError(f"plot {self.key}: unknown kind or tone")
        if any(len(one.values) != len(self.labels) for one in self.series):
            raise ValueError(f"plot {self.key}: as many values as labels")

    def data(self) -> dict[str, Any]:
        """Return what the script reads (exact decimals as text)."""
        return {
            "kind": self.kind,
            "labels": list(self.labels),
            "unit": self.unit,
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

    def rows(self) -> list[tuple[str, list[Number]]]:
        """Return the table: a label and the value of each series."""
        return [
            (label, [one.values[at] for one in self.series]) for at, label in enumerate(self.labels)
        ]
