"""A yearly run of a scheme, the subjects it assesses, and who verifies."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from responsibility.assessments.models.schemes import SchemeVersion
from responsibility.assessments.rules.running import SETTLED, STAGES, TOLD, Stage
from responsibility.assessments.rules.scheme import SUBJECTS
from responsibility.common.models import Recorded, Scoped, Voidable
from responsibility.common.rights import Right
from responsibility.common.scoping import ScopeBy, ScopedQuerySet, Somebody, access_of
from responsibility.divisions.models import Body

USER = settings.AUTH_USER_MODEL


class RunQuerySet(ScopedQuerySet["AssessmentRun"]):
    """Runs of a territory, and those that assess something in it."""

    def visible_to(self, user: Somebody, right: Right = Right.VIEW) -> Self:
        """Return the runs of the places seen, and those with a subject among them."""
        scope = access_of(user).scope(right)
        if not scope:
            return self.none()
        inside = scope.q(self.model.SCOPE)
        if right != Right.VIEW:
            return self.filter(inside)
        subject = Subject.objects.within(scope).filter(run=OuterRef("pk"))
        return self.filter(inside | Exists(subject))

    def living(self) -> Self:
        """Return what is not voided."""
        return self.filter(voided_at=None)


class AssessmentRun(Recorded, Scoped, Voidable):
    """One year's assessment by one version of a scheme."""

    scheme = models.ForeignKey(
        SchemeVersion, models.PROTECT, verbose_name="考核方案", related_name="runs"
    )
    year = models.PositiveSmallIntegerField("年度")
    subjects_kind = models.CharField("考核对象", max_length=10, choices=list(SUBJECTS.items()))
    basis = models.CharField("依据", max_length=300, blank=True)
    status = models.CharField(
        "环节", max_length=12, choices=list(STAGES.items()), default=Stage.PREPARING
    )
    seed = models.CharField("抽样种子", max_length=64)
    sample_share = models.DecimalField("抽样比例（%）", max_digits=5, decimal_places=2)
    publishes_marks = models.BooleanField("通报分数", default=False)
    collected_at = models.DateTimeField("取数时间", null=True, editable=False)
    noticed_on = models.DateField("反馈日期", null=True, editable=False)
    appeal_due = models.DateField("申诉截止", null=True, editable=False)
    appeal_basis = models.CharField("申诉时限依据", max_length=200, blank=True)
    frozen_at = models.DateTimeField("冻结时间", null=True, editable=False)
    digest = models.CharField("结果摘要", max_length=64, blank=True, editable=False)
    published_at = models.DateTimeField("通报时间", null=True, editable=False)
    started_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="组织人", null=True, related_name="+", editable=False
    )
    revision = models.PositiveIntegerField("修改次数", default=0, editable=False)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = RunQuerySet.as_manager()

    class Meta(Voidable.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "年度考核"
        constraints = [
            *Voidable.Meta.constraints,
            models.UniqueConstraint(
                fields=["division", "year", "subjects_kind"],
                condition=Q(voided_at=None),
                name="%(app_label)s_%(class)s_once",
            ),
            models.CheckConstraint(
                condition=Q(sample_share__gte=0, sample_share__lte=100),
                name="%(app_label)s_%(class)s_share",
            ),
            models.CheckConstraint(
                condition=(Q(frozen_at=None, digest="") & ~Q(status__in=SETTLED))
                | (Q(frozen_at__isnull=False, status__in=SETTLED) & ~Q(digest="")),
                name="%(app_label)s_%(class)s_frozen_together",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(status="published"),
                name="%(app_label)s_%(class)s_published_together",
            ),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="assess_run_newest"),
            models.Index(fields=["updated_at", "id"], name="assess_run_feed"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Return the name of the run."""
        return f"{self.year}年度{self.get_subjects_kind_display()}成效考核"

    @property
    def is_told(self) -> bool:
        """Say whether a unit sees its own marks."""
        return self.status in TOLD

    @property
    def is_settled(self) -> bool:
        """Say whether the results are frozen."""
        return self.status in SETTLED


class SubjectQuerySet(ScopedQuerySet["Subject"]):
    """Units assessed, in a territory."""

    def with_names(self) -> Self:
        """Join what every list shows."""
        return self.select_related("run__scheme", "body", "division")

    def living(self) -> Self:
        """Return those of runs that stand."""
        return self.filter(run__voided_at=None)


class Subject(Recorded, Scoped):
    """One unit in one run: its self-assessment and what the last computation gave."""

    SCOPE = ScopeBy("scope_path", "body_id")

    run = models.ForeignKey(
        AssessmentRun, models.PROTECT, verbose_name="年度考核", related_name="subjects"
    )
    body = models.ForeignKey(Body, models.PROTECT, verbose_name="单位", related_name="+")
    position = models.PositiveSmallIntegerField("次序", default=0)
    statement = models.TextField("自评说明", blank=True)
    self_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="自评报送人", null=True, related_name="+", editable=False
    )
    self_at = models.DateTimeField("自评报送时间", null=True, editable=False)
    total = models.DecimalField("总分", max_digits=8, decimal_places=4, null=True)
    grade = models.CharField("等次", max_length=20, blank=True)
    complete = models.BooleanField("数据齐全", default=False)
    steps = models.JSONField("算式", default=list, editable=False)
    nodes = models.JSONField("分级得分", default=list, editable=False)
    computed_at = models.DateTimeField("计算时间", null=True, editable=False)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "被考核单位"
        constraints = [
            models.UniqueConstraint(fields=["run", "body"], name="%(app_label)s_%(class)s_once"),
            models.CheckConstraint(
                condition=Q(self_by=None, self_at=None)
                | Q(self_by__isnull=False, self_at__isnull=False),
                name="%(app_label)s_%(class)s_self_together",
            ),
        ]
        indexes = [
            models.Index(fields=["scope_path", "id"], name="assess_subject_scope"),
            models.Index(F("created_at").desc(), F("id").desc(), name="assess_subject_newest"),
            models.Index(fields=["updated_at", "id"], name="assess_subject_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.run}·{self.body}"


class Verifier(models.Model):
    """Who verifies which leaf of a run (empty: all leaves)."""

    run = models.ForeignKey(
        AssessmentRun, models.PROTECT, verbose_name="年度考核", related_name="verifiers"
    )
    user = models.ForeignKey(USER, models.PROTECT, verbose_name="核验人", related_name="+")
    leaf = models.CharField("指标", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "核验分工"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "user", "leaf"], name="%(app_label)s_%(class)s_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.user} {self.leaf or '全部'}"
