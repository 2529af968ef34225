"""Background runs and dead letters: the only writers."""

import json
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit.services import record
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.tasks import enqueue
from responsibility.jobs import runs
from responsibility.jobs.models import DeadLetter, Run
from responsibility.jobs.rules import OPEN_RUNS, RunStatus

NOTE_LIMIT = 200


@transaction.atomic
def bury(*, task: str, arguments: list[Any], error: BaseException | None) -> DeadLetter:
    """Keep a task that failed for good, with its arguments (ids only) and the error.

    One that fails again before anyone looked (a task of the schedule) stays one row.
    """
    plain = json.loads(json.dumps(arguments, default=str))
    text = f"{type(error).__name__}: {error}"[:500]
    same = DeadLetter.objects.filter(task=task, arguments=plain, handled_at=None)
    letter = same.select_for_update(of=("self",)).first()
    if letter is None:
        return DeadLetter.objects.create(task=task, arguments=plain, error=text)
    letter.error = text
    letter.save(update_fields=["error"])
    return letter


def _open_letter(letter: DeadLetter) -> DeadLetter:
    locked = DeadLetter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if locked.handled_at is not None:
        raise Conflict("这一条已经处理过。")
    return locked


def _handled(letter: DeadLetter, by: Any, handling: str) -> None:
    DeadLetter.objects.filter(pk=letter.pk).update(
        handled_at=Now(), handled_by=by, handling=handling
    )
    record(by=by, verb="jobs.letter_handled", target=letter, new={"handling": handling})


@transaction.atomic
def retry_letter(*, by: Any, letter: DeadLetter) -> None:
    """Send the task again with the same arguments; the letter is settled by that."""
    locked = _open_letter(letter)
    _handled(locked, by, "重新执行")
    if runs.is_run(locked.task) and locked.arguments:
        runs.reopen(by=by, run=Run.objects.get(pk=locked.arguments[0]))
        return
    enqueue(locked.task, *locked.arguments)


@transaction.atomic
def settle_letter(*, by: Any, letter: DeadLetter, handling: str) -> None:
    """Settle a letter without running it, saying how (required, up to 200 characters)."""
    text = handling.strip()
    if not text:
        raise Invalid("请写明如何处理。", where="handling")
    if len(text) > NOTE_LIMIT:
        raise Invalid(f"处理方式最多 {NOTE_LIMIT} 字。", where="handling")
    _handled(_open_letter(letter), by, text)


@transaction.atomic
def request_cancel(*, by: Any, run: Run) -> None:
    """Ask a run to end; it ends itself at its next step."""
    locked = Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if RunStatus(locked.status) not in OPEN_RUNS:
        raise Conflict("任务已经结束，不用取消。")
    if locked.cancel_requested:
        return
    locked.cancel_requested = True
    locked.save(update_fields=["cancel_requested"])
    record(by=by, verb="jobs.run_cancel", target=locked, new={"cancel_requested": True})
