"""What a reader of the log is shown: values only over objects of his own territory."""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from responsibility.audit.models import Event, EventQuerySet, Link, Seal
from responsibility.audit.words import field_words, target_words, verb_words
from responsibility.common.rights import Right
from responsibility.common.scoping import Access

HEAD = ("时间", "账号", "身份", "动作", "对象类型", "对象编号", "字段", "旧值", "新值", "摘要")
OPEN = (
    "accounts.sign_in",
    "accounts.sign_in_failed",
    "accounts.locked",
    "api.call",
    "audit.verify",
    "audit.export",
)
"""Verbs whose values say nothing of business: from where somebody signed in, what was proved."""
HIDDEN = "（不在您的业务范围内，不显示）"


@dataclass(frozen=True)
class Change:
    """One field; the values are None where the reader may not see them."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Line:
    """One event as shown."""

    at: datetime
    actor: str
    role: str
    verb: str
    target: str
    kind: str
    target_id: str
    changes: list[Change]
    note: str
    open: bool
    digest: str


def _words(value: Any) -> str:
    if value is None:
        return "空"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def line(event: Event, access: Access) -> Line:
    """Return an event as this reader may see it.

    A reader with a view of one body only sees no values: an event says nothing of bodies.
    """
    prefixes = access.scope(Right.VIEW).prefixes
    visible = event.verb in OPEN or any(event.scope_path.startswith(prefix) for prefix in prefixes)
    text = json.loads(event.body)
    changes = [
        Change(
            field_words(event.target, name),
            _words(old) if visible else None,
            _words(new) if visible else None,
        )
        for name, (old, new) in text.get("changes", {}).items()
    ]
    return Line(
        at=event.at,
        actor=event.actor,
        role=event.role,
        verb=verb_words(event.verb),
        target=target_words(event.target),
        kind=event.target,
        target_id=event.target_id,
        changes=changes,
        note=text.get("note", "") if visible else "",
        open=visible,
        digest=event.digest,
    )


def filtered(events: EventQuerySet, given: dict[str, Any]) -> EventQuerySet:
    """Return the events that the cleaned filters leave, newest first."""
    if name := given.get("actor"):
        known = User.objects.filter(username=name).values_list("pk", flat=True).first()
        events = events.filter(actor_id=known) if known else events.filter(actor=name)
    if group := given.get("verb"):
        events = events.filter(verb__startswith=f"{group}.")
    for key in ("target", "target_id"):
        if value := given.get(key):
            events = events.filter(**{key: value})
    if day := given.get("since"):
        events = events.filter(at__gte=timezone.make_aware(datetime.combine(day, time.min)))
    if day := given.get("until"):
        after = datetime.combine(day, time.min) + timedelta(days=1)
        events = events.filter(at__lt=timezone.make_aware(after))
    return events.order_by("-at", "-id")


class _Echo:
    def write(self, text: str) -> str:
        """Return what is written."""
        return text


def _safe(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def csv_lines(events: Iterable[Event], access: Access) -> Iterator[str]:
    """Return the log as CSV, row by row: one row for each changed field."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(HEAD)
    for event in events:
        shown = line(event, access)
        at = timezone.localtime(shown.at).strftime("%Y-%m-%d %H:%M:%S")
        first = (at, shown.actor, shown.role, shown.verb, shown.target, shown.target_id)
        for change in shown.changes or [Change("", "", "")]:
            old = HIDDEN if change.old is None else change.old
            new = HIDDEN if change.new is None else change.new
            row = (*first, change.name, old, new, shown.digest)
            yield writer.writerow([_safe(cell) for cell in row])


@dataclass(frozen=True)
class ChainState:
    """How the chain stands, without walking it."""

    links: int
    sealed_at: datetime | None
    waiting: int


def chain_state() -> ChainState:
    """Return the number of links, the time of the last seal, and the events since."""
    last = Seal.objects.order_by("-last_seq").first()
    if last is None:
        return ChainState(0, None, Event.objects.count())
    newest = Link.objects.filter(seq=last.last_seq).values_list("event_id", flat=True).first() or 0
    return ChainState(last.last_seq, last.at, Event.objects.filter(pk__gt=newest).count())
