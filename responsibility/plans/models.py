"""Plans in versions, their lines, the split of each line to the divisions below, allocations."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from responsibility.common import periods
from responsibility.common.models import Recorded, Scoped, Voidable
from responsibility.common.scoping import ScopeBy, ScopedQuerySet, Somebody, access_of
from responsibility.divisions.models import Body
from responsibility.figures.models import Indicator
from responsibility.figures.rules import adds_up, shown
from responsibility.flow.access import review_places
from responsibility.flow.models import Remark, Step, Submission, SubmissionQuerySet
from responsibility.plans.rules import PlanKind
from responsibility.regulations.models import Programme

USER = settings.AUTH_USER_MODEL


class PlanQuerySet(SubmissionQuerySet["Plan"]):
    """Plans in a territory."""

    def with_names(self) -> Self:
        """Join what every list shows."""
        return self.select_related("body__division", "body__kind", "division", "recorder")

    def in_force(self) -> Self:
        """Return the issued versions that no later one has replaced."""
        return self.filter(issued_at__isnull=False, superseded_at=None, voided_at=None)

    def living(self) -> Self:
        """Return what is neither voided nor replaced."""
        return self.filter(superseded_at=None, voided_at=None)

    def for_reviewer(self, user: Somebody) -> Self:
        """Return what waits for this user's review."""
        return self.filter(voided_at=None).waiting_at(review_places(access_of(user)), user)


