"""The audit links of a unit's assessment, for a proof package."""

from typing import Any

from responsibility.assessments.models import Subject
from responsibility.audit.models import Event, Link

LIMIT = 5000


def audit_links(subject: Subject) -> list[dict[str, Any]]:
    """Return every event about a unit and what belongs to it: verb, digest, place in the chain.

    Nobody's name is in it: who did it stays in the audit log.
    """
    targets = [
        ("assessments.subject", [subject.public_id]),
        ("assessments.leafentry", subject.entries.values_list("public_id", flat=True)),
        ("assessments.dataitem", subject.items.values_list("public_id", flat=True)),
        ("assessments.appeal", subject.appeals.values_list("public_id", flat=True)),
        ("assessments.assessmentrun", [subject.run.public_id]),
    ]
    events: list[Event] = []
    for target, ids in targets:
        rows = Event.objects.filter(target=target, target_id__in=[str(key) for key in ids])
        events += list(rows.order_by("id")[:LIMIT])
    chain = {
        link.event_id: link for link in Link.objects.filter(event_id__in=[row.pk for row in events])
    }
    return [_plain(row, chain.get(row.pk)) for row in events]


def _plain(row: Event, link: Link | None) -> dict[str, Any]:
    return {
        "target": row.target,
        "id": row.target_id,
        "verb": row.verb,
        "digest": row.digest,
        "at": row.at.isoformat(),
        "seq": link.seq if link else None,
        "hash": link.hash if link else None,
    }
