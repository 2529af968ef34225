"""Acts of the office on how duties stand: several zones' duties at once, taking back 不适用."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines.services import lifecycle
from responsibility.duties.models import Assignment, Duty, DutyBearer, ZoneExtension
from responsibility.duties.rules import (
    MARKS_KNOWN,
    WAITS_FOR_EXTENSION,
    WAITS_FOR_MARK,
    Standing,
)
from responsibility.duties.services import assigning
from responsibility.duties.services.marking import marked


@transaction.atomic
def extend_many(*, duties: Iterable[Duty], basis: str, document: str = "", by: Any) -> int:
    """Extend several duties to the zones on one basis; all of them or none.

    Returns how many assignments bind now. Raises Conflict for a duty extended meanwhile.
    """
    chosen = list(duties)
    if not chosen:
        raise Invalid("请至少选一项责任。", where="duties")
    return sum(
        assigning.extend_to_zones(duty=duty, basis=basis, document=document, by=by)
        for duty in chosen
    )


@transaction.atomic
def reinstate(*, assignment: Assignment, reason: str, by: Any) -> Assignment:
    """Take back 不适用: the duty stands again as the words, extensions and marks say."""
    access_of(by).require(Right.MANAGE_DUTIES, assignment)
    if not reason.strip():
        raise Invalid("请写明恢复的原因。", where="reason")
    row = (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("duty", "body")
        .get(pk=assignment.pk)
    )
    if row.standing != Standing.NOT_APPLICABLE:
        raise Conflict("这项责任没有被认定为不适用。")
    row.standing, words = _standing(row)
    row.standing_reason = words or f"恢复：{reason.strip()}"[:300]
    row.standing_by, row.standing_at = by, Now()
    row.save()
    if row.standing == Standing.ACTIVE:
        ids = [row.public_id]
        lifecycle.reopen(label=assigning.LABEL, subject_ids=ids, by=by, reason=reason.strip()[:200])
        assigning.open_deadlines(rows=[row], by=by)
    audit.record(
        by=by,
        verb="duties.reinstate",
        target=row,
        old={"standing": Standing.NOT_APPLICABLE},
        new={"standing": row.standing},
        note=reason.strip(),
    )
    return row


def _standing(row: Assignment) -> tuple[Standing, str]:
    duty = row.duty
    bearer = DutyBearer.objects.filter(duty=duty, kind=row.body.kind_id).first()
    if bearer is None:
        return _by_marks(row)
    if bearer.unlisted and not ZoneExtension.objects.filter(duty=duty).exists():
        return Standing.UNLISTED, WAITS_FOR_EXTENSION
    return Standing.ACTIVE, ""


def _by_marks(row: Assignment) -> tuple[Standing, str]:
    """A county that only says who bears a duty: 待认定, or 已认定 where it has a list."""
    mark = row.duty.needs_mark
    counties = marked(row.year).counties.get(mark.pk if mark else 0, set())
    if row.county_id in counties:
        return Standing.DETERMINED, MARKS_KNOWN.format(mark=mark)
    return Standing.UNDETERMINED, WAITS_FOR_MARK.format(mark=mark)
