"""The sweep: claim what is due in batches, move it on and tell whom it concerns, in one go.

Each batch is one transaction: the rows are locked with SKIP LOCKED, moved on by set-based
updates, and the notices are inserted under their unique key before anything is sent. Two workers,
a crash or a second run can neither lose nor repeat a reminder. The database decides; the broker
only wakes us.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import DateField, F, Value
from django.db.models.fields.tuple_lookups import TupleGreaterThan
from django.db.models.functions import Cast

from responsibility.common import clock
from responsibility.deadlines import recipients, rules
from responsibility.deadlines.models import Deadline, DeadlineRule
from responsibility.deadlines.recipients import Addressed
from responsibility.outbox import services as outbox
from responsibility.outbox.rules import Message

BATCH = 1_000
Cursor = tuple[date, int]


@dataclass(frozen=True)
class Swept:
    """What a sweep did; ``batches`` tells how many transactions it took."""

    claimed: int = 0
    notices: int = 0
    batches: int = 0


def sweep(*, today: date | None = None, batch: int = BATCH) -> Swept:
    """Send every reminder that is due by ``today``; rows locked by others wait for the next run."""
    day = today or clock.today()
    total, after = Swept(), None
    while True:
        done, after = _sweep_batch(day, after, batch)
        if not done.claimed:
            return total
        total = Swept(total.claimed + done.claimed, total.notices + done.notices, total.batches + 1)


@transaction.atomic
def _sweep_batch(today: date, after: Cursor | None, size: int) -> tuple[Swept, Cursor | None]:
    rows = _claim(today, after, size)
    if not rows:
        return Swept(), after
    ladders = _ladders({row.rule_id for row in rows})
    addressed, groups = [], defaultdict(list)
    for row in rows:
        steps = ladders[row.rule_id].ladder
        index = rules.collapse(steps, row.step, row.due_on, today)
        groups[(row.rule_id, index)].append(row.pk)
        if index < len(steps):
            addressed.append(Addressed(row, steps[index]))
    messages = _messages(addressed, ladders, groups, today)
    made = outbox.notify_many(messages=messages)
    for (rule_id, index), ids in groups.items():
        _advance(ladders[rule_id].ladder, index, ids)
    last = rows[-1]
    return Swept(len(rows), made, 1), (last.next_action_on or today, last.pk)


def _claim(today: date, after: Cursor | None, size: int) -> list[Deadline]:
    due = Deadline.objects.due_by(today)
    if after:
        due = due.filter(TupleGreaterThan((F("next_action_on"), F("id")), after))
    return list(
        due.select_for_update(skip_locked=True, of=("self",)).select_related("division", "body")[
            :size
        ]
    )


def _ladders(ids: set[int]) -> dict[int, DeadlineRule]:
    return DeadlineRule.objects.in_bulk(ids)


def _advance(steps: tuple[rules.Step, ...], index: int, ids: list[int]) -> None:
    following = index + 1
    when = (
        Cast(F("due_on") + timedelta(days=steps[following].days), DateField())
        if following < len(steps)
        else Value(None, output_field=DateField())
    )
    Deadline.objects.filter(pk__in=ids).update(
        step=min(following, len(steps)),
        colour=steps[min(index, len(steps) - 1)].colour,
        next_action_on=when,
    )


def _messages(
    batch: list[Addressed],
    ladders: dict[int, DeadlineRule],
    groups: dict[tuple[int, int], list[int]],
    today: date,
) -> list[Message]:
    index_of = {pk: index for (_, index), ids in groups.items() for pk in ids}
    users = recipients.of_batch(batch, today)
    return [
        _message(
            item,
            sorted(users[item.deadline.pk]),
            index_of[item.deadline.pk],
            ladders[item.deadline.rule_id],
            today,
        )
        for item in batch
    ]


def _message(
    item: Addressed, users: list[int], index: int, rule: DeadlineRule, today: date
) -> Message:
    row = item.deadline
    bearer = row.body or row.division
    due = f"{row.due_on.year}年{row.due_on.month}月{row.due_on.day}日"
    return Message(
        users=users,
        key=f"{row.source}:{row.due_on:%Y%m%d}:{index}",
        source=row.source,
        level=item.step.colour.value,
        title=f"{rules.days_left(row.due_on, today)}：{row.title}",
        text=f"{bearer}；应在{due}前办结。{_late(item, today)}"
        f"依据：{rule.get_basis_display()}，{rule.basis_line}",
        url=f"/deadlines/{row.public_id}/",
    )


def _late(item: Addressed, today: date) -> str:
    """Say of a reminder sent after its day which day that was (beat was down, or opened late)."""
    day = rules.step_day(item.step, item.deadline.due_on)
    return f"按规则应于{day.month}月{day.day}日提醒，今天补发。" if day < today else ""
