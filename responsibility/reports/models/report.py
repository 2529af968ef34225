"""Reports with their texts, cells, review and frozen snapshot."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from responsibility.common.models import Recorded
from responsibility.common.scoping import ScopeBy, ScopedQuerySet, Somebody, access_of
from responsibility.figures.rules import shown
from responsibility.flow.access import review_places
from responsibility.flow.models import Remark, Slip, Step, Submission, SubmissionQuerySet
from responsibility.reports.models.kinds import CellDef, ReportKind, SectionDef


class ReportQuerySet(SubmissionQuerySet["Report"]):
    """Reports in a territory."""

    def with_names(self) -> Self:
        """Join what every list shows."""
        return self.select_related("kind", "body__division", "division", "recorder")

    def for_reviewer(self, user: Somebody) -> Self:
        """Return what waits for this user's review."""
        return self.waiting_at(review_places(access_of(user)), user)


class Report(Submission):
    """One body's report of a period."""

    kind = models.ForeignKey(
        ReportKind, models.PROTECT, verbose_name="报表", related_name="reports"
    )
    period = models.CharField("所属期", max_length=9, db_collation="C")
    kind_key = models.SlugField("报表键", max_length=60, editable=False)
    no_data_reason = models.CharField("无此数据的说明", max_length=300, blank=True)
    flags = models.JSONField("提醒", default=list, editable=False)
    tables = models.JSONField("按区划的表", default=list, editable=False)
    collected_at = models.DateTimeField("取数时间", null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="审签人",
        null=True,
        related_name="+",
        editable=False,
    )
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报告"
        constraints = [
            *Submission.Meta.constraints,
            models.UniqueConstraint(
                fields=["kind_key", "body", "period"], name="%(app_label)s_%(class)s_once"
            ),
        ]
        indexes = [
            models.Index("scope_path", "period", name="reports_report_scope"),
            models.Index(F("created_at").desc(), F("id").desc(), name="reports_report_newest"),
            models.Index(fields=["updated_at", "id"], name="reports_report_feed"),
            models.Index(
                fields=["reviewing_division_id"],
                condition=Q(status__in=["submitted", "in_review"]),
                name="reports_report_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.period} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the key beside the version: one report of a kind, body and period, ever."""
        self.kind_key = self.kind_key or self.kind.key
        super().save(*args, **kwargs)


class ReportText(models.Model):
    """The words of one section."""

    report = models.ForeignKey(Report, models.PROTECT, verbose_name="报告", related_name="texts")
    section = models.ForeignKey(SectionDef, models.PROTECT, verbose_name="章节", related_name="+")
    text = models.TextField("内容", blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="编辑人", null=True, related_name="+"
    )
    edited_at = models.DateTimeField("编辑时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "报告文字"
        constraints = [
            models.UniqueConstraint(
                fields=["report", "section"], name="%(app_label)s_%(class)s_once"
            )
        ]


class ReportCell(Recorded):
    """One figure as it was collected: its value, last period's, and where it comes from."""

    SCOPE = ScopeBy("report__scope_path", "report__body_id")

    report = models.ForeignKey(Report, models.PROTECT, verbose_name="报告", related_name="cells")
    definition = models.ForeignKey(CellDef, models.PROTECT, verbose_name="数据格", related_name="+")
    value = models.DecimalField("本期", max_digits=24, decimal_places=6, null=True)
    last_value = models.DecimalField("上期", max_digits=24, decimal_places=6, null=True)
    how = models.CharField("来源", max_length=10, default="ledger")
    figure_id = models.UUIDField("数据编号", null=True)
    reported = models.PositiveIntegerField("已报单位数", default=0)
    expected = models.PositiveIntegerField("应报单位数", default=0)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="编辑人", null=True, related_name="+"
    )
    edited_at = models.DateTimeField("编辑时间", null=True)

    objects = ScopedQuerySet["ReportCell"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报告数据"
        constraints = [
            models.UniqueConstraint(
                fields=["report", "definition"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(edited_by=None, edited_at=None)
                | Q(edited_by__isnull=False, edited_at__isnull=False),
                name="%(app_label)s_%(class)s_edited_together",
            ),
        ]

    @property
    def change_text(self) -> str:
        """Return the difference to last period as shown."""
        if self.value is None or self.last_value is None:
            return "—"
        difference = self.value - self.last_value
        return f"+{shown(difference)}" if difference > 0 else shown(difference)


class ReportStep(Step):
    """One transition of a report."""

    submission = models.ForeignKey(
        Report, models.PROTECT, verbose_name="报告", related_name="steps"
    )

    class Meta:
        verbose_name = verbose_name_plural = "报告经过"


class ReportRemark(Remark):
    """A reviewer's remark on one item of a report."""

    submission = models.ForeignKey(
        Report, models.PROTECT, verbose_name="报告", related_name="remarks"
    )

    class Meta:
        verbose_name = verbose_name_plural = "报告审核意见"
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "item", "round"], name="%(app_label)s_%(class)s_once"
            )
        ]


class ReportSlip(Slip):
    """A correction slip on an archived report."""

    SCOPE = ScopeBy("submission__scope_path", "submission__body_id")

    submission = models.ForeignKey(
        Report, models.PROTECT, verbose_name="报告", related_name="slips"
    )

    objects = ScopedQuerySet["ReportSlip"].as_manager()

    class Meta(Slip.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "报告更正单"
        constraints = [
            *Slip.Meta.constraints,
            models.UniqueConstraint(
                fields=["submission", "item"],
                condition=Q(decided_at=None),
                name="%(app_label)s_%(class)s_one_open",
            ),
        ]


class ReportSnapshot(models.Model):
    """What a report was when it was submitted or archived. Insert-only."""

    report_id = models.BigIntegerField("报告", db_index=True)
    stage = models.CharField("环节", max_length=10)
    content = models.JSONField("内容")
    digest = models.CharField("摘要", max_length=64)
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "报告快照"
