"""A yearly run from its opening to the notice of results: one step at a time, never back."""

import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from responsibility.assessments.models import (
    AssessmentRun,
    LeafEntry,
    SchemeVersion,
    Subject,
    Verifier,
)
from responsibility.assessments.rules import Manual
from responsibility.assessments.rules.running import STAGES, Stage, drawn, following
from responsibility.assessments.services import collecting, scoring, telling, timing
from responsibility.assessments.services.access import lock_run, require_office, require_stage
from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.duties.models import ZoneExtension
from responsibility.postings.models import Posting

SHARE = Decimal(20)


@transaction.atomic
def open_run(
    *,
    by: Any,
    scheme: SchemeVersion,
    basis: str = "",
    share: Decimal = SHARE,
    seed: str = "",
    is_demo: bool = False,
) -> AssessmentRun:
    """Open the yearly run of an issued scheme with its units, leaves and empty items.

    Development zones take part only by a recorded extension and with a stated basis. Raises
    Conflict, Forbidden, Invalid.
    """
    row = AssessmentRun(
        scheme=scheme,
        year=scheme.year,
        subjects_kind=scheme.subjects,
        basis=basis.strip()[:300],
        seed=seed.strip()[:64] or secrets.token_hex(8),
        sample_share=share,
        started_by=by,
        is_demo=is_demo,
    )
    row.place(scheme.division)
    access_of(by).require(Right.MANAGE_ASSESSMENTS, row)
    _check(row, scheme)
    bodies = collecting.bodies_for(scheme)
    if not bodies:
        raise Conflict("没有符合考核对象的单位，请核对方案的考核对象。")
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Conflict(f"{row.title}已经有了，不能再开一次。") from None
    subjects = [_subject(row, body, place) for place, body in enumerate(bodies)]
    Subject.objects.bulk_create(subjects)
    collecting.make_rows(row, subjects)
    audit.record(
        by=by,
        verb="assessments.run.open",
        target=row,
        new={"scheme": str(scheme.public_id), "subjects": len(subjects), "seed": row.seed},
    )
    return row


def _check(row: AssessmentRun, scheme: SchemeVersion) -> None:
    if scheme.issued_at is None or scheme.retired_at:
        raise Conflict("只有正在执行的方案可以开展考核，请先印发。")
    if not 0 <= row.sample_share <= 100:
        raise Invalid("抽样比例应在 0 到 100 之间。", where="share")
    if scheme.subjects != "zones":
        return
    articles = {leaf.clause.split("-")[0] for leaf in scheme.scheme.leaves() if leaf.clause}
    extended = ZoneExtension.objects.filter(
        duty__clauses__clause__article__number__in=articles
    ).exists()
    if not extended:
        raise Conflict("细则没有列明市属开发区；先在责任清单里“明确适用于开发区”，再开展考核。")
    if not row.basis:
        raise Invalid("开发区参加考核的依据没有填。", where="basis")


def _subject(run: AssessmentRun, body: Any, place: int) -> Subject:
    row = Subject(run=run, body=body, position=place, is_demo=run.is_demo)
    row.place(body.division)
    return row


@transaction.atomic
def set_verifiers(
    *, by: Any, run: AssessmentRun, chosen: Sequence[tuple[User, str]]
) -> list[Verifier]:
    """Say who verifies which leaf (empty: all), in place of what was said before."""
    row = lock_run(run)
    require_office(by, row)
    require_stage(row, Stage.PREPARING, Stage.COLLECTING, Stage.SELF, Stage.VERIFYING)
    known = {leaf.key for leaf in row.scheme.scheme.leaves()} | {""}
    for user, leaf in chosen:
        if leaf not in known:
            raise Invalid(f"方案里没有“{leaf[:30]}”这项指标。", where="leaf")
        if not AssessmentRun.objects.visible_to(user, Right.VIEW).filter(pk=row.pk).exists():
            raise Invalid(
                f"“{user.label or user.username}”看不到本次考核，不能核验。", where="user"
            )
    row.verifiers.all().delete()
    made = Verifier.objects.bulk_create(
        Verifier(run=row, user=user, leaf=leaf) for user, leaf in dict.fromkeys(chosen)
    )
    audit.record(
        by=by,
        verb="assessments.verifiers",
        target=row,
        new={"verifiers": sorted(f"{user.username}:{leaf or '*'}" for user, leaf in chosen)},
    )
    return made


