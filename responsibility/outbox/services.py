"""The only writers of notices and deliveries.

A notice is a row under a unique key, written in the transaction of its cause; a delivery goes to
the outside at least once, with a stable id, retried with back-off and visible when it fails.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import Count, F, Q, Window
from django.db.models.functions import Now, RowNumber
from django.utils import timezone

from accounts.models import User
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict
from responsibility.common.tasks import enqueue
from responsibility.outbox.models import Delivery, Notice
from responsibility.outbox.rules import (
    HOOK_ATTEMPTS,
    MAX_ATTEMPTS,
    Channel,
    DeliveryStatus,
    HookStatus,
    Level,
    Message,
    back_off,
    digest_text,
    digest_title,
)

BATCH = 2_000
DIGEST = "digest:"
NAMED = 5


INSERT = """
INSERT INTO outbox_notice (user_id, key, level, title, text, url, source)
SELECT p.user_id, m.key, m.level, m.title, m.text, m.url, m.source
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
  WITH ORDINALITY AS m(key, level, title, text, url, source, number)
JOIN unnest(%s::bigint[], %s::int[]) AS p(user_id, number) ON p.number = m.number
ON CONFLICT (user_id, key) DO NOTHING
"""


def notify(
    *,
    users: Iterable[int],
    key: str,
    title: str,
    text: str = "",
    url: str = "",
    level: str = Level.INFO,
    source: str = "",
) -> int:
    """Write one notice to each user (ids), once per key; return how many were new."""
    message = Message(sorted(set(users)), key, title, text, url, level, source)
    return notify_many(messages=[message])


def notify_many(*, messages: Sequence[Message]) -> int:
    """Write each message to its users in one INSERT; what exists under (user, key) is left alone.

    Each text travels once, however many hear it. Returns how many notices were new.
    """
    pairs = [(user, n) for n, item in enumerate(messages, 1) for user in item.users]
    if not pairs:
        return 0
    columns: list[Any] = [
        [item.key for item in messages],
        [str(item.level) for item in messages],
        [item.title[:200] for item in messages],
        [item.text[:1000] for item in messages],
        [item.url for item in messages],
        [item.source for item in messages],
        [user for user, _ in pairs],
        [number for _, number in pairs],
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, columns)
        return int(cursor.rowcount)


def tell_run_ended(sender: Any = None, *, run: Any, **kwargs: Any) -> None:
    """Tell whoever started a background run that it has ended."""
    if run.started_by_id is None:
        return
    notify(
        users=[run.started_by_id],
        key=f"run:{run.public_id}:{run.attempts}",
        title=f"{run.title}：{run.get_status_display()}",
        text=run.error or f"已办 {run.done}，未办 {run.not_done}。",
        url=f"/runs/{run.public_id}/",
    )


def settle(*, sources: Iterable[str]) -> int:
    """Say that what the notices are about is handled or explained: they leave the digest."""
    return Notice.objects.filter(source__in=list(sources), settled_at=None).update(settled_at=Now())


def unsettle(*, sources: Iterable[str]) -> int:
    """Put notices back into the digest."""
    return Notice.objects.filter(source__in=list(sources), settled_at__isnull=False).update(
        settled_at=None
    )


def mark_read(*, by: Any, notice: Notice) -> None:
    """Mark one of the user's own notices read."""
    Notice.objects.filter(pk=notice.pk, user_id=by.pk, read_at=None).update(read_at=Now())


def mark_all_read(*, by: Any) -> int:
    """Mark all of the user's own notices read."""
    return Notice.objects.filter(user_id=by.pk, read_at=None).update(read_at=Now())


# --- the daily digest ----------------------------------------------------------------------------


@dataclass
class _Day:
    red: int = 0
    unread: int = 0


@transaction.atomic
def digest(*, today: date | None = None) -> int:
    """Write one digest a day to each user with something red or unread; return how many.

    A red item returns every day until it is handled or explained. Older digests count as read.
    A past day run again writes nothing to a user who has had a later digest.
    """
    day = today or clock.today()
    waiting = _waiting()
    key = f"{DIGEST}{day.isoformat()}"
    done = set(
        Notice.objects.filter(key__startswith=DIGEST, key__gte=key).values_list(
            "user_id", flat=True
        )
    )
    users = {user: counts for user, counts in waiting.items() if user not in done}
    if not users:
        return 0
    titles = _red_titles(users)
    Notice.objects.filter(key__startswith=DIGEST, user_id__in=users, read_at=None).update(
        read_at=Now()
    )
    notices = [
        Notice(
            user_id=user,
            key=key,
            level=Level.RED if counts.red else Level.INFO,
            title=digest_title(day, counts.red, counts.unread),
            text=digest_text(titles[user], counts.red),
            url="/inbox/",
            settled_at=timezone.now(),
        )
        for user, counts in sorted(users.items())
    ]
    Notice.objects.bulk_create(notices, batch_size=BATCH, ignore_conflicts=True)
    if settings.EMAIL_URL:
        _mail(notices, key)
    return len(notices)


