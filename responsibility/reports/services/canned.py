"""The remarks that an office's reviewers often make: kept as data, edited by themselves."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Forbidden, Invalid
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Division
from responsibility.flow.access import review_places
from responsibility.reports.models import CannedRemark

FIRST = ("请说明原因。", "请按台账更新。", "请写具体做法和数字。", "与上年文字相同，请核对。")
MOST, LONGEST = 20, 100


def offices_of(user: Any) -> QuerySet[Division]:
    """Return the divisions at which the user reviews, and whose remarks he keeps."""
    return Division.objects.filter(pk__in=review_places(access_of(user))).order_by("path")


def _living(division_id: int | None) -> QuerySet[CannedRemark]:
    rows = CannedRemark.objects.filter(division_id=division_id or 0, voided_at=None)
    return rows.order_by("position", "id")


def texts_for(division_id: int | None) -> list[str]:
    """Return the remarks of a reviewing division; the first set until it wrote its own."""
    return list(_living(division_id).values_list("text", flat=True)) or list(FIRST)


@transaction.atomic
def save(*, by: Any, division: Division, texts: Iterable[str]) -> list[str]:
    """Keep the whole list of a division's remarks; what is no longer in it is voided."""
    if division.pk not in review_places(access_of(by)):
        raise Forbidden("只有本级审核人员可以改常用意见。")
    wanted = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if len(wanted) > MOST:
        raise Invalid(f"最多 {MOST} 条，现在 {len(wanted)} 条。", where="texts")
    if long := next((n for n, text in enumerate(wanted, 1) if len(text) > LONGEST), 0):
        raise Invalid(f"第 {long} 条超过 {LONGEST} 字，请写短。", where="texts")
    Division.objects.select_for_update(of=("self",), no_key=True).get(pk=division.pk)
    there = {row.text: row for row in _living(division.pk)}
    old = list(there)
    gone = [row.pk for text, row in there.items() if text not in wanted]
    CannedRemark.objects.filter(pk__in=gone).update(
        voided_at=Now(), voided_by=by, void_reason="不再常用"
    )
    for place, text in enumerate(wanted, 1):
        row = there.get(text) or CannedRemark(division=division, text=text, written_by=by)
        row.position = place
        row.save()
    if old != wanted:
        audit.record(
            by=by,
            verb="reports.canned",
            target=division,
            old={"texts": old},
            new={"texts": wanted},
        )
    return wanted
