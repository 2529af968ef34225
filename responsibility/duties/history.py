"""How an assignment came to stand as it does: generated, extended, not applicable, taken back."""

import json
from dataclasses import dataclass
from datetime import datetime

from responsibility.audit.models import Event
from responsibility.duties.models import Assignment, ZoneExtension
from responsibility.duties.rules import Standing

LABEL = "duties.assignment"
VERBS = {"duties.not_applicable": "认定为不适用", "duties.reinstate": "恢复"}
SHOWN = 50


@dataclass(frozen=True)
class Step:
    """One step: when, what, why, in which capacity."""

    at: datetime
    what: str
    why: str = ""
    who: str = ""


def of(assignment: Assignment) -> list[Step]:
    """Return the steps of an assignment that the caller may see, oldest first."""
    steps = [Step(assignment.created_at, f"生成{assignment.year}年度清单")]
    if assignment.division.is_zone:
        steps += _extension(assignment)
    steps += _acts(assignment)
    if assignment.standing == Standing.DETERMINED and assignment.standing_at:
        steps.append(Step(assignment.standing_at, "已认定", assignment.standing_reason))
    if assignment.standing == Standing.ENDED and assignment.standing_at:
        steps.append(Step(assignment.standing_at, "单位已撤销", assignment.standing_reason))
    return sorted(steps, key=lambda step: step.at)


def _extension(assignment: Assignment) -> list[Step]:
    row = (
        ZoneExtension.objects.filter(duty=assignment.duty_id).select_related("extended_by").first()
    )
    if row is None or row.created_at < assignment.created_at:
        return []
    words = "；".join(text for text in (row.basis, row.document) if text)
    by = row.extended_by
    return [Step(row.created_at, "明确由市属开发区承担", words, by.label if by else "")]


def _acts(assignment: Assignment) -> list[Step]:
    events = Event.objects.filter(
        target=LABEL, target_id=str(assignment.public_id), verb__in=VERBS
    ).order_by("-id")[:SHOWN]
    return [
        Step(event.at, VERBS[event.verb], json.loads(event.body).get("note", ""), event.role)
        for event in events
    ]