def _waiting() -> dict[int, _Day]:
    found: dict[int, _Day] = defaultdict(_Day)
    red = Q(level=Level.RED, settled_at=None)
    rows = (
        Notice.objects.exclude(key__startswith=DIGEST)
        .filter(red | Q(read_at=None), user__is_active=True)
        .order_by()
        .values_list("user_id")
        .annotate(red=Count("id", filter=red), unread=Count("id", filter=Q(read_at=None)))
    )
    for user, reds, unread in rows:
        found[user] = _Day(reds, unread)
    return found


def _red_titles(users: Iterable[int]) -> dict[int, list[str]]:
    """Return the five oldest red items of each user."""
    place = Window(RowNumber(), partition_by=F("user_id"), order_by=["created_at", "id"])
    titles: dict[int, list[str]] = defaultdict(list)
    rows = (
        Notice.objects.exclude(key__startswith=DIGEST)
        .filter(level=Level.RED, settled_at=None, user_id__in=list(users))
        .annotate(place=place)
        .filter(place__lte=NAMED)
        .order_by("user_id", "place")
        .values_list("user_id", "title")
    )
    for user, title in rows:
        titles[user].append(title)
    return titles


def _mail(notices: list[Notice], key: str) -> None:
    addresses = dict(
        User.objects.filter(pk__in=[item.user_id for item in notices])
        .exclude(email="")
        .values_list("pk", "email")
    )
    post_many(
        deliveries=[
            Delivery(
                channel=Channel.EMAIL,
                address=addresses[item.user_id],
                key=f"{key}:{item.user_id}",
                subject=item.title,
                payload={"text": item.text},
            )
            for item in notices
            if item.user_id in addresses
        ]
    )


# --- to the outside ----------------------------------------------------------------------------


def post_many(*, deliveries: list[Delivery]) -> None:
    """Write deliveries, once per key, and wake the worker after commit."""
    if deliveries:
        Delivery.objects.bulk_create(deliveries, batch_size=BATCH, ignore_conflicts=True)
        enqueue("outbox.deliver")


Sender = Callable[[Delivery], None]


def send_email(delivery: Delivery) -> None:
    """Send one e-mail; the Message-ID is the delivery's own, so that a repeat is known as one."""
    EmailMessage(
        subject=delivery.subject,
        body=str(delivery.payload.get("text", "")),
        to=[delivery.address],
        headers={"Message-ID": f"<{delivery.public_id}@responsibility>"},
    ).send()


_senders: dict[str, Sender] = {Channel.EMAIL: send_email}


def register_sender(channel: str, sender: Sender) -> None:
    """Say how a channel is served."""
    _senders[channel] = sender


def deliver(*, limit: int = 200) -> tuple[int, int]:
    """Send what waits, one transaction each; return (sent, failed attempts).

    The row stays locked while it is sent: a worker that dies leaves it waiting, another skips it.
    """
    sent = failed = 0
    for _ in range(limit):
        outcome = _deliver_one()
        if outcome is None:
            break
        sent += outcome
        failed += not outcome
    return sent, failed


@transaction.atomic
def _deliver_one() -> bool | None:
    row = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(status=DeliveryStatus.WAITING, next_attempt_at__lte=Now())
        .filter(Q(webhook=None) | Q(webhook__status=HookStatus.ACTIVE))
        .order_by("next_attempt_at", "id")
        .first()
    )
    if row is None:
        return None
    try:
        _senders[row.channel](row)
    except Exception as error:
        _failed(row, error)
        return False
    row.status, row.sent_at, row.error = DeliveryStatus.SENT, timezone.now(), ""
    row.attempts += 1
    row.save(update_fields=["status", "sent_at", "error", "attempts"])
    return True


def _failed(row: Delivery, error: Exception) -> None:
    row.attempts += 1
    row.error = f"{type(error).__name__}: {error}"[:300]
    row.next_attempt_at = timezone.now() + back_off(row.attempts)
    if row.attempts >= (HOOK_ATTEMPTS if row.webhook_id else MAX_ATTEMPTS):
        row.status = DeliveryStatus.FAILED
    row.save(update_fields=["attempts", "error", "next_attempt_at", "status"])
    if row.webhook_id:  # the receiver is down: what else waits for it need not find that out
        Delivery.objects.filter(
            webhook=row.webhook_id,
            status=DeliveryStatus.WAITING,
            next_attempt_at__lt=row.next_attempt_at,
        ).update(next_attempt_at=row.next_attempt_at)


@transaction.atomic
def retry(*, delivery: Delivery, by: Any) -> None:
    """Let a failed delivery be tried again from the beginning."""
    changed = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.FAILED).update(
        status=DeliveryStatus.WAITING, attempts=0, next_attempt_at=Now()
    )
    if not changed:
        raise Conflict("这一封没有失败，不用重发。")
    audit.record(by=by, verb="outbox.retried", target=delivery)
    enqueue("outbox.deliver")
