"""Declare a day by a document; open deadlines follow, closed ones stay as they were."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines.models import CalendarDay
from responsibility.deadlines.services.catalogue import recompute


@transaction.atomic
def declare_day(*, day: date, working: bool, reason: str, basis: str, by: Any) -> CalendarDay:
    """Declare one day a working day or a day of rest, and move the open deadlines it touches."""
    access_of(by).require(Right.MANAGE_DEADLINES)
    if not 1949 <= day.year <= 2200:
        raise Invalid("日期应在 1949 至 2200 年之间。", where="day")
    if not basis.strip():
        raise Invalid("依据文件没有填。请写明放假通知的文号。", where="basis")
    try:
        with transaction.atomic():
            made = CalendarDay.objects.create(
                date=day, working=working, reason=reason.strip()[:60], basis=basis.strip()[:200]
            )
    except IntegrityError as error:
        raise Conflict("这一天已经登记过。要改，请先作废原来的。", where="day") from error
    audit.record(
        by=by,
        verb="deadlines.day_declared",
        target=made,
        new={"date": day, "working": working, "basis": basis},
    )
    recompute(by=by, reason=f"日历变动：{day}")
    return made


@transaction.atomic
def void_day(*, declared: CalendarDay, by: Any) -> None:
    """Void a declared day; open deadlines are computed without it."""
    access_of(by).require(Right.MANAGE_DEADLINES)
    changed = CalendarDay.objects.filter(pk=declared.pk, voided_at=None).update(voided_at=Now())
    if not changed:
        raise Conflict("这一天已经作废。")
    audit.record(by=by, verb="deadlines.day_voided", target=declared)
    recompute(by=by, reason=f"日历变动：{declared.date}")
