"""Signing: each for himself, on exactly the text that was issued; verifying it later."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.duties.rules import Status
from responsibility.duties.services import settling
from responsibility.letters import rules
from responsibility.letters.models import Letter, Signature
from responsibility.letters.rules import Side, State, Wanted
from responsibility.letters.services.drafting import lock
from responsibility.letters.services.telling import tell
from responsibility.postings.models import Post, Tenure
from responsibility.postings.rules import PrincipalKind


def party(letter: Letter, side: str) -> Any:
    """Return the body of a side."""
    return letter.body if side == Side.OWN else letter.counter


def missing(letter: Letter) -> list[Wanted]:
    """Return the signatures still to be given."""
    given = [(item.side, item.principal) for item in letter.signatures.all()]
    return rules.missing(letter.kind.wanted, given)


def in_office(by: Any, letter: Letter, side: str) -> list[Tenure]:
    """Return the principals' posts of a side that the user holds today."""
    rows = Tenure.objects.current(clock.today()).filter(
        person__user_id=by.pk, post__body=party(letter, side), post__ended_on=None
    )
    return list(
        rows.exclude(post__principal=PrincipalKind.OTHER).select_related("post__body", "person")
    )


def side_of(by: Any, letter: Letter) -> str | None:
    """Return on which side the user has something to sign now, or None."""
    if letter.status != State.ISSUED:
        return None
    held = set(
        Tenure.objects.current(clock.today())
        .filter(person__user_id=by.pk, post__body__in=[letter.body_id, letter.counter_id])
        .values_list("post__body_id", "post__principal")
    )
    for item in missing(letter):
        if (party(letter, item.side).pk, item.principal) in held:
            return item.side
    return None


@transaction.atomic
def sign(*, by: Any, letter: Letter, password: str, side: str) -> list[Signature]:
    """Sign in every principal's post of a side that the user holds (一肩挑 signs once for both).

    Asks for the password again. Raises Invalid for a wrong one, Forbidden for who is not in such
    a post today, Conflict for a letter not open for signature, a text that was changed since it
    was issued, or a post that has signed already.
    """
    row = lock(letter)
    access_of(by).require(Right.SIGN, party(row, side))
    if not by.check_password(password):
        raise Invalid("密码不对，没有签署。请重新输入登录密码。", where="password")
    _check_text(row)
    tenures = _to_sign(by, row, side)
    act = uuid.uuid4()
    made = [_signature(by, row, side, tenure.post, act, tenure=tenure) for tenure in tenures]
    _after(by, row, made)
    return made


def _check_text(row: Letter) -> None:
    if row.status != State.ISSUED:
        raise Conflict(f"责任书{row.get_status_display()}，现在不能签署。")
    hashes = {row.text_hash, *row.signatures.values_list("text_hash", flat=True)}
    if hashes != {rules.text_hash(row.text)}:
        raise Conflict("正文与发出时不一致，已停止签署。请联系领导小组办公室。")


def _to_sign(by: Any, row: Letter, side: str) -> list[Tenure]:
    tenures = in_office(by, row, side)
    if not tenures:
        raise Forbidden("您今天不在这一方的正职岗位上，不能签署。任职由单位管理员登记。")
    wanted = {item.principal for item in row.kind.wanted if item.side == side}
    open_now = {item.principal for item in missing(row) if item.side == side}
    if not any(tenure.post.principal in wanted for tenure in tenures):
        raise Forbidden("这种责任书不由您的职务签署。")
    chosen = [tenure for tenure in tenures if tenure.post.principal in open_now]
    if not chosen:
        raise Conflict("您已经签署，不用再签。")
    return chosen


@transaction.atomic
def sign_by_authority(
    *, by: Any, letter: Letter, password: str, side: str, principal: str, authority: str
) -> list[Signature]:
    """Sign as a deputy with a recorded authority, where the kind allows it; shown as such."""
    row = lock(letter)
    access_of(by).require(Right.VIEW, row)
    if not row.kind.allows_deputy:
        raise Forbidden("这种责任书须由正职本人签署。")
    if not by.check_password(password):
        raise Invalid("密码不对，没有签署。请重新输入登录密码。", where="password")
    if not authority.strip():
        raise Invalid("受权依据没有填，如：县委〔2020〕5号。", where="authority")
    _check_text(row)
    post = Post.objects.living().filter(
        body=party(row, side),
        principal=PrincipalKind.OTHER,
        tenures__in=Tenure.objects.current(clock.today()).filter(person__user_id=by.pk),
    )
    held = post.first()
    if held is None:
        raise Forbidden("您今天不在这一方任职，不能受权签署。")
    if Wanted(side, principal) not in missing(row):
        raise Conflict("这一签署已经完成，或不需要。")
    tenure = Tenure.objects.current(clock.today()).get(post=held, person__user_id=by.pk)
    made = _signature(
        by,
        row,
        side,
        held,
        uuid.uuid4(),
        tenure=tenure,
        principal=principal,
        authority=authority.strip()[:200],
    )
    _after(by, row, [made])
    return [made]


def _signature(
    by: Any,
    row: Letter,
    side: str,
    post: Post,
    act: uuid.UUID,
    *,
    tenure: Tenure,
    principal: str = "",
    authority: str = "",
) -> Signature:
    found = Signature(
        letter=row,
        side=side,
        principal=principal or post.principal,
        post=post,
        tenure=tenure,
        title=f"{post.body}{post.title}"[:160],
        user=by,
        authority=authority,
        act=act,
        text_hash=row.text_hash,
    )
    found.digest = rules.signature_digest(found.facts)
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Conflict("这一签署已经完成，不用再签。") from None
    return found


def _after(by: Any, row: Letter, made: list[Signature]) -> None:
    row.revision += 1
    left = missing(row)
    if not left:
        row.status, row.signed_at = State.SIGNED, Now()
    row.save()
    row.refresh_from_db()
    audit.record(
        by=by,
        verb="letters.sign",
        target=row,
        new={"posts": "、".join(item.title for item in made), "hash": row.text_hash},
    )
    if not left:
        tell(row, "signed")
    if left or row.kind.duty_id is None:
        return
    settling.follow(
        duty_id=row.kind.duty_id, body_id=row.body_id, year=row.year, status=Status.DONE, by=by
    )


def problems_of(letter: Letter) -> list[str]:
    """Return what no longer agrees with what was signed: nothing for a letter that is whole."""
    if not letter.text_hash:
        return []
    found = []
    if rules.text_hash(letter.text) != letter.text_hash:
        found.append("正文与发出时的摘要不一致")
    for item in letter.signatures.all():
        if item.text_hash != letter.text_hash:
            found.append(f"{item.title}签的不是这份正文")
        if rules.signature_digest(item.facts) != item.digest:
            found.append(f"{item.title}的签署记录被改动")
    if letter.status in (State.SIGNED, State.SETTLED) and missing(letter):
        found.append("签署不全却已标为签毕")
    return found


def verify_all() -> Iterator[tuple[Letter, list[str]]]:
    """Yield every issued letter with what is wrong with it."""
    rows = Letter.objects.exclude(text_hash="").with_names().prefetch_related("signatures")
    for letter in rows.order_by("id").iterator(chunk_size=500):
        yield letter, problems_of(letter)
