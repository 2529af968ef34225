"""What a score is made from: leaves with their self-assessment and verification, data items."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from responsibility.assessments.models.running import Subject
from responsibility.assessments.rules.running import FINDINGS, Finding
from responsibility.assessments.rules.scheme import STATES
from responsibility.common.models import Recorded, Voidable
from responsibility.common.scoping import ScopeBy, ScopedQuerySet
from responsibility.files.models import StoredFile

USER = settings.AUTH_USER_MODEL
BY_SUBJECT = ScopeBy("subject__scope_path", "subject__body_id")
HOWS = {"source": "台账", "typed": "填报", "missing": "缺"}


class LeafEntryQuerySet(ScopedQuerySet["LeafEntry"]):
    """Leaves of subjects in a territory."""

    def with_names(self) -> Self:
        """Join what every page shows."""
        return self.select_related("subject__run__scheme", "subject__body", "subject__division")


class LeafEntry(Recorded):
    """One indicator of one unit: no task, self-assessment, verification, and its mark."""

    SCOPE = BY_SUBJECT

    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="被考核单位", related_name="entries"
    )
    leaf = models.CharField("指标", max_length=60)
    position = models.PositiveSmallIntegerField("次序")
    full = models.DecimalField("满分", max_digits=8, decimal_places=4)
    absent = models.BooleanField("没有任务", default=False)
    absent_reason = models.CharField("没有任务的原因", max_length=300, blank=True)
    self_mark = models.DecimalField("自评分", max_digits=8, decimal_places=4, null=True)
    self_note = models.TextField("自评说明", blank=True, max_length=2000)
    self_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="自评人", null=True, related_name="+", editable=False
    )
    manual_mark = models.DecimalField("评定分", max_digits=8, decimal_places=4, null=True)
    manual_reason = models.CharField("评定理由", max_length=300, blank=True)
    sampled = models.BooleanField("抽中核验", default=False)
    finding = models.CharField(
        "核验结论", max_length=8, choices=list(FINDINGS.items()), blank=True, default=Finding.NONE
    )
    finding_note = models.CharField("核验说明", max_length=500, blank=True)
    verified_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="核验人", null=True, related_name="+", editable=False
    )
    verified_at = models.DateTimeField("核验时间", null=True, editable=False)
    mark = models.DecimalField("得分", max_digits=8, decimal_places=4, null=True)
    state = models.CharField(
        "计分情况", max_length=8, choices=list(STATES.items()), blank=True, default=""
    )
    working = models.TextField("算式", blank=True)
    formula = models.TextField("规则", blank=True)
    lost_reason = models.TextField("扣分原因", blank=True)

    objects = LeafEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "指标得分"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "leaf"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(absent=False) | ~Q(absent_reason=""),
                name="%(app_label)s_%(class)s_absent_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(manual_mark=None) | ~Q(manual_reason=""),
                name="%(app_label)s_%(class)s_manual_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(finding="", verified_by=None, verified_at=None)
                | (~Q(finding="") & Q(verified_by__isnull=False, verified_at__isnull=False)),
                name="%(app_label)s_%(class)s_verified_together",
            ),
            models.CheckConstraint(
                condition=~Q(finding="adjusted") | ~Q(finding_note=""),
                name="%(app_label)s_%(class)s_adjusted_with_reason",
            ),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="assess_entry_newest"),
            models.Index(fields=["updated_at", "id"], name="assess_entry_feed"),
            models.Index(fields=["leaf"], name="assess_entry_leaf"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.leaf}"

    @property
    def lost(self) -> Any:
        """Return the marks lost, or None without a mark."""
        return None if self.mark is None or self.state != "scored" else self.full - self.mark


class DataItem(Recorded):
    """One number of one unit: as its source gave it, and as it was verified."""

    SCOPE = BY_SUBJECT

    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="被考核单位", related_name="items"
    )
    leaf = models.CharField("指标", max_length=60)
    key = models.CharField("数据项", max_length=60)
    name = models.CharField("名称", max_length=100)
    unit = models.CharField("单位", max_length=20, blank=True)
    source_kind = models.CharField("来源种类", max_length=20)
    source = models.CharField("来源", max_length=100, blank=True)
    how = models.CharField("取数方式", max_length=8, choices=list(HOWS.items()), default="missing")
    value = models.DecimalField("数值", max_digits=24, decimal_places=6, null=True)
    as_of = models.DateTimeField("数据时间", null=True)
    trace = models.JSONField("来源明细", default=list)
    note = models.CharField("说明", max_length=300, blank=True)
    typed_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="填报人", null=True, related_name="+", editable=False
    )
    verified_value = models.DecimalField(
        "核定数", max_digits=24, decimal_places=6, null=True, blank=True
    )
    verify_note = models.CharField("核定原因", max_length=300, blank=True)

    objects = ScopedQuerySet["DataItem"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核数据"
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "leaf", "key"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(how="missing", value=None)
                | (~Q(how="missing") & Q(value__isnull=False)),
                name="%(app_label)s_%(class)s_value_with_source",
            ),
            models.CheckConstraint(
                condition=Q(verified_value=None) | ~Q(verify_note=""),
                name="%(app_label)s_%(class)s_verified_with_reason",
            ),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="assess_item_newest"),
            models.Index(fields=["updated_at", "id"], name="assess_item_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.leaf}.{self.key}"

    @property
    def counted(self) -> Any:
        """Return the number that is scored with."""
        return self.value if self.verified_value is None else self.verified_value


class LeafEvidence(Recorded, Voidable):
    """A file offered for a leaf; never asked for."""

    SCOPE = ScopeBy("entry__subject__scope_path", "entry__subject__body_id")

    entry = models.ForeignKey(
        LeafEntry, models.PROTECT, verbose_name="指标", related_name="evidence"
    )
    file = models.ForeignKey(StoredFile, models.PROTECT, verbose_name="文件", related_name="+")
    name = models.CharField("文件名", max_length=200)
    uploaded_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="上传人", related_name="+", editable=False
    )

    objects = ScopedQuerySet["LeafEvidence"].as_manager()

    class Meta(Voidable.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "考核佐证"
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


class PartMark(models.Model):
    """A part of the composite given from outside: third party, daily supervision."""

    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="被考核单位", related_name="part_marks"
    )
    part = models.CharField("部分", max_length=60)
    mark = models.DecimalField("分值", max_digits=8, decimal_places=4)
    note = models.CharField("来源", max_length=300)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="录入人", related_name="+")
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = verbose_name_plural = "外部结果"
        constraints = [
            models.UniqueConstraint(fields=["subject", "part"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.part}"


class RedLineHit(Recorded, Voidable):
    """A red line found to be crossed by a unit; it limits the grade."""

    SCOPE = BY_SUBJECT

    subject = models.ForeignKey(
        Subject, models.PROTECT, verbose_name="被考核单位", related_name="red_lines"
    )
    key = models.CharField("红线", max_length=60)
    reason = models.CharField("事实和依据", max_length=500)
    by = models.ForeignKey(USER, models.PROTECT, verbose_name="认定人", related_name="+")

    objects = ScopedQuerySet["RedLineHit"].as_manager()

    class Meta(Voidable.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "触碰红线"
        constraints = [
            *Voidable.Meta.constraints,
            models.UniqueConstraint(
                fields=["subject", "key"],
                condition=Q(voided_at=None),
                name="%(app_label)s_%(class)s_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.key}"
