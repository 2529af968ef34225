"""Events to other systems: signed, retried with back-off, replayable, at least once.

``announce`` writes the deliveries in the transaction of their cause; the event's id is derived from
its key, so that a repeat and a replay carry the same one.
"""

import json
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.common.tasks import enqueue
from responsibility.outbox.models import Delivery, Webhook
from responsibility.outbox.posting import check_url, post
from responsibility.outbox.rules import (
    EVENT_OF_VERB,
    EVENTS,
    Channel,
    DeliveryStatus,
    HookStatus,
    hears,
    signature,
)
from responsibility.outbox.services import post_many

OVERLAP = timedelta(hours=24)
SECRET_BYTES = 32


def event_id(key: str) -> UUID:
    """Return the stable id of an event occurrence."""
    return uuid5(NAMESPACE_URL, f"urn:responsibility:event:{key}")


def announce(
    *,
    event: str,
    subject_type: str,
    subject_id: str | UUID,
    scope_path: str,
    payload: Mapping[str, Any],
    key: str,
) -> int:
    """Write a delivery for every webhook that hears of this; return how many.

    ``key`` is unique per occurrence (``letter.signed:<id>:<round>``): a second call is a no-op.
    ``payload`` holds no personal data; it must be plain values, dates or decimals.
    """
    found = Webhook.objects.exclude(status=HookStatus.ENDED).filter(events__contains=[event])
    found = found.defer("secret", "old_secret").order_by("id")
    hooks = [hook for hook in found if hears(hook.places, scope_path)]
    if not hooks:
        return 0
    number = event_id(key)
    body = {
        "id": str(number),
        "event": event,
        "subject": {"type": subject_type, "id": str(subject_id)},
        "occurred_at": timezone.now().isoformat(),
        "data": json.loads(json.dumps(dict(payload), cls=DjangoJSONEncoder)),
    }
    rows = [_delivery(hook, event, body, f"hook:{hook.pk}:{number}") for hook in hooks]
    post_many(deliveries=rows)
    return len(rows)


def tell_act(sender: Any = None, *, event: Any, **kwargs: Any) -> None:
    """Announce an audited act that other systems may hear of; who and what changed is not said."""
    name = EVENT_OF_VERB.get(event.verb)
    if name is None or not event.scope_path:
        return
    announce(
        event=name,
        subject_type=event.target,
        subject_id=event.target_id,
        scope_path=event.scope_path,
        payload={},
        key=f"audit:{event.pk}",
    )


def _delivery(hook: Webhook, event: str, body: Mapping[str, Any], key: str) -> Delivery:
    return Delivery(
        channel=Channel.WEBHOOK,
        address=hook.url,
        webhook=hook,
        key=key,
        subject=EVENTS.get(event, event),
        payload=dict(body),
    )


def send(delivery: Delivery) -> None:
    """Sign one delivery with the hook's present secret and POST it to its present address."""
    hook = delivery.webhook
    assert hook is not None  # the database says so
    body = json.dumps(
        {**delivery.payload, "replay": delivery.replay}, ensure_ascii=False, separators=(",", ":")
    ).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "responsibility-webhook/1",
        "X-Event": str(delivery.payload["event"]),
        "X-Event-Id": str(delivery.payload["id"]),
        "X-Replay": "true" if delivery.replay else "false",
        "X-Signature": sign(hook, int(time.time()), body),
    }
    post(hook.url, body, headers)


def sign(hook: Webhook, stamp: int, body: bytes) -> str:
    """Return ``t=…,v1=…``; for a day after a rotation a second ``v1`` by the old secret."""
    keys = [hook.secret]
    if hook.old_secret and hook.old_until and hook.old_until > timezone.now():
        keys.append(hook.old_secret)
    return ",".join([f"t={stamp}", *(f"v1={signature(key, stamp, body)}" for key in keys)])


# --- who may hear ------------------------------------------------------------------------------


@transaction.atomic
def add(
    *, name: str, url: str, events: Iterable[str], places: Sequence[int], by: Any
) -> tuple[Webhook, str]:
    """Register a receiver for divisions (ids) and return it with its secret (shown once)."""
    access_of(by).require(Right.MANAGE_TOKENS)
    wanted = sorted(set(events))
    _check(name, url, wanted, places)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    hook = Webhook.objects.create(
        name=name.strip(),
        url=url,
        secret=secret,
        events=wanted,
        places=sorted(set(places)),
        made_by=by,
    )
    new = {"name": hook.name, "url": url, "events": wanted, "places": hook.places}
    audit.record(by=by, verb="webhooks.add", target=hook, new=new)
    return hook, secret


def _check(name: str, url: str, events: list[str], places: Sequence[int]) -> None:
    if not name.strip() or len(name) > 100:
        raise Invalid("名称没有填，或超过 100 字。", where="name")
    if len(url) > 300:
        raise Invalid("地址最多 300 个字符。", where="url")
    check_url(url)
    if not events or set(events) - set(EVENTS):
        raise Invalid("没有选事件，或没有这种事件。", where="events")
    if not places:
        raise Invalid("没有选区划，推送要限定到区划。", where="divisions")


def _locked(hook: Webhook, by: Any) -> Webhook:
    access_of(by).require(Right.MANAGE_TOKENS)
    row = Webhook.objects.select_for_update(of=("self",)).get(pk=hook.pk)
    if row.status == HookStatus.ENDED:
        raise Conflict("这个推送已经停用。")
    return row


@transaction.atomic
def set_status(*, hook: Webhook, status: HookStatus, by: Any) -> None:
    """Pause (what happens meanwhile waits), resume, or end (what waits is given up) a webhook."""
    row = _locked(hook, by)
    old = row.status
    if old == status:
        return
    row.status = status
    row.save(update_fields=["status"])
    waiting = row.deliveries.filter(status=DeliveryStatus.WAITING)
    if status == HookStatus.ENDED:
        waiting.update(status=DeliveryStatus.FAILED, error="推送已停用")
    if status == HookStatus.ACTIVE:
        waiting.update(next_attempt_at=Now())
        enqueue("outbox.deliver")
    audit.record(
        by=by, verb="webhooks.status", target=row, old={"status": old}, new={"status": str(status)}
    )


@transaction.atomic
def rotate(*, hook: Webhook, by: Any) -> str:
    """Give a new secret (returned once); the old one signs too for 24 hours."""
    row = _locked(hook, by)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row.old_secret, row.secret = row.secret, secret
    row.old_until = timezone.now() + OVERLAP
    row.save(update_fields=["old_secret", "secret", "old_until"])
    audit.record(by=by, verb="webhooks.rotate", target=row, note="换密钥")
    return secret


@transaction.atomic
def replay(*, delivery: Delivery, by: Any) -> Delivery:
    """Send an event again under its own id, marked as a replay."""
    hook = _locked(delivery.webhook, by) if delivery.webhook else None
    if hook is None:
        raise Conflict("只有接口推送可以重放。")
    if delivery.status == DeliveryStatus.WAITING:
        raise Conflict("这一条还在等待发送，不用重放。")
    again = _delivery(hook, str(delivery.payload["event"]), delivery.payload, "")
    count = hook.deliveries.filter(payload__id=delivery.payload["id"]).count()
    again.key = f"hook:{hook.pk}:{delivery.payload['id']}:{count}"
    again.replay = True
    again.save()
    audit.record(by=by, verb="webhooks.replay", target=again)
    enqueue("outbox.deliver")
    return again
