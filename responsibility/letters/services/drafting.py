"""Drafting letters from plans and duties, the consultation round, issuing for signature."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, DomainError, Forbidden, Invalid, Stale
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines.services import lifecycle
from responsibility.divisions.models import Body
from responsibility.duties.models import Assignment, Duty, DutyClause, ZoneExtension
from responsibility.duties.rules import Standing
from responsibility.letters import rules
from responsibility.letters.models import Letter, LetterKind, LetterLine, LetterRemark
from responsibility.letters.rules import State
from responsibility.letters.services import targets
from responsibility.letters.services.telling import tell
from responsibility.regulations.models import Regulation

MAX_TEXT = 500


def counter_of(body: Body) -> Body:
    """Return the body to which a letter is signed: one tier up, or the place's own for a unit.

    Raises Conflict where there is none.
    """
    place = body.division.parent if body.is_main else body.division
    found = (
        Body.objects.filter(division=place, is_main=True, ended_on=None)
        .select_related("division")
        .first()
        if place
        else None
    )
    if found is None:
        raise Conflict("没有上一级党委、政府可以接受责任书。")
    return found


def lock(letter: Letter, revision: int | None = None) -> Letter:
    """Return the row locked; raise Stale when it moved since the page was read."""
    row = Letter.objects.select_for_update(of=("self",)).with_names().get(pk=letter.pk)
    if revision is not None and row.revision != revision:
        raise Stale("这份责任书刚被别人改过，请重新打开。")
    return row


def require_office(by: Any, letter: Letter) -> None:
    """Raise unless the user drafts letters for the receiving side."""
    access_of(by).require(Right.VIEW, letter)
    if not access_of(by).allows(Right.MANAGE_LETTERS, letter.counter):
        raise Forbidden("责任书由接受方的领导小组办公室办理。")


def basis_of(kind: LetterKind, body: Body, year: int) -> tuple[str, str]:
    """Return the basis that the letter prints, and that of the extension to a zone (or nothing).

    Raises Conflict when the kind states no basis, or its duty does not bind this body this year.
    """
    if not kind.basis.strip():
        raise Conflict("这种责任书没有写明依据，不能起草。请先补上依据。")
    extension = ""
    if kind.duty is not None:
        extension = _extension(kind, kind.duty, body, year)
    if kind.basis_kind != "regulation":
        return f"{kind.get_basis_kind_display()}：{kind.basis}", extension
    title = Regulation.objects.order_by("id").values_list("title", flat=True).first()
    from_text = f"《{title or '聊城市脱贫攻坚责任制实施细则'}》第{_cn(kind.article)}条"
    return f"{from_text}“{kind.basis}”的规定", extension


def _cn(number: str) -> str:
    digits = "零一二三四五六七八九"
    value = int(number)
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{digits[tens]}十")
    return head + (digits[ones] if ones else "")


def _extension(kind: LetterKind, duty: Duty, body: Body, year: int) -> str:
    row = Assignment.objects.filter(duty=duty, body=body, year=year).first()
    if row is None:
        raise Conflict(f"{year} 年的签署责任还没有落到{body}，须先生成责任清单。")
    if row.standing == Standing.UNLISTED:
        raise Conflict(f"第{_cn(kind.article)}条未列明开发区，须由市办先记录依据、延伸责任。")
    if row.standing != Standing.ACTIVE:
        raise Conflict(f"签署责任对{body}为“{row.get_standing_display()}”。")
    found = ZoneExtension.objects.filter(duty=duty).first()
    if found is None or not duty.bearers.filter(kind=body.kind_id, unlisted=True).exists():
        return ""
    return f"依据{found.basis}{f'（{found.document}）' if found.document else ''}"


def duties_of(kind: LetterKind, body: Body, year: int) -> list[Any]:
    """Return the duties that a letter names, in the order of the text.

    Those of the kind's own article; where it gives a body none, its leadership duties of the year.
    """
    rows = Assignment.objects.filter(body=body, year=year, standing=Standing.ACTIVE)
    rows = rows.select_related("duty").order_by("duty__position", "duty_id")
    of_article = rows.filter(
        duty__in=DutyClause.objects.filter(clause__article__number=kind.article).values("duty")
    )
    chosen = (
        of_article
        if kind.article and of_article.exists()
        else rows.filter(duty__category="leadership")
    )
    return [row.duty for row in chosen]


def compose(letter: Letter, duties: list[Any], lines: list[dict[str, Any]], extension: str) -> str:
    """Return the text of a letter from its kind's template."""
    return rules.render(
        letter.kind.template,
        {
            "year": str(letter.year),
            "body": letter.body.name,
            "counter": letter.counter.name,
            "basis": letter.basis_line,
            "extension": extension,
            "duties": "\n".join(f"{n}. {duty.title}" for n, duty in enumerate(duties, 1))
            or "按责任清单执行。",
            "lines": "\n".join(rules.line_text(n, line) for n, line in enumerate(lines, 1))
            or "本年度没有下达指标。",
        },
    )


