"""What follows a score: appeals, frozen results, rectification."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from responsibility.assessments.models.inputs import BY_SUBJECT
from responsibility.assessments.models.running import Subject
from responsibility.assessments.rules.running import DECISIONS, MENDINGS, Decision, Mending
from responsibility.common.models import Recorded, Scoped
from responsibility.common.scoping import ScopeBy, ScopedQuerySet
from responsibility.divisions.models import Body

USER = settings.AUTH_USER_MODEL


class Appeal(Recorded):
    """A unit disagrees with one leaf; decided with a reason."""

    SCOPE = BY_SUBJECT

    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="被考核单位", related_name="appeals"
    )
    leaf = models.CharField("指标", max_length=60)
    reason = models.TextField("申诉理由", max_length=2000)
    filed_by = models.ForeignKey(USER, models.PROTECT, verbose_name="申诉人", related_name="+")
    filed_on = models.DateField("申诉日期")
    decision = models.CharField(
        "决定", max_length=8, choices=list(DECISIONS.items()), blank=True, default=Decision.OPEN
    )
    decision_reason = models.CharField("决定理由", max_length=500, blank=True)
    decided_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="决定人", null=True, related_name="+", editable=False
    )
    decided_at = models.DateTimeField("决定时间", null=True, editable=False)
    before = models.JSONField("决定前", default=dict, editable=False)
    after = models.JSONField("决定后", default=dict, editable=False)

    objects = ScopedQuerySet["Appeal"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申诉"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "leaf"],
                condition=Q(decision=""),
                name="%(app_label)s_%(class)s_one_open",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (
                    ~Q(decision="")
                    & ~Q(decision_reason="")
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="%(app_label)s_%(class)s_decided_together",
            ),
        ]
        indexes = [models.Index(F("created_at").desc(), F("id").desc(), name="assess_appeal_new")]

    def __str__(self) -> str:
        return f"{self.subject} {self.leaf}"


class Result(Recorded):
    """A frozen result. Insert-only: a later decision makes a new version beside it."""

    SCOPE = BY_SUBJECT

    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="被考核单位", related_name="results"
    )
    version = models.PositiveSmallIntegerField("版次")
    total = models.DecimalField("总分", max_digits=8, decimal_places=4)
    grade = models.CharField("等次", max_length=20, blank=True)
    content = models.JSONField("内容")
    digest = models.CharField("摘要", max_length=64)
    reason = models.CharField("变更原因", max_length=500, blank=True)
    document = models.CharField("变更文件", max_length=200, blank=True)
    made_by = models.ForeignKey(USER, models.PROTECT, verbose_name="经办人", related_name="+")
    made_at = models.DateTimeField("时间", db_default=Now())

    objects = ScopedQuerySet["Result"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核结果"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "version"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(version=1) | (~Q(reason="") & ~Q(document="")),
                name="%(app_label)s_%(class)s_changed_by_decision",
            ),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="assess_result_newest"),
            models.Index(fields=["updated_at", "id"], name="assess_result_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} 第{self.version}版"


class Rectification(Recorded, Scoped):
    """What a deduction asks to be mended: owner, date, report, 销号."""

    SCOPE = ScopeBy("scope_path", "body_id")

    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="被考核单位", related_name="rectifications"
    )
    body = models.ForeignKey(Body, models.PROTECT, verbose_name="责任单位", related_name="+")
    leaf = models.CharField("指标", max_length=60)
    name = models.CharField("指标名称", max_length=200)
    problem = models.TextField("问题")
    lost = models.DecimalField("扣分", max_digits=8, decimal_places=4)
    due_on = models.DateField("完成时限")
    due_basis = models.CharField("时限依据", max_length=200)
    status = models.CharField(
        "状态", max_length=8, choices=list(MENDINGS.items()), default=Mending.OPEN
    )
    report = models.TextField("整改情况", blank=True, max_length=2000)
    reported_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="报送人", null=True, related_name="+", editable=False
    )
    reported_at = models.DateTimeField("报送时间", null=True, editable=False)
    answer = models.CharField("审核意见", max_length=500, blank=True)
    closed_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="销号人", null=True, related_name="+", editable=False
    )
    closed_on = models.DateField("销号日期", null=True, editable=False)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = ScopedQuerySet["Rectification"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改事项"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "leaf"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(reported_by=None, reported_at=None, status="open")
                | Q(reported_by__isnull=False, reported_at__isnull=False),
                name="%(app_label)s_%(class)s_reported_together",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_by__isnull=False, closed_on__isnull=False)
                | (~Q(status="closed") & Q(closed_by=None, closed_on=None)),
                name="%(app_label)s_%(class)s_closed_together",
            ),
        ]
        indexes = [
            models.Index(fields=["scope_path", "status"], name="assess_mend_scope"),
            models.Index(F("created_at").desc(), F("id").desc(), name="assess_mend_newest"),
            models.Index(fields=["updated_at", "id"], name="assess_mend_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.name}"
