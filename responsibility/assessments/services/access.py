"""Who may do what in an assessment; rows locked."""

from typing import Any

from responsibility.assessments.models import AssessmentRun, Subject
from responsibility.assessments.rules.running import OPEN, STAGES, Stage
from responsibility.common.errors import Conflict, Forbidden, Stale
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.flow.reviewing import is_own


def lock_run(run: AssessmentRun, revision: int | None = None) -> AssessmentRun:
    """Return the run locked; Stale when it moved since the page was read."""
    row = AssessmentRun.objects.select_for_update(of=("self",)).select_related("scheme", "division")
    found = row.get(pk=run.pk)
    if revision is not None and found.revision != revision:
        raise Stale("这次考核刚被别人改过，请重新打开。")
    if found.voided_at:
        raise Conflict("这次考核已经作废。")
    return found


def lock_subject(subject: Subject) -> Subject:
    """Return the subject locked, its run read."""
    return Subject.objects.select_for_update(of=("self",)).with_names().get(pk=subject.pk)


def require_office(by: Any, run: AssessmentRun) -> None:
    """Raise unless the user organises assessments at the run's place."""
    held = access_of(by)
    if held.allows(Right.MANAGE_ASSESSMENTS, run):
        return
    if AssessmentRun.objects.visible_to(by).filter(pk=run.pk).exists():
        raise Forbidden("考核由组织考核的领导小组办公室办理。")
    held.require(Right.MANAGE_ASSESSMENTS, run)


def is_unit(by: Any, subject: Subject, *rights: Right) -> bool:
    """Say whether the user acts for the assessed unit itself with one of the rights."""
    held = access_of(by)
    return any(is_own(grant, subject.body) for right in rights for grant in held.with_right(right))


def require_unit(by: Any, subject: Subject, *rights: Right) -> None:
    """Raise unless the user acts for the assessed unit."""
    access_of(by).require(Right.VIEW, subject)
    if not is_unit(by, subject, *rights):
        raise Forbidden("须由被考核单位自己办理。")


def require_stage(run: AssessmentRun, *stages: Stage) -> None:
    """Raise Conflict when the run stands elsewhere; a frozen one says so."""
    if run.status in stages:
        return
    if run.status not in OPEN and run.status != Stage.PREPARING:
        raise Conflict("结果已冻结，不能再改。确有错误的，须由有权机关决定后另出新版。")
    wanted = "、".join(f"“{STAGES[stage]}”" for stage in stages)
    raise Conflict(f"现在是“{run.get_status_display()}”，这件事在{wanted}办理。")