@transaction.atomic
def draft(*, by: Any, kind: LetterKind, body: Body, year: int, replaces: Any = None) -> Letter:
    """Draft the letter of one body from its plan in force and its duties.

    Raises Conflict where the kind is not for such bodies, has no basis, the duty does not bind, or
    a draft or letter of the year is there already.
    """
    if not kind.bodies.filter(pk=body.kind_id).exists():
        raise Conflict("这种责任书不由这类单位签署。")
    letter = Letter(kind=kind, body=body, counter=counter_of(body), year=year, drafted_by=by)
    letter.place(body.division)
    require_office(by, letter)
    letter.basis_line, extension = basis_of(kind, body, year)
    letter.replaces = replaces
    _check_none(letter)
    try:
        with transaction.atomic():
            letter.save()
    except IntegrityError:
        raise Conflict(f"{body} {year} 年已经在起草，请打开那一份。") from None
    fill(letter, extension)
    audit.record(by=by, verb="letters.draft", target=letter, new={"year": year, "kind": kind.key})
    return letter


def _check_none(letter: Letter) -> None:
    there = Letter.objects.filter(kind=letter.kind, body=letter.body, year=letter.year).living()
    if letter.replaces is not None:
        there = there.exclude(pk=letter.replaces.pk)
    if there.exists():
        raise Conflict(f"{letter.body} {letter.year} 年已有这种责任书。")


def fill(letter: Letter, extension: str) -> None:
    """Take lines, duties and text anew from the plan and the catalogue."""
    plan, lines = targets.lines_for(letter.body, letter.year)
    duties = duties_of(letter.kind, letter.body, letter.year)
    letter.lines.all().delete()
    LetterLine.objects.bulk_create(
        LetterLine(
            letter=letter,
            position=number,
            **{name: value for name, value in line.items() if name not in ("name", "unit")},
        )
        for number, line in enumerate(lines, 1)
    )
    letter.duties.set(duties)
    letter.plan_id = plan
    letter.text = compose(letter, duties, lines, extension)
    letter.save()


@transaction.atomic
def refresh(*, by: Any, letter: Letter) -> Letter:
    """Take a draft's targets and text anew, after the plan changed."""
    row = _open(by, letter)
    row.basis_line, extension = basis_of(row.kind, row.body, row.year)
    row.revision += 1
    LetterRemark.objects.filter(letter=row, line__isnull=False).update(line=None)
    fill(row, extension)
    audit.record(by=by, verb="letters.refresh", target=row, new={"plan": str(row.plan_id or "")})
    return row


def _open(by: Any, letter: Letter, revision: int | None = None) -> Letter:
    row = lock(letter, revision)
    require_office(by, row)
    if row.status not in rules.OPEN:
        raise Conflict(f"责任书{row.get_status_display()}，不能再改。")
    return row


@transaction.atomic
def consult(*, by: Any, letter: Letter) -> Letter:
    """Open the consultation round (征求意见) with the signing party."""
    row = _open(by, letter)
    if row.status == State.CONSULTING:
        return row
    row.status = State.CONSULTING
    row.save(update_fields=["status"])
    audit.record(by=by, verb="letters.consult", target=row)
    return row


@transaction.atomic
def remark(*, by: Any, letter: Letter, text: str, line: LetterLine | None = None) -> LetterRemark:
    """Say something in the consultation round, on a line or on the whole."""
    row = lock(letter)
    access = access_of(by)
    access.require(Right.VIEW, row)
    if not any(access.allows(right, row) for right in (Right.LOG_PROGRESS, Right.APPROVE)):
        raise Forbidden("只有签署方可以提意见。")
    if row.status != State.CONSULTING:
        raise Conflict("现在不在征求意见。")
    text = text.strip()
    if not 0 < len(text) <= MAX_TEXT:
        raise Invalid(f"意见请写 1 至 {MAX_TEXT} 字。", where="text")
    found = LetterRemark.objects.create(letter=row, line=line, text=text, by=by)
    audit.record(by=by, verb="letters.remark", target=row, new={"text": text})
    return found


@transaction.atomic
def answer(*, by: Any, remark: LetterRemark, agreed: bool, text: str = "") -> LetterRemark:
    """Take up or decline a remark; declining asks for a reason."""
    row = _open(by, remark.letter)
    found = LetterRemark.objects.select_for_update(of=("self",)).get(pk=remark.pk)
    if found.agreed is not None:
        raise Conflict("这条意见已经答复。")
    text = text.strip()[:MAX_TEXT]
    if not agreed and not text:
        raise Invalid("不采纳请写明理由。", where="answer")
    found.agreed, found.answer, found.answered_by = agreed, text, by
    found.answered_at = Now()
    found.save()
    found.refresh_from_db()
    audit.record(by=by, verb="letters.answer", target=row, new={"agreed": agreed, "answer": text})
    return found


