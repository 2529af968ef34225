"""Reading a regulation's text: pure, for the genre and not for one file."""

from responsibility.regulations.rules.parser import parse
from responsibility.regulations.rules.structure import (
    Article,
    Chapter,
    Clause,
    Item,
    Parsed,
    Warning_,
)

__all__ = ["Article", "Chapter", "Clause", "Item", "Parsed", "Warning_", "parse"]
