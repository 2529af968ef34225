"""After signing: hand-over confirmations, the live view, the year-end settlement."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines.models import DeadlineRule
from responsibility.deadlines.services import lifecycle
from responsibility.deadlines.services.opening import Opening, open_many
from responsibility.figures.services.reading import standing
from responsibility.letters import rules
from responsibility.letters.models import Confirmation, Letter, LetterLine, Signature
from responsibility.letters.rules import Outcome, State
from responsibility.letters.services.drafting import lock, require_office
from responsibility.letters.services.telling import tell
from responsibility.outbox import services as outbox
from responsibility.postings.models import Tenure

LABEL = "letters.letter"
HANDOVER = "letter-handover"
SETTLE = "letter-settle"


@transaction.atomic
def ask_confirmations(*, today: date | None = None) -> int:
    """Ask each new principal to confirm what the former one signed; twice is a no-op.

    Returns how many were asked now. The deadline runs from the day the new one took office.
    """
    day = today or clock.today()
    signed = Signature.objects.filter(
        letter__status=State.SIGNED, letter__year=day.year, side="own", authority=""
    ).select_related("letter__body", "tenure", "post")
    holders = {
        tenure.post_id: tenure
        for tenure in Tenure.objects.current(day)
        .filter(post__in=signed.values("post"))
        .select_related("person", "post")
    }
    asked = 0
    for signature in signed.order_by("id"):
        now = holders.get(signature.post_id)
        if now is None or signature.tenure is None or now.person_id == signature.tenure.person_id:
            continue
        asked += _ask(signature.letter, signature.side, now)
    return asked


def _ask(letter: Letter, side: str, tenure: Tenure) -> int:
    row, created = Confirmation.objects.get_or_create(
        letter=letter, tenure=tenure, defaults={"side": side}
    )
    if not created:
        return 0
    if DeadlineRule.objects.filter(key=HANDOVER).exists():
        wish = Opening(
            HANDOVER,
            LABEL,
            letter.public_id,
            f"责任书交接确认：{tenure.post.title}",
            letter.division_id,
            letter.body_id,
            event_on=tenure.validity.lower,
        )
        open_many(openings=[wish], by=None)
    if tenure.person.user_id:
        outbox.notify(
            users=[tenure.person.user_id],
            key=f"letter-handover:{row.public_id}",
            title=f"请确认交接：{letter}",
            text="前任已签署，目标不变，不用重签。",
            url=f"/letters/{letter.public_id}/",
        )
    audit.record(by=None, verb="letters.ask_confirmation", target=letter)
    return 1


@transaction.atomic
def confirm(*, by: Any, confirmation: Confirmation, password: str) -> Confirmation:
    """The new principal confirms; the targets stay, nothing is signed anew."""
    row = (
        Confirmation.objects.select_for_update(of=("self",))
        .select_related("letter__body", "letter__counter", "letter__kind", "tenure__person")
        .get(pk=confirmation.pk)
    )
    access_of(by).require(Right.VIEW, row.letter)
    if row.tenure.person.user_id != by.pk:
        raise Forbidden("由继任者本人确认。")
    if row.confirmed_at is not None:
        raise Conflict("已经确认过。")
    if not by.check_password(password):
        raise Invalid("密码不对，没有确认。请重新输入登录密码。", where="password")
    row.confirmed_at, row.confirmed_by = Now(), by
    row.save()
    row.refresh_from_db()
    audit.record(by=by, verb="letters.confirm", target=row.letter)
    if not row.letter.confirmations.filter(confirmed_at=None).exists():
        lifecycle.settle(label=LABEL, subject_ids=[row.letter.public_id], by=by, rule=HANDOVER)
    return row


def measured(letter: Letter) -> list[LetterLine]:
    """Return the lines with what the ledger says now, unsaved; frozen once settled."""
    lines = list(letter.lines.select_related("indicator").order_by("position"))
    if letter.status == State.SETTLED or letter.own_settled_by_id:
        return lines
    ledger = standing(letter.body, str(letter.year))
    for line in lines:
        value = ledger.get(line.indicator.key)
        line.actual = value.value if value else None
        line.figure_id = value.public_id if value and value.pk else None
        outcome, line.short_by = rules.settle_line(line.target, line.actual)
        line.outcome = outcome.value
    return lines


def settles_from(year: int) -> date:
    """Return the first day on which the letters of a year may be settled."""
    return date(year, 12, 1)


@transaction.atomic
def settle_own(*, by: Any, letter: Letter, explanations: Mapping[str, str]) -> Letter:
    """The signing party confirms the year-end figures, explaining each line that fell short.

    ``explanations`` go by indicator key. Raises Invalid where a line that is not done has none.
    """
    row = lock(letter)
    access_of(by).require(Right.SUBMIT, row)
    if row.status != State.SIGNED or row.own_settled_by_id is not None:
        raise Conflict("现在不能对账：须已签毕，且还没有确认。")
    if clock.today() < settles_from(row.year):
        raise Conflict(f"{row.year} 年 12 月起才能年终对账，之前看的是进度。")
    lines = measured(row)
    for line in lines:
        line.explanation = explanations.get(line.indicator.key, "").strip()[:500]
        if line.outcome != Outcome.DONE and not line.explanation:
            raise Invalid(f"“{line.indicator.name}”没有完成或无法对账，请写说明。"[:60])
        line.save()
    row.own_settled_by = by
    row.save(update_fields=["own_settled_by"])
    audit.record(by=by, verb="letters.settle_own", target=row, new=_summary(lines))
    return row


@transaction.atomic
def settle(*, by: Any, letter: Letter) -> Letter:
    """The receiving side confirms; the settlement is frozen and goes to the assessment."""
    row = lock(letter)
    require_office(by, row)
    if row.status != State.SIGNED or row.own_settled_by_id is None:
        raise Conflict("签署方还没有确认对账。")
    if row.own_settled_by_id == by.pk:
        raise Forbidden("对账由双方各自确认，不能由同一人确认两次。")
    row.status, row.settled_at = State.SETTLED, Now()
    row.save(update_fields=["status", "settled_at"])
    row.refresh_from_db()
    lifecycle.settle(label=LABEL, subject_ids=[row.public_id], by=by, rule=SETTLE)
    audit.record(by=by, verb="letters.settle", target=row, new=_summary(list(row.lines.all())))
    tell(row, "settled")
    return row


@transaction.atomic
def send_back(*, by: Any, letter: Letter, reason: str) -> Letter:
    """The receiving side does not agree: the figures are read and explained anew."""
    row = lock(letter)
    require_office(by, row)
    if row.status != State.SIGNED or row.own_settled_by_id is None:
        raise Conflict("签署方还没有确认对账。")
    if not reason.strip():
        raise Invalid("退回的原因没有填。", where="reason")
    row.own_settled_by = None
    row.save(update_fields=["own_settled_by"])
    audit.record(by=by, verb="letters.settle_return", target=row, new={"reason": reason[:300]})
    return row


def _summary(lines: list[LetterLine]) -> dict[str, Any]:
    return {"lines": len(lines), "done": sum(line.outcome == Outcome.DONE for line in lines)}
