"""Abstract tables of the flow; owners (progress, reports, letters …) make them concrete."""

from collections.abc import Collection
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from responsibility.common.models import Recorded, Scoped
from responsibility.common.scoping import ScopeBy, ScopedQuerySet, Somebody
from responsibility.flow.rules import STATES, State

M = TypeVar("M", bound="Submission")
USER = settings.AUTH_USER_MODEL


class SubmissionQuerySet(ScopedQuerySet[M]):
    """What is submitted and reviewed."""

    def waiting_at(self, places: Collection[int], user: Somebody) -> Self:
        """Return what waits for review at these divisions, but never the user's own."""
        return self.filter(
            reviewing_division_id__in=places, status__in=[State.SUBMITTED, State.IN_REVIEW]
        ).exclude(recorder_id=user.pk)


class Submission(Recorded, Scoped):
    """Something a body submits and another reviews; the recorder is never the reviewer."""

    SCOPE = ScopeBy("scope_path", "body_id")

    body = models.ForeignKey(
        "divisions.Body", models.PROTECT, verbose_name="单位", related_name="+"
    )
    reviewing_division_id = models.BigIntegerField("审核区划", null=True, editable=False)
    status = models.CharField("状态", max_length=18, choices=STATES, default=State.DRAFT)
    recorder = models.ForeignKey(
        USER, models.PROTECT, verbose_name="填报人", related_name="+", editable=False
    )
    recorder_role = models.CharField("填报身份", max_length=200, blank=True, editable=False)
    on_behalf = models.BooleanField("代填", default=False, editable=False)
    submitted_at = models.DateTimeField("报送时间", null=True, blank=True, editable=False)
    reviewer = models.ForeignKey(
        USER, models.PROTECT, verbose_name="审核人", null=True, related_name="+", editable=False
    )
    reviewer_role = models.CharField("审核身份", max_length=200, blank=True, editable=False)
    reviewed_at = models.DateTimeField("审核时间", null=True, blank=True, editable=False)
    reason = models.CharField("退回原因", max_length=500, blank=True, editable=False)
    content_hash = models.CharField("内容摘要", max_length=64, blank=True, editable=False)
    approved_hash = models.CharField("通过时摘要", max_length=64, blank=True, editable=False)
    revision = models.PositiveIntegerField("修订号", default=1, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewer=None) | ~Q(reviewer=F("recorder")),
                name="%(app_label)s_%(class)s_recorder_is_not_reviewer",
            ),
            models.CheckConstraint(
                condition=Q(reviewer=None, reviewed_at=None)
                | Q(reviewer__isnull=False, reviewed_at__isnull=False),
                name="%(app_label)s_%(class)s_reviewed_together",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[State.PASSED, State.ARCHIVED])
                | (Q(reviewer__isnull=False) & ~Q(approved_hash="")),
                name="%(app_label)s_%(class)s_passed_by_someone",
            ),
        ]


class Step(models.Model):
    """One transition of a submission, as it was made: the timeline (abstract)."""

    action = models.CharField("动作", max_length=20)
    source = models.CharField("原状态", max_length=18, choices=STATES)
    target = models.CharField("新状态", max_length=18, choices=STATES)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="经办人", null=True, related_name="+")
    role = models.CharField("身份", max_length=200, blank=True)
    reason = models.CharField("意见", max_length=500, blank=True)
    content_hash = models.CharField("内容摘要", max_length=64, blank=True)
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        abstract = True


class Remark(Recorded):
    """A reviewer's remark on one item of a submission, and the answer to it (abstract)."""

    item = models.CharField("条目", max_length=80)
    text = models.CharField("审核意见", max_length=500)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="审核人", related_name="+")
    round = models.PositiveSmallIntegerField("轮次", default=1)
    answer = models.CharField("答复", max_length=500, blank=True)
    old_value = models.CharField("原值", max_length=2000, blank=True)
    new_value = models.CharField("新值", max_length=2000, blank=True)
    settled_at = models.DateTimeField("办结时间", null=True, blank=True)

    class Meta:
        abstract = True


class Slip(Recorded):
    """A correction slip (更正单): old value, new value, reason, approval (abstract)."""

    item = models.CharField("更正项", max_length=80)
    old_value = models.CharField("原值", max_length=2000)
    new_value = models.CharField("新值", max_length=2000)
    reason = models.CharField("更正原因", max_length=500)
    requested_by = models.ForeignKey(USER, models.PROTECT, verbose_name="申请人", related_name="+")
    decided_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="审批人", null=True, related_name="+"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    approved = models.BooleanField("同意", null=True)
    decision = models.CharField("审批意见", max_length=500, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None, approved=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False, approved__isnull=False),
                name="%(app_label)s_%(class)s_decided_together",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
                name="%(app_label)s_%(class)s_decided_by_another",
            ),
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return what a timeline shows."""
        return {"item": self.item, "old": self.old_value, "new": self.new_value}
