"""Frozen results: immutable, hashed; later changes only by a decision, as a new version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from responsibility.assessments.models import (
    Appeal,
    AssessmentRun,
    DataItem,
    LeafEntry,
    LeafEvidence,
    PartMark,
    Rectification,
    RedLineHit,
    Result,
    Subject,
)
from responsibility.assessments.rules import (
    Inputs,
    Scheme,
    ScoreResult,
    parse_inputs,
    parse_scheme,
    score_scheme,
)
from responsibility.assessments.rules.parsing import dump_inputs
from responsibility.assessments.rules.running import Stage
from responsibility.assessments.services import mending, scoring, telling
from responsibility.assessments.services.access import (
    lock_run,
    lock_subject,
    require_office,
    require_stage,
)
from responsibility.assessments.services.appeals import change
from responsibility.assessments.services.proof import proof_package
from responsibility.audit import services as audit
from responsibility.audit.rules import canonical, digest
from responsibility.common import clock
from responsibility.common.errors import Conflict, Invalid


@dataclass(frozen=True)
class Mismatch:
    """Something of a frozen result that no longer agrees, named."""

    where: str
    what: str


@transaction.atomic
def freeze(*, by: Any, run: AssessmentRun, revision: int | None = None) -> AssessmentRun:
    """冻结 the results: one immutable row a unit, and the list of what has to be mended.

    Refused while an appeal is open, before the last day for appeals has passed, or while a unit's
    data are incomplete.
    """
    row = lock_run(run, revision)
    require_office(by, row)
    require_stage(row, Stage.NOTICED)
    _check(row)
    subjects = list(row.subjects.with_names().order_by("position"))
    scoring.compute(row, subjects)
    made = [_result(by, row, subject, 1) for subject in subjects]
    Result.objects.bulk_create(made)
    row.digest = digest(canonical([item.digest for item in made]))
    row.status, row.frozen_at = Stage.FROZEN, Now()
    row.revision += 1
    row.save()
    row.refresh_from_db(fields=["frozen_at"])
    mending.open_list(by=by, run=row)
    audit.record(by=by, verb="assessments.run.freeze", target=row, new={"digest": row.digest})
    telling.tell_step(row)
    return row


def _check(row: AssessmentRun) -> None:
    open_appeals = Appeal.objects.filter(subject__run=row, decision="").count()
    if open_appeals:
        raise Conflict(f"还有 {open_appeals} 件申诉没有决定，不能冻结。")
    if row.appeal_due and clock.today() <= row.appeal_due:
        raise Conflict(f"申诉期到 {row.appeal_due}，过了这一天才能冻结。")


def _result(by: Any, run: AssessmentRun, subject: Subject, version: int, **extra: Any) -> Result:
    content = content_of(run, subject)
    return Result(
        subject=subject,
        version=version,
        total=Decimal(content["score"]["total"]),
        grade=content["score"]["grade"],
        content=content,
        digest=digest(canonical(content)),
        made_by=by,
        **extra,
    )


def content_of(run: AssessmentRun, subject: Subject) -> dict[str, Any]:
    """Return all that a result rests on, names as of now: it can be scored again from this."""
    given = scoring.Given([subject])
    inputs = given.inputs(subject.pk)
    parts, lines = given.parts[subject.pk], sorted(given.lines[subject.pk])
    score = score_scheme(run.scheme.scheme, inputs, parts=parts, red_lines=lines)
    return {
        "run": {"id": str(run.public_id), "title": run.title, "year": run.year, "seed": run.seed},
        "subject": {
            "id": str(subject.public_id),
            "code": subject.division.code,
            "division": subject.division.name,
            "body": subject.body.name,
        },
        "scheme": run.scheme.content,
        "scheme_digest": run.scheme.digest,
        "inputs": {leaf: dump_inputs(item) for leaf, item in sorted(inputs.items())},
        "parts": {key: f"{value.normalize():f}" for key, value in sorted(parts.items())},
        "red_lines": lines,
        "score": score_content(score),
        "items": [_item(row) for row in _items(subject)],
        "entries": [_entry(row) for row in subject.entries.order_by("position")],
        "evidence": [
            {"leaf": row.entry.leaf, "name": row.name, "sha256": row.file.sha256}
            for row in LeafEvidence.objects.filter(entry__subject=subject, voided_at=None)
            .select_related("entry", "file")
            .order_by("id")
        ],
    }


def score_content(score: ScoreResult) -> dict[str, Any]:
    """Return what came out, as plain data."""
    return {
        "total": f"{score.total:f}",
        "grade": score.grade,
        "steps": list(score.steps),
        "red_lines": list(score.red_lines),
        "complete": score.complete,
        "leaves": {
            key: None if item.mark is None else f"{item.mark:f}"
            for key, item in sorted(score.leaves.items())
        },
    }


def _items(subject: Subject) -> Any:
    return DataItem.objects.filter(subject=subject).order_by("leaf", "key")


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _item(row: DataItem) -> dict[str, Any]:
    return {
        "leaf": row.leaf,
        "key": row.key,
        "how": row.how,
        "value": _plain(row.value),
        "verified": _plain(row.verified_value),
        "why": row.verify_note,
        "trace": row.trace,
    }


def _entry(row: LeafEntry) -> dict[str, Any]:
    return {
        "leaf": row.leaf,
        "self_mark": _plain(row.self_mark),
        "self_note": row.self_note,
        "absent": row.absent_reason if row.absent else "",
        "finding": row.finding,
        "finding_note": row.finding_note,
        "manual_reason": row.manual_reason,
    }


@transaction.atomic
def amend(
    *,
    by: Any,
    subject: Subject,
    leaf: str,
    reason: str,
    document: str,
    values: Mapping[str, Decimal | None] | None = None,
    manual: Decimal | None = None,
    absent: bool | None = None,
) -> Result:
    """Change a frozen result by a decision: a new version beside the old, naming the document."""
    row = lock_subject(subject)
    run = lock_run(row.run)
    require_office(by, run)
    if not run.is_settled:
        raise Conflict("结果还没有冻结，请按申诉或核验办理。")
    if not reason.strip() or not document.strip():
        where = "reason" if not reason.strip() else "document"
        raise Invalid("变更原因和决定文件都要填。", where=where)
    entry = row.entries.select_for_update(of=("self",)).filter(leaf=leaf).first()
    if entry is None:
        raise Invalid("方案里没有这项指标。", where="leaf")
    if not change(by, row, entry, reason, values or {}, manual, absent):
        raise Invalid("没有写明改成什么。", where="values")
    scoring.compute(run, [row])
    last = row.results.aggregate(n=Max("version"))["n"]
    made = _result(by, run, row, last + 1, reason=reason[:500], document=document[:200])
    made.save()
    Subject.objects.filter(pk=row.pk).update(updated_at=Now())  # pollers learn of it
    audit.record(
        by=by,
        verb="assessments.result.amend",
        target=made,
        scope_path=row.scope_path,
        new={"version": made.version, "total": _plain(made.total), "digest": made.digest},
        note=reason[:300],
    )
    if run.published_at:
        key = f"assessment.amended:{made.public_id}"
        telling.announce(row, "assessment.amended", key, version=made.version)
    return made


@transaction.atomic
def publish(*, by: Any, run: AssessmentRun, marks: bool) -> AssessmentRun:
    """通报 frozen results: grades, and marks where the office says so; standard order, no ranks."""
    row = lock_run(run)
    require_office(by, row)
    if row.status == Stage.PUBLISHED:
        raise Conflict("已经通报过了。")
    if row.status != Stage.FROZEN:
        raise Conflict("结果冻结后才能通报。")
    row.status, row.published_at, row.publishes_marks = Stage.PUBLISHED, Now(), marks
    row.revision += 1
    row.save()
    row.refresh_from_db(fields=["published_at"])
    _touch(row)
    audit.record(by=by, verb="assessments.run.publish", target=row, new={"marks": marks})
    telling.tell_step(row)
    return row


def _touch(run: AssessmentRun) -> None:
    """Mark all rows of a run as changed: whoever polls by ``updated_since`` learns of them now."""
    Subject.objects.filter(run=run).update(updated_at=Now())
    LeafEntry.objects.filter(subject__run=run).update(updated_at=Now())
    DataItem.objects.filter(subject__run=run).update(updated_at=Now())
    Rectification.objects.filter(subject__run=run).update(updated_at=Now())


def recompute(content: Mapping[str, Any]) -> ScoreResult:
    """Score again from what was frozen, and from nothing else."""
    scheme: Scheme = parse_scheme(content["scheme"])
    inputs: dict[str, Inputs] = {
        leaf: parse_inputs(item, leaf) for leaf, item in content["inputs"].items()
    }
    parts = {key: Decimal(value) for key, value in content["parts"].items()}
    return score_scheme(scheme, inputs, parts=parts, red_lines=content["red_lines"])


def verify_result(row: Result) -> list[Mismatch]:
    """Return all of a frozen result that does not agree: its text, its arithmetic, its live rows.

    Live rows are compared for the newest version only; an older one stands beside a decision.
    """
    subject = row.subject
    where = f"{subject.run.title} {subject.body.name} 第{row.version}版"
    found = []
    if digest(canonical(row.content)) != row.digest:
        found.append(Mismatch(where, "冻结的内容与摘要不符"))
    again = score_content(recompute(row.content))
    if again != row.content["score"] or Decimal(again["total"]) != row.total:
        found.append(Mismatch(where, "按冻结的数据重算，结果不同"))
    newest = subject.results.order_by("-version").values_list("version", flat=True).first()
    if row.version == newest:
        found += [Mismatch(f"{where} {place}", words) for place, words in _moved(row)]
    return found


def _moved(row: Result) -> Iterator[tuple[str, str]]:
    """Yield what of the live rows differs from what was frozen."""
    frozen = row.content["inputs"]
    live = scoring.Given([row.subject])
    for leaf, item in sorted(live.inputs(row.subject_id).items()):
        now, then = dump_inputs(item), frozen.get(leaf)
        if then is None:
            yield leaf, "冻结时没有这项"
        elif now != then:
            yield from _differences(leaf, then, now)
    parts = {
        item.part: _plain(item.mark)
        for item in PartMark.objects.filter(subject=row.subject_id).order_by("part")
    }
    if parts != row.content["parts"]:
        yield "外部结果", f"冻结时 {row.content['parts']}，现在 {parts}"
    lines = RedLineHit.objects.filter(subject=row.subject_id, voided_at=None)
    if sorted(lines.values_list("key", flat=True)) != row.content["red_lines"]:
        yield "红线", "与冻结时不同"


def _differences(
    leaf: str, then: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for key in sorted({*then["values"], *now["values"]}):
        old, new = then["values"].get(key), now["values"].get(key)
        if old != new:
            yield f"{leaf}.{key}", f"冻结时 {old}，现在 {new}"
    for key in ("absent", "manual", "reason"):
        if then[key] != now[key]:
            yield leaf, f"{key} 冻结时 {then[key]}，现在 {now[key]}"


def verify_run(run: AssessmentRun) -> list[Mismatch]:
    """Return every mismatch of a run's frozen results; nothing when all agree."""
    rows = Result.objects.filter(subject__run=run).select_related("subject__run", "subject__body")
    found = [item for row in rows.order_by("id") for item in verify_result(row)]
    firsts = Result.objects.filter(subject__run=run, version=1).order_by("subject__position", "id")
    sealed = digest(canonical(list(firsts.values_list("digest", flat=True))))
    if run.is_settled and sealed != run.digest:
        found.append(Mismatch(run.title, "各单位结果的摘要与冻结时不符，可能少了或改了一份"))
    return found


def package(row: Result, *, audit_links: list[dict[str, Any]]) -> bytes:
    """Return the proof package of a result: recomputable offline with Python alone."""
    content = row.content
    inputs = {leaf: parse_inputs(item, leaf) for leaf, item in content["inputs"].items()}
    if not content["inputs"]:
        raise Invalid("这份结果没有数据，不能生成证明包。")
    return proof_package(
        parse_scheme(content["scheme"]),
        inputs,
        parts={key: Decimal(value) for key, value in content["parts"].items()},
        red_lines=content["red_lines"],
        attached={
            "snapshot": content,
            "remarks": content["entries"],
            "evidence": content["evidence"],
            "audit": audit_links,
            "result": {"version": row.version, "digest": row.digest, "reason": row.reason},
        },
    )
