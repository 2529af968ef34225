"""Writing and answering feedback."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.dashboard.models import Feedback
from responsibility.outbox import services as outbox


@transaction.atomic
def say(*, by: Any, topic: str, text: str, page: str = "") -> Feedback:
    """Record a remark of a user."""
    if not text.strip():
        raise Invalid("请写一两句话。", where="text")
    row = Feedback.objects.create(
        author=by,
        role=audit.capacity_of(access_of(by)),
        topic=topic,
        text=text.strip(),
        page=page[:200],
    )
    audit.record(by=by, verb="feedback.say", target=row)
    return row


@transaction.atomic
def answer(*, by: Any, feedback: Feedback, text: str) -> Feedback:
    """Answer a remark; its author gets a notice."""
    access_of(by).require(Right.ANSWER_FEEDBACK)
    if not text.strip():
        raise Invalid("请写答复内容。", where="answer")
    row = Feedback.objects.select_for_update(of=("self",)).get(pk=feedback.pk)
    if row.answered_at is not None:
        raise Conflict("已经答复过。")
    row.answer, row.answered_by, row.answered_at = text.strip(), by, Now()
    row.save()
    outbox.notify(
        users=[row.author_id],
        key=f"feedback:{row.public_id}",
        title="您提的意见有了答复",
        text=row.answer[:200],
        url="/feedback/",
    )
    audit.record(by=by, verb="feedback.answer", target=row)
    return row
