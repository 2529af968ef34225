"""What a grid of values does not tell of an xlsx: hidden rows, merges, formulas unanswered."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*>")
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"')
FORMULA = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3}\d+)"[^>]*><(?:\w+:)?f\b'
    rb"(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
ERROR = re.compile(
    rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3}\d+)"',
)
WIDEST = 26 * 27  # columns that have names of at most two letters


@dataclass(frozen=True)
class Shape:
    """Rows that are hidden, cells merged with others, formulas without a result (``#DIV/0!``)."""

    hidden_rows: frozenset[int] = frozenset()
    merged: dict[str, str] = field(default_factory=dict)
    unanswered: frozenset[str] = frozenset()


def shape_of(data: bytes, sheet: str) -> Shape:
    """Return the shape of a sheet by name; an empty one for CSV and for what cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _shape(archive.read(_member(archive, sheet)))
    except (zipfile.BadZipFile, KeyError, ValueError):
        return Shape()


def _member(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the member of the archive that holds a sheet; raise KeyError for none."""
    tags = SHEET.findall(archive.read("xl/workbook.xml"))
    relation = {_attribute(tag, b"name"): _attribute(tag, b"r:id") for tag in tags}[sheet]
    for tag in RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")):
        if _attribute(tag, b"Id") == relation:
            target = _attribute(tag, b"Target")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(sheet)


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\s" + name + rb'="([^"]*)"', tag)
    return html.unescape(found[1].decode()) if found else ""


def _shape(text: bytes) -> Shape:
    hidden = {
        int(_attribute(tag, b"r") or 0)
        for tag in ROW.findall(text)
        if _attribute(tag, b"hidden") in ("1", "true")
    }
    merged: dict[str, str] = {}
    for found in MERGE.finditer(text):
        left, top, right, bottom = (part.decode() for part in found.groups())
        for cell in _covered(left, int(top), right, int(bottom)):
            merged[cell] = f"{left}{top}:{right}{bottom}"
    unanswered = {cell.decode() for cell in FORMULA.findall(text) + ERROR.findall(text)}
    return Shape(frozenset(hidden), merged, frozenset(unanswered))


def _covered(left: str, top: int, right: str, bottom: int) -> Iterator[str]:
    """Yield the cells whose value a merge leaves in doubt: not the only row's own first cell."""
    first, last = _place(left), min(_place(right), WIDEST)
    for row in range(top, min(bottom, top + 1000) + 1):
        for place in range(first, min(last, first + 100) + 1):
            if top != bottom or place != first:
                yield f"{_letters(place)}{row}"


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place


def _letters(place: int) -> str:
    high, low = divmod(place - 1, 26)
    return (chr(64 + high) if high else "") + chr(65 + low)