def candidates(run: AssessmentRun) -> list[User]:
    """Return who may be named a verifier: officials posted at the run's own place today."""
    roles = ["office", "inspector", "reviewer"]
    posted = Posting.objects.current(clock.today()).filter(
        division=run.division_id, role__in=roles, body=None
    )
    at_body = Posting.objects.current(clock.today()).filter(
        division=run.division_id, role__in=roles
    )
    rows = User.objects.filter(
        Q(pk__in=posted.values("user")) | Q(pk__in=at_body.values("user")), is_active=True
    )
    return list(rows.order_by("username"))


@transaction.atomic
def advance(
    *, by: Any, run: AssessmentRun, expected: str = "", revision: int | None = None
) -> AssessmentRun:
    """Take a run to its next step, as far as the notice; ``expected`` guards a second click.

    Collecting fills from ledgers; verifying draws the sample; composing computes; the notice tells
    each unit. Raises Conflict where something is still open.
    """
    row = lock_run(run, revision)
    require_office(by, row)
    step = following(row.status)
    if step is None or step in (Stage.FROZEN, Stage.PUBLISHED):
        raise Conflict("下一步是冻结或通报，请用对应的按钮。")
    if expected and expected != step:
        raise Conflict(f"现在已经是“{row.get_status_display()}”，请刷新页面。")
    BEFORE.get(step, _nothing)(row)
    row.status = step
    row.revision += 1
    row.save()
    AFTER.get(step, _nothing)(row, by)
    audit.record(by=by, verb=f"assessments.run.{step}", target=row, note=STAGES[step])
    telling.tell_step(row)
    return row


def _nothing(row: AssessmentRun, by: Any = None) -> None:
    """Do nothing."""


def _ask(row: AssessmentRun, by: Any) -> None:
    timing.ask_self(by=by, run=row)


def _draw(row: AssessmentRun, by: Any) -> None:
    """Draw the sample of leaves to verify: by seed, reproducible; judged leaves always."""
    timing.self_is_over(by=by, run=row)
    manual = {leaf.key for leaf in row.scheme.scheme.leaves() if isinstance(leaf.rule, Manual)}
    entries = list(
        LeafEntry.objects.filter(subject__run=row).select_related(
            "subject__division", "subject__body"
        )
    )
    sample = drawn(row.seed, [sample_key(entry) for entry in entries], row.sample_share)
    for entry in entries:
        entry.sampled = sample_key(entry) in sample or entry.leaf in manual
    LeafEntry.objects.bulk_update(entries, ["sampled"], batch_size=1000)


def sample_key(entry: LeafEntry) -> str:
    """Return what the sample is drawn by: code of the place, name of the unit, leaf."""
    subject = entry.subject
    return f"{subject.division.code}|{subject.body.name}|{entry.leaf}"


def unverified(row: AssessmentRun) -> int:
    """Return how many sampled leaves nobody has verified."""
    return LeafEntry.objects.filter(subject__run=row, sampled=True, finding="").count()


def _all_verified(row: AssessmentRun) -> None:
    left = unverified(row)
    if left:
        raise Conflict(f"还有 {left} 项抽中的指标没有核验。")


def _notice(row: AssessmentRun, by: Any) -> None:
    row.noticed_on = clock.today()
    row.appeal_due, row.appeal_basis = timing.due(timing.APPEAL, row.noticed_on)
    AssessmentRun.objects.filter(pk=row.pk).update(
        noticed_on=row.noticed_on, appeal_due=row.appeal_due, appeal_basis=row.appeal_basis
    )


def _compute(row: AssessmentRun, by: Any) -> None:
    scoring.compute_run(row)


def _fill(row: AssessmentRun, by: Any) -> None:
    collecting.fill(row)


BEFORE = {Stage.COMPOSED: _all_verified}
AFTER = {
    Stage.COLLECTING: _fill,
    Stage.SELF: _ask,
    Stage.VERIFYING: _draw,
    Stage.COMPOSED: _compute,
    Stage.NOTICED: _notice,
}


@transaction.atomic
def void(*, by: Any, run: AssessmentRun, reason: str) -> AssessmentRun:
    """作废 a run that is not frozen, with a reason; another may then be opened."""
    row = lock_run(run)
    require_office(by, row)
    if row.is_settled:
        raise Conflict("结果已冻结，不能作废。")
    if not reason.strip():
        raise Invalid("作废原因没有填。", where="reason")
    row.voided_at, row.voided_by, row.void_reason = Now(), by, reason.strip()[:200]
    row.save()
    timing.called_off(by=by, run=row)
    audit.record(by=by, verb="assessments.run.void", target=row, note=reason[:200])
    return row


def require_organiser(by: Any) -> None:
    """Raise Forbidden for who organises no assessments anywhere."""
    if not access_of(by).has(Right.MANAGE_ASSESSMENTS):
        raise Forbidden("您没有组织考核的权限。")