class Plan(Submission, Voidable):
    """One version of a body's plan for a year or a planning period.

    A revision is a new row that names the version before it; issued, it replaces that one. Lines
    of what was issued never change, so that what rests on them (letters) keeps its footing.
    """

    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name="专项", related_name="plans"
    )
    kind = models.CharField("种类", max_length=12, choices=PlanKind.choices())
    period = models.CharField("所属期", max_length=9, db_collation="C")
    version = models.PositiveSmallIntegerField("版次", default=1, editable=False)
    previous = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="上一版",
        null=True,
        blank=True,
        related_name="later",
        editable=False,
    )
    basis = models.CharField("依据", max_length=300, blank=True)
    revise_reason = models.CharField("修订原因", max_length=500, blank=True)
    unbalanced_reason = models.CharField("未分平的原因", max_length=500, blank=True)
    issued_at = models.DateTimeField("下达时间", null=True, blank=True, editable=False)
    issued_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="下达人", null=True, related_name="+", editable=False
    )
    superseded_at = models.DateTimeField("被替换时间", null=True, blank=True, editable=False)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计划"
        constraints = [
            *Submission.Meta.constraints,
            *Voidable.Meta.constraints,
            models.UniqueConstraint(
                fields=["body", "kind", "period", "version"],
                condition=Q(voided_at=None),
                name="%(app_label)s_%(class)s_version_once",
            ),
            models.UniqueConstraint(
                fields=["body", "kind", "period"],
                condition=Q(voided_at=None, issued_at=None),
                name="%(app_label)s_%(class)s_one_open",
            ),
            models.UniqueConstraint(
                fields=["body", "kind", "period"],
                condition=Q(voided_at=None, superseded_at=None, issued_at__isnull=False),
                name="%(app_label)s_%(class)s_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(issued_at=None, issued_by=None)
                | Q(issued_at__isnull=False, issued_by__isnull=False, status="passed"),
                name="%(app_label)s_%(class)s_issued_together",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(issued_at__isnull=False),
                name="%(app_label)s_%(class)s_replaced_after_issue",
            ),
            models.CheckConstraint(
                condition=Q(version=1, previous=None)
                | (Q(version__gt=1, previous__isnull=False) & ~Q(revise_reason="")),
                name="%(app_label)s_%(class)s_revised_with_reason",
            ),
        ]
        indexes = [
            models.Index("scope_path", "period", name="plans_plan_scope"),
            models.Index(F("created_at").desc(), F("id").desc(), name="plans_plan_newest"),
            models.Index(fields=["updated_at", "id"], name="plans_plan_feed"),
            models.Index(
                fields=["reviewing_division_id"],
                condition=Q(status__in=["submitted", "in_review"]),
                name="plans_plan_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body}{self.title}"

    @property
    def title(self) -> str:
        """Return the plan's name without its body."""
        label = periods.parse(self.period).label
        if self.kind == PlanKind.YEARLY:
            label = label.removesuffix("年")
        return f"{label}{self.get_kind_display()}"

    @property
    def year(self) -> int:
        """Return the year in which the plan ends."""
        return periods.parse(self.period).year

    @property
    def stage(self) -> str:
        """Return the code of where the plan stands, as badges know it."""
        if self.voided_at:
            return "voided"
        if self.superseded_at:
            return "superseded"
        return "issued" if self.issued_at else self.status

    @property
    def stage_words(self) -> str:
        """Return where the plan stands."""
        words = {"voided": "作废", "superseded": "已被修订替换", "issued": "已下达"}
        return words.get(self.stage, self.get_status_display())

    @property
    def stage_tone(self) -> str:
        """Return the colour of the badge."""
        return {"voided": "draft", "superseded": "draft", "issued": "passed"}.get(
            self.stage, self.status
        )


class LineQuerySet(ScopedQuerySet["PlanLine"]):
    """Lines of plans."""

    def standing(self) -> Self:
        """Return the lines that were not removed."""
        return self.filter(voided_at=None)

    def with_names(self) -> Self:
        """Join what every list shows."""
        return self.select_related("indicator", "responsible_body", "limit").order_by(
            "position", "id"
        )


class PlanLine(Recorded, Voidable):
    """One target: an indicator and its number, last year's beside it."""

    SCOPE = ScopeBy("plan__scope_path", "plan__body_id")

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name="计划", related_name="lines")
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name="指标", related_name="plan_lines"
    )
    position = models.PositiveSmallIntegerField("次序", default=0)
    target = models.DecimalField("目标值", max_digits=24, decimal_places=6)
    baseline = models.DecimalField("上年数", max_digits=24, decimal_places=6, null=True, blank=True)
    baseline_source = models.CharField("上年数来源", max_length=100, blank=True)
    handed_down = models.DecimalField(
        "上级下达", max_digits=24, decimal_places=6, null=True, blank=True
    )
    definition = models.CharField("口径", max_length=500, blank=True)
    source = models.CharField("数据来源", max_length=100, blank=True)
    responsible_body = models.ForeignKey(
        Body, models.PROTECT, verbose_name="责任单位", null=True, blank=True, related_name="+"
    )
    due_on = models.DateField("完成时限", null=True, blank=True)
    basis = models.CharField("依据", max_length=300, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    limit = models.ForeignKey(
        Indicator,
        models.PROTECT,
        verbose_name="分解不得超过",
        null=True,
        blank=True,
        related_name="+",
    )

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计划指标"
        constraints = [
            *Voidable.Meta.constraints,
            models.UniqueConstraint(
                fields=["plan", "indicator"],
                condition=Q(voided_at=None),
                name="%(app_label)s_%(class)s_once",
            ),
            models.CheckConstraint(
                condition=Q(target__gte=0), name="%(app_label)s_%(class)s_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {shown(self.target)}{self.indicator.unit}"

    @property
    def adds_up(self) -> bool:
        """Say whether parts are summed; a ratio is handed down as such."""
        return adds_up(self.indicator.nature)


class PlanPart(Recorded, Scoped):
    """What one child division is given of a line; it lies in the child's territory.

    An empty target is a cell that was cleared. ``revision`` moves with each change, so that two
    people at one grid never overwrite each other.
    """

    line = models.ForeignKey(PlanLine, models.PROTECT, verbose_name="指标", related_name="parts")
    target = models.DecimalField("目标值", max_digits=24, decimal_places=6, null=True)
    revision = models.PositiveIntegerField("修订号", default=1, editable=False)
    last_editor = models.ForeignKey(
        USER, models.PROTECT, verbose_name="填写人", null=True, related_name="+", editable=False
    )

    objects = ScopedQuerySet["PlanPart"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计划分解"
        constraints = [
            models.UniqueConstraint(
                fields=["line", "division"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(target__gte=0), name="%(app_label)s_%(class)s_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["scope_path"], name="plans_part_scope")]

    def __str__(self) -> str:
        return f"{self.division} {shown(self.target) if self.target is not None else '—'}"


class PlanSection(Recorded):
    """A section of words in a plan."""

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name="计划", related_name="sections")
    position = models.PositiveSmallIntegerField("次序", default=0)
    title = models.CharField("标题", max_length=60)
    text = models.TextField("内容", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "计划章节"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "position"], name="%(app_label)s_%(class)s_once"
            )
        ]

    def __str__(self) -> str:
        return self.title


class PlanPolicy(Recorded, Voidable):
    """A policy that a member unit supports the work with (article 7), and whom it reaches."""

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name="计划", related_name="policies")
    title = models.CharField("政策名称", max_length=120)
    document = models.CharField("文号", max_length=80, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    reach = models.CharField("惠及对象", max_length=120, blank=True)
    households = models.PositiveIntegerField("受益户数", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "配套政策"
        constraints = [
            *Voidable.Meta.constraints,
            models.UniqueConstraint(
                fields=["plan", "title"],
                condition=Q(voided_at=None),
                name="%(app_label)s_%(class)s_once",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlanStep(Step):
    """One transition of a plan."""

    submission = models.ForeignKey(Plan, models.PROTECT, verbose_name="计划", related_name="steps")

    class Meta:
        verbose_name = verbose_name_plural = "计划经过"


class PlanRemark(Remark):
    """A reviewer's remark on one line of a plan."""

    submission = models.ForeignKey(
        Plan, models.PROTECT, verbose_name="计划", related_name="remarks"
    )

    class Meta:
        verbose_name = verbose_name_plural = "计划审核意见"
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "item", "round"], name="%(app_label)s_%(class)s_once"
            )
        ]


class HandDown(Recorded, Scoped):
    """An issued plan as it reached one child: to be answered by the child's own plan."""

    SCOPE = ScopeBy("scope_path", "body_id")

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name="计划", related_name="hand_downs")
    body = models.ForeignKey(Body, models.PROTECT, verbose_name="单位", related_name="+")
    answer = models.ForeignKey(
        Plan, models.PROTECT, verbose_name="本级计划", null=True, blank=True, related_name="+"
    )

    objects = ScopedQuerySet["HandDown"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "下达的计划"
        constraints = [
            models.UniqueConstraint(fields=["plan", "body"], name="%(app_label)s_%(class)s_once")
        ]
        indexes = [models.Index(fields=["scope_path"], name="plans_handdown_scope")]

    def __str__(self) -> str:
        return f"{self.plan} → {self.body}"


class Allocation(Recorded, Scoped, Voidable):
    """The year's allocation of special funds to the divisions below, by factors (article 6)."""

    SCOPE = ScopeBy("scope_path", "body_id")

    body = models.ForeignKey(Body, models.PROTECT, verbose_name="单位", related_name="+")
    period = models.CharField("年度", max_length=9, db_collation="C")
    title = models.CharField("名称", max_length=100)
    total = models.DecimalField("总额（元）", max_digits=18, decimal_places=2)
    basis = models.CharField("依据", max_length=300)
    drafted_by = models.ForeignKey(USER, models.PROTECT, verbose_name="拟稿人", related_name="+")
    adopted_at = models.DateTimeField("审定时间", null=True, blank=True, editable=False)
    adopted_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="审定人", null=True, related_name="+", editable=False
    )
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = ScopedQuerySet["Allocation"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资金分配方案"
        constraints = [
            *Voidable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(total__gt=0), name="%(app_label)s_%(class)s_positive"
            ),
            models.CheckConstraint(
                condition=Q(adopted_at=None, adopted_by=None)
                | Q(adopted_at__isnull=False, adopted_by__isnull=False),
                name="%(app_label)s_%(class)s_adopted_together",
            ),
            models.CheckConstraint(
                condition=Q(adopted_by=None) | ~Q(adopted_by=F("drafted_by")),
                name="%(app_label)s_%(class)s_adopted_by_another",
            ),
            models.UniqueConstraint(
                fields=["body", "period", "title"],
                condition=Q(voided_at=None),
                name="%(app_label)s_%(class)s_once",
            ),
        ]
        indexes = [models.Index("scope_path", "period", name="plans_allocation_scope")]

    def __str__(self) -> str:
        return f"{self.period} {self.title}"


class AllocationFactor(models.Model):
    """One factor: an indicator and its weight in points."""

    allocation = models.ForeignKey(
        Allocation, models.PROTECT, verbose_name="方案", related_name="factors"
    )
    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="因素", related_name="+")
    period = models.CharField("取数所属期", max_length=9, db_collation="C")
    weight = models.DecimalField("权重", max_digits=6, decimal_places=2)

    class Meta:
        verbose_name = verbose_name_plural = "分配因素"
        constraints = [
            models.UniqueConstraint(
                fields=["allocation", "indicator"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(weight__gt=0), name="%(app_label)s_%(class)s_positive"
            ),
        ]


class AllocationShare(Recorded, Scoped):
    """What one division gets, the numbers it was worked out from, and its limit."""

    allocation = models.ForeignKey(
        Allocation, models.PROTECT, verbose_name="方案", related_name="shares"
    )
    cap = models.DecimalField("上限（元）", max_digits=18, decimal_places=2, null=True, blank=True)
    values = models.JSONField("因素数值", default=dict)
    amount = models.DecimalField("分配额（元）", max_digits=18, decimal_places=2)

    objects = ScopedQuerySet["AllocationShare"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分配明细"
        constraints = [
            models.UniqueConstraint(
                fields=["allocation", "division"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="%(app_label)s_%(class)s_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(cap=None) | Q(amount__lte=F("cap")),
                name="%(app_label)s_%(class)s_within_cap",
            ),
        ]
        indexes = [models.Index(fields=["scope_path"], name="plans_share_scope")]


def targets_of(lines: Iterable[PlanLine]) -> dict[str, tuple[str, str, Decimal]]:
    """Return {indicator key: (name, unit, target)} of lines, in their order."""
    return {
        line.indicator.key: (line.indicator.name, line.indicator.unit, line.target)
        for line in lines
    }
