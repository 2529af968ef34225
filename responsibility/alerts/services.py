"""The only writer of alerts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from responsibility.alerts.models import Alert
from responsibility.alerts.rules import Finding
from responsibility.alerts.scans import all_scans
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Division
from responsibility.outbox import services as outbox
from responsibility.outbox.rules import Message
from responsibility.postings.models import Posting
from responsibility.postings.rules import Role

GONE = "情况已消除"


@dataclass(frozen=True)
class Scanned:
    """What a scan did."""

    opened: int = 0
    closed: int = 0


@transaction.atomic
def scan(*, today: date | None = None) -> Scanned:
    """Look for what is amiss; open what is new, close what no longer holds. Twice is a no-op."""
    day = today or clock.today()
    opened: list[Alert] = []
    closed = 0
    for kind, look in all_scans().items():
        findings = list(look(day))
        opened += _open(kind, findings, day)
        closed += _close_gone(kind, findings, day)
    if opened or closed:
        audit.record(
            by=None,
            verb="alerts.scanned",
            target="alerts.alert",
            note=f"{day}：新增 {len(opened)}，消除 {closed}",
        )
    _tell_offices(opened, day)
    return Scanned(len(opened), closed)


def _open(kind: str, findings: list[Finding], day: date) -> list[Alert]:
    period = str(day.year)
    known = {
        alert.subject_id: alert
        for alert in Alert.objects.filter(kind=kind, period=period).select_for_update(of=("self",))
    }
    still = Alert.objects.open().filter(kind=kind).exclude(period=period)
    carried = set(still.values_list("subject_id", flat=True))
    places = Division.objects.in_bulk({item.division_id for item in findings})
    fresh, again = [], []
    for item in findings:
        old = known.get(item.subject_id)
        if old is None and item.subject_id not in carried:
            fresh.append(_made(kind, period, item, places[item.division_id], day))
        elif old is not None and old.closed_on and old.closed_by_id is None:
            again.append(old)
    Alert.objects.bulk_create(fresh, batch_size=1000, ignore_conflicts=True)
    Alert.objects.filter(pk__in=[alert.pk for alert in again]).update(
        closed_on=None, close_reason="", found_on=day
    )
    return fresh + again


def _made(kind: str, period: str, item: Finding, place: Division, day: date) -> Alert:
    alert = Alert(
        kind=kind,
        subject_type=item.subject_type,
        subject_id=item.subject_id,
        period=period,
        title=item.title[:200],
        body_id=item.body_id,
        found_on=day,
    )
    alert.place(place)
    return alert


def _close_gone(kind: str, findings: Iterable[Finding], day: date) -> int:
    found = [item.subject_id for item in findings]
    gone = Alert.objects.open().filter(kind=kind).exclude(subject_id__in=found)
    return gone.update(closed_on=day, close_reason=GONE)


def _tell_offices(alerts: list[Alert], day: date) -> None:
    if not alerts:
        return
    offices = (
        Posting.objects.current(day)
        .filter(role=Role.OFFICE, user__is_active=True)
        .values_list("user_id", "scope_path")
    )
    messages = []
    for user_id, path in offices:
        mine = [alert for alert in alerts if alert.scope_path.startswith(path)]
        if mine:
            messages.append(
                Message(
                    users=[user_id],
                    key=f"alerts:{day.isoformat()}",
                    title=f"新增预警 {len(mine)} 项",
                    text="；".join(alert.title for alert in mine[:5])[:1000],
                    url="/alerts/",
                )
            )
    outbox.notify_many(messages=messages)


@transaction.atomic
def close(*, alert: Alert, reason: str, by: Any) -> Alert:
    """Close an alert with a reason; it stays closed for the period."""
    access_of(by).require(Right.MANAGE_POSTINGS, alert)
    if not reason.strip():
        raise Invalid("结束原因没有填。请写明怎么处理的。", where="reason")
    if len(reason.strip()) > 200:
        raise Invalid("结束原因最多 200 字，请缩短。", where="reason")
    row = Alert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
    if row.closed_on is not None:
        raise Conflict("这条预警已经结束。")
    row.closed_on, row.closed_by, row.close_reason = clock.today(), by, reason.strip()
    row.save(update_fields=["closed_on", "closed_by", "close_reason", "updated_at"])
    audit.record(by=by, verb="alerts.closed", target=row, new={"reason": row.close_reason})
    return row
