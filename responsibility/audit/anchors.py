"""Seals kept outside the database: one signed line each in an append-only file.

A chain alone cannot show that its tail was cut; the last anchor can.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

_INFO = b"audit-anchor"
TAIL = 512  # bytes; more than one line


@dataclass(frozen=True)
class Anchor:
    """One anchored seal."""

    last_seq: int
    count: int
    hash: str


class BadAnchor(Exception):  # noqa: N818
    """A line of the anchor file was altered."""


def path() -> Path:
    """Return the anchor file."""
    return Path(settings.DATA_DIR) / "anchors" / "audit-seals.log"


def _sign(text: str) -> str:
    keys = settings.FIELD_KEYS or [settings.SECRET_KEY]
    key = hmac.new(keys[-1].encode(), _INFO, hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def append(last_seq: int, count: int, chain_hash: str) -> None:
    """Add one signed line, flushed to the disk."""
    text = f"{last_seq} {count} {chain_hash}"
    target = path()
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{text} {_sign(text)}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def last_seq() -> int:
    """Return the last sequence number that is anchored (0: none), from the file's end only."""
    if not path().exists():
        return 0
    with path().open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
        lines = file.read().decode().splitlines()
    first = lines[-1].split(" ")[0] if lines else ""
    return int(first) if first.isascii() and first.isdigit() else 0


def read_all() -> list[Anchor]:
    """Return every anchor in order; raise BadAnchor naming the first altered line."""
    if not path().exists():
        return []
    anchors = []
    for number, line in enumerate(path().read_text().splitlines(), 1):
        text, _, signature = line.rpartition(" ")
        if not hmac.compare_digest(signature, _sign(text)):
            raise BadAnchor(f"第 {number} 行")
        seq, count, chain_hash = text.split(" ")
        anchors.append(Anchor(int(seq), int(count), chain_hash))
    return anchors
