"""The only way to write an audit event; and the seal that chains what is not yet linked."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from responsibility.audit import anchors, verifying
from responsibility.audit.models import Event, Link, Seal
from responsibility.audit.rules import GENESIS, canonical, differences, digest, link_hash
from responsibility.audit.signals import broken, recorded
from responsibility.common.scoping import Access, access_of
from responsibility.common.tasks import enqueue

logger = structlog.get_logger(__name__)
PROOF = "audit.verify"
SEAL_LOCK = 7_201_101
BATCH = 5_000


def capacity_of(access: Access) -> str:
    """Return in which capacities somebody acts, as of now."""
    return "；".join(dict.fromkeys(grant.source for grant in access.grants))[:200]


def record(
    *,
    by: Any,
    verb: str,
    target: models.Model | str,
    target_id: str | UUID = "",
    scope_path: str = "",
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    personal: frozenset[str] = frozenset(),
    note: str = "",
) -> Event:
    """Write one event in the current transaction.

    ``by`` is a user, or None for the system itself. ``old`` and ``new`` are field values; those
    named in ``personal`` are masked. Takes no lock.
    """
    if isinstance(target, models.Model):
        target_id = target_id or str(getattr(target, "public_id", target.pk))
        scope_path = scope_path or getattr(target, "scope_path", "")
        target = target._meta.label_lower
    known = by is not None and getattr(by, "is_authenticated", False)
    head = {
        "actor_id": by.pk if known else None,
        "actor": by.get_username() if known else "系统",
        "role": capacity_of(access_of(by)) if known else "",
        "verb": verb,
        "target": target,
        "target_id": str(target_id),
        "scope_path": scope_path,
    }
    changes = differences(old or {}, new or {}, personal)
    body = canonical({**head, "changes": changes, "note": note})
    event = Event.objects.create(**head, body=body, digest=digest(body))
    recorded.send(sender=Event, event=event)
    return event


def seal() -> int:
    """Chain every committed event that has no link yet; return how many were.

    One sealer at a time (advisory lock); another one returns 0 at once. After the commit every
    seal without an anchor outside the database gets one, also one whose writer died in between.
    """
    total = 0
    while done := _seal_batch():
        total += done
        if done < BATCH:
            break
    transaction.on_commit(_anchor)
    return total


def _is_only_sealer() -> bool:
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEAL_LOCK])
        return bool(cursor.fetchone()[0])


@transaction.atomic
def _anchor() -> None:
    if not _is_only_sealer():
        return
    for closed in Seal.objects.filter(last_seq__gt=anchors.last_seq()).order_by("last_seq"):
        anchors.append(closed.last_seq, closed.count, closed.hash)


@transaction.atomic
def _seal_batch() -> int:
    if not _is_only_sealer():
        return 0
    linked = Link.objects.filter(event_id=OuterRef("pk"))
    waiting = list(
        Event.objects.filter(~Exists(linked))
        .order_by("id")
        .values_list("id", "digest", "at")[:BATCH]
    )
    if not waiting:
        return 0
    seq, previous = _head()
    links = []
    for event_id, event_digest, at in waiting:
        seq += 1
        current = link_hash(seq, previous, event_digest, at)
        links.append(Link(event_id=event_id, seq=seq, prev=previous, hash=current))
        previous = current
    Link.objects.bulk_create(links, batch_size=1000)
    Seal.objects.create(last_seq=seq, count=len(links), hash=previous)
    return len(links)


def _head() -> tuple[int, str]:
    """Return where the chain goes on: after the last link, or the last seal if links are gone.

    Going on after the seal leaves the gap to be seen; it is never closed by new links.
    """
    last = Link.objects.order_by("-seq").values_list("seq", "hash").first() or (0, GENESIS)
    closed = Seal.objects.order_by("-last_seq").values_list("last_seq", "hash").first()
    return closed if closed and closed[0] > last[0] else last


def prove(*, by: Any = None) -> verifying.Result:
    """Seal, walk the whole chain and keep the finding as an event; a break is logged as an error.

    ``by`` is whoever asked, None for the daily run.
    """
    seal()
    result = verifying.verify()
    problem = result.problem
    found = {
        "ok": result.ok,
        "links": result.links,
        "problem": problem.message if problem else "",
    }
    event = record(by=by, verb=PROOF, target="audit.link", new=found)
    if problem:
        broken.send(sender=Event, problem=problem, event=event)
        logger.error("audit_chain_broken", kind=problem.kind, seq=problem.seq)
    return result


@transaction.atomic
def ask_proof(*, by: Any) -> None:
    """Have the worker walk the chain."""
    record(by=by, verb="audit.ask", target="audit.link")
    enqueue(PROOF)


def note_export(*, by: Any, filters: Mapping[str, Any]) -> Event:
    """Keep who took the log out, with which filters."""
    return record(by=by, verb="audit.export", target="audit.event", new=filters)


def last_proof() -> tuple[datetime, dict[str, Any]] | None:
    """Return when the chain was last walked and what was found: ok, links, problem."""
    event = Event.objects.filter(target="audit.link", verb=PROOF).order_by("-at", "-id").first()
    if event is None:
        return None
    changes = json.loads(event.body)["changes"]
    return event.at, {key: pair[1] for key, pair in changes.items()}
