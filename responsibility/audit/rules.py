"""Canonical text, digests and links of the audit chain. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

GENESIS = "0" * 64


def plain(value: Any) -> Any:
    """Return a value as canonical JSON material: UTC times, decimals as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [plain(item) for item in value]
        return sorted(items) if isinstance(value, set | frozenset) else items
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces."""
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


HEAD = ("actor_id", "actor", "role", "verb", "target", "target_id", "scope_path")
"""The columns of an event that its canonical text repeats."""


def link_hash(seq: int, previous: str, event_digest: str, at: datetime) -> str:
    """Return the hash that ties one event, and its time, to the one before."""
    return digest(f"{seq}|{previous}|{event_digest}|{plain(at)}")


def is_intact(head: Mapping[str, Any], body: str, stored: str) -> bool:
    """Say whether an event's text still has its digest, and its columns are those of the text."""
    if digest(body) != stored:
        return False
    try:
        known = json.loads(body)
    except ValueError:
        return False
    return all(known.get(key) == head[key] for key in HEAD)


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], personal: frozenset[str] = frozenset()
) -> dict[str, list[Any]]:
    """Return {field: [old, new]} of what differs; personal fields show only that they changed."""
    changed: dict[str, list[Any]] = {}
    for key in sorted({*old, *new}):
        before, after = plain(old.get(key)), plain(new.get(key))
        if before != after:
            changed[key] = ["***", "***"] if key in personal else [before, after]
    return changed