@transaction.atomic
def issue(*, by: Any, letter: Letter, revision: int | None = None) -> Letter:
    """Freeze the text and open it for signature; an older letter of the year is replaced.

    Raises Conflict while a remark is unanswered, without a basis, or when the plan has moved on.
    """
    row = _open(by, letter, revision)
    basis_of(row.kind, row.body, row.year)
    if row.remarks.filter(agreed=None).exists():
        raise Conflict("还有意见没有答复，请先逐条答复。")
    if targets.lines_for(row.body, row.year)[0] != row.plan_id:
        raise Conflict("年度计划已经变动，请先按计划更新目标。")
    _replace(row, by)
    serials = Letter.objects.filter(kind=row.kind, year=row.year)
    row.serial = (serials.aggregate(n=Max("serial"))["n"] or 0) + 1
    row.number = rules.number_of(row.kind.number_prefix, row.year, row.serial)
    row.text_hash = rules.text_hash(row.text)
    row.status, row.issued_at = State.ISSUED, Now()
    row.revision += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Conflict("同时有人在发出责任书，请再试一次。") from None
    row.refresh_from_db()
    audit.record(
        by=by, verb="letters.issue", target=row, new={"number": row.number, "hash": row.text_hash}
    )
    tell(row, "issued")
    return row


def _replace(row: Letter, by: Any) -> None:
    if row.replaces_id is None:
        return
    old = Letter.objects.select_for_update(of=("self",)).get(pk=row.replaces_id)
    if old.status not in rules.IN_FORCE:
        return
    old.status, old.reason = State.SUPERSEDED, old.reason or "年度计划修订，由新责任书替换"
    old.save(update_fields=["status", "reason"])
    audit.record(by=by, verb="letters.supersede", target=old, new={"reason": old.reason})
    lifecycle.cancel(label="letters.letter", subject_ids=[old.public_id], by=by, reason=old.reason)
    tell(old, "superseded")


@transaction.atomic
def supersede(*, by: Any, letter: Letter, reason: str) -> Letter:
    """Draft a letter in place of one in force (the plan changed); the old one ends on issue."""
    row = lock(letter)
    require_office(by, row)
    reason = reason.strip()[:300]
    if row.status not in (State.ISSUED, State.SIGNED):
        raise Conflict(f"责任书{row.get_status_display()}，不能替换。")
    if not reason:
        raise Invalid("替换的原因没有填。", where="reason")
    Letter.objects.filter(pk=row.pk).update(reason=reason)
    return draft(by=by, kind=row.kind, body=row.body, year=row.year, replaces=row)


@transaction.atomic
def withdraw(*, by: Any, letter: Letter, reason: str) -> Letter:
    """Withdraw a letter that nobody has signed yet."""
    row = lock(letter)
    require_office(by, row)
    reason = reason.strip()[:300]
    if row.status not in (*rules.OPEN, State.ISSUED) or row.signatures.exists():
        raise Conflict("已有人签署，不能撤回；计划有变请起草替换书。")
    if not reason:
        raise Invalid("撤回的原因没有填。", where="reason")
    row.status, row.reason = State.WITHDRAWN, reason
    row.save(update_fields=["status", "reason"])
    audit.record(by=by, verb="letters.withdraw", target=row, new={"reason": reason})
    return row


def candidates(by: Any, kind: LetterKind) -> list[Body]:
    """Return the bodies for which this user may draft letters of a kind, in standard order."""
    scope = access_of(by).scope(Right.MANAGE_LETTERS)
    rows = Body.objects.filter(kind__in=kind.bodies.all(), ended_on=None).within(scope)
    found = rows.select_related("division__parent", "kind").order_by("division__sort_key", "id")
    own = {g.division_id for g in access_of(by).with_right(Right.MANAGE_LETTERS)}
    return [
        body
        for body in found
        if (body.division.parent_id if body.is_main else body.division_id) in own
        or access_of(by).allows(Right.MANAGE_DUTIES, body)
    ]


def draft_many(*, by: Any, kind: LetterKind, year: int) -> list[dict[str, Any]]:
    """Draft a kind for all bodies of the user; return a receipt: body, whether done, why not.

    Each letter is its own transaction, so that what is done stays done if the run is broken off;
    a second run finds it and drafts the rest.
    """
    receipt = []
    for body in candidates(by, kind):
        try:
            letter = draft(by=by, kind=kind, body=body, year=year)
            receipt.append({"what": body.name, "done": True, "why": "", "letter": letter})
        except DomainError as error:
            receipt.append({"what": body.name, "done": False, "why": error.message})
    return receipt
