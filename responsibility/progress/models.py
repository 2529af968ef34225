"""Progress entries on assignments, their figures and evidence."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from responsibility.common.models import Recorded, Voidable
from responsibility.common.scoping import ScopeBy, ScopedQuerySet, Somebody, access_of
from responsibility.duties.models import Assignment
from responsibility.figures.models import Indicator
from responsibility.files.models import StoredFile
from responsibility.flow.access import review_places
from responsibility.flow.models import Remark, Slip, Step, Submission, SubmissionQuerySet


class EntryQuerySet(SubmissionQuerySet["ProgressEntry"]):
    """What was logged."""

    def living(self) -> Self:
        """Return those not voided."""
        return self.filter(voided_at=None)

    def with_names(self) -> Self:
        """Join what every list shows."""
        return self.select_related("assignment__duty", "body", "division", "recorder")

    def for_lines(self) -> Self:
        """Join what a line of the workbench shows, and fetch nothing else."""
        return self.select_related("assignment__duty", "body").only(
            "public_id",
            "period",
            "text",
            "reason",
            "reviewer_role",
            "submitted_at",
            "reviewed_at",
            "assignment__duty__title",
            "body__name",
        )

    def for_reviewer(self, user: Somebody) -> Self:
        """Return what waits for this user's review."""
        return self.waiting_at(review_places(access_of(user)), user)


class ProgressEntry(Submission, Voidable):
    """What a body did on an assignment in a period: logged once, read by every report."""

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, verbose_name="责任事项", related_name="entries"
    )
    period = models.CharField("所属期", max_length=9, db_collation="C")
    done_on = models.DateField("办理日期", null=True, blank=True)
    text = models.CharField("做了什么", max_length=2000, blank=True)
    needs_help = models.CharField("需要上级解决", max_length=500, blank=True)
    approved_content = models.JSONField("通过时内容", null=True, editable=False)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "进展"
        constraints = [
            *Submission.Meta.constraints,
            *Voidable.Meta.constraints,
            models.UniqueConstraint(
                fields=["assignment", "period", "recorder"],
                condition=Q(status="draft", voided_at=None),
                name="%(app_label)s_%(class)s_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "returned", "closed"])
                | (Q(done_on__isnull=False) & ~Q(text="")),
                name="%(app_label)s_%(class)s_complete_when_submitted",
            ),
        ]
        indexes = [
            models.Index(
                "scope_path", F("created_at").desc(), F("id").desc(), name="progress_entry_scope"
            ),
            models.Index(F("created_at").desc(), F("id").desc(), name="progress_entry_newest"),
            models.Index(fields=["updated_at", "id"], name="progress_entry_feed"),
            models.Index(fields=["assignment", "period"], name="progress_entry_assignment"),
            models.Index(
                fields=["reviewing_division_id", "submitted_at"],
                condition=Q(status__in=["submitted", "in_review"]),
                name="progress_entry_waiting",
            ),
            models.Index(
                fields=["recorder"],
                condition=Q(status__in=["draft", "returned"]),
                name="progress_entry_mine",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment.duty.title}（{self.period}）"


class ProgressFigure(models.Model):
    """A number that the duty asks for, with the last known one that was offered."""

    entry = models.ForeignKey(
        ProgressEntry, models.PROTECT, verbose_name="进展", related_name="figures"
    )
    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="指标", related_name="+")
    value = models.DecimalField("数值", max_digits=24, decimal_places=6, null=True, blank=True)
    prefilled = models.BooleanField("带出未改", default=False)
    source_note = models.CharField("来源", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "进展数据"
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "indicator"], name="%(app_label)s_%(class)s_once"
            )
        ]


class Evidence(Recorded, Voidable):
    """A file offered for an entry: optional, deduplicated, two dates."""

    SCOPE = ScopeBy("entry__scope_path", "entry__body_id")

    entry = models.ForeignKey(
        ProgressEntry, models.PROTECT, verbose_name="进展", related_name="evidence"
    )
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name="文件", related_name="+")
    name = models.CharField("文件名", max_length=200)
    fact_on = models.DateField("事实日期", null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人", related_name="+"
    )

    objects = ScopedQuerySet["Evidence"].as_manager()

    class Meta(Voidable.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "佐证材料"
        constraints = [
            *Voidable.Meta.constraints,
            models.UniqueConstraint(
                fields=["entry", "file"],
                condition=Q(voided_at=None),
                name="%(app_label)s_%(class)s_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProgressStep(Step):
    """One transition of an entry."""

    submission = models.ForeignKey(
        ProgressEntry, models.PROTECT, verbose_name="进展", related_name="steps"
    )

    class Meta:
        verbose_name = verbose_name_plural = "进展经过"


class ProgressRemark(Remark):
    """A reviewer's remark on one item of an entry."""

    submission = models.ForeignKey(
        ProgressEntry, models.PROTECT, verbose_name="进展", related_name="remarks"
    )

    class Meta:
        verbose_name = verbose_name_plural = "进展审核意见"
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "item", "round"], name="%(app_label)s_%(class)s_once"
            )
        ]


class ProgressSlip(Slip):
    """A correction slip on a passed entry."""

    SCOPE = ScopeBy("submission__scope_path", "submission__body_id")

    submission = models.ForeignKey(
        ProgressEntry, models.PROTECT, verbose_name="进展", related_name="slips"
    )

    objects = ScopedQuerySet["ProgressSlip"].as_manager()

    class Meta(Slip.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "进展更正单"
        constraints = [
            *Slip.Meta.constraints,
            models.UniqueConstraint(
                fields=["submission", "item"],
                condition=Q(decided_at=None),
                name="%(app_label)s_%(class)s_one_open",
            ),
        ]
