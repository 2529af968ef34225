"""The duty catalogue, and the yearly assignments of duties to bodies."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from responsibility.common.models import Recorded, Scoped
from responsibility.common.scoping import OpenQuerySet, ScopeBy, ScopedQuerySet
from responsibility.divisions.models import Body, BodyKind, MarkKind
from responsibility.duties.rules import (
    CATEGORIES,
    CLAUSE_ROLES,
    RHYTHMS,
    STANDINGS,
    STATUSES,
    Standing,
    Status,
)
from responsibility.figures.models import Indicator
from responsibility.regulations.models import Clause, Programme


class Duty(Recorded):
    """One thing that the regulation's words oblige somebody to do; keeps its key over versions."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name="专项", related_name="duties"
    )
    key = models.SlugField("编号", max_length=60, unique=True)
    title = models.CharField("责任事项", max_length=200)
    category = models.CharField("类别", max_length=12, choices=CATEGORIES)
    rhythm = models.CharField("频次", max_length=12, choices=RHYTHMS)
    result = models.CharField("成果形式", max_length=200, blank=True)
    first_responsible = models.CharField("第一责任人", max_length=100, blank=True)
    society_reason = models.CharField("不落到单位的原因", max_length=300, blank=True)
    needs_mark = models.ForeignKey(
        MarkKind, models.PROTECT, verbose_name="须有标记", null=True, blank=True, related_name="+"
    )
    deadline_rule = models.SlugField("时限规则", max_length=80, blank=True)
    check_key = models.CharField("自动核对", max_length=80, blank=True)
    indicators = models.ManyToManyField(
        Indicator, verbose_name="报送指标", blank=True, related_name="duties"
    )
    position = models.PositiveSmallIntegerField("次序", default=0)
    retired_on = models.DateField("停用日期", null=True, blank=True)

    objects = OpenQuerySet["Duty"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任项"

    def __str__(self) -> str:
        return self.title


class DutyClause(models.Model):
    """A clause on which a duty rests, with the exact words."""

    duty = models.ForeignKey(Duty, models.PROTECT, verbose_name="责任项", related_name="clauses")
    clause = models.ForeignKey(Clause, models.PROTECT, verbose_name="条款", related_name="duties")
    role = models.CharField("作用", max_length=10, choices=CLAUSE_ROLES)
    quote = models.TextField("原文", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "责任项依据"
        constraints = [
            models.UniqueConstraint(fields=["duty", "clause"], name="%(app_label)s_%(class)s_once")
        ]


class DutyBearer(models.Model):
    """A kind of body that bears a duty; ``unlisted`` where it needs an extension first."""

    duty = models.ForeignKey(Duty, models.PROTECT, verbose_name="责任项", related_name="bearers")
    kind = models.ForeignKey(
        BodyKind, models.PROTECT, verbose_name="责任主体种类", related_name="duties"
    )
    unlisted = models.BooleanField("条文未列明", default=False)
    is_lead = models.BooleanField("牵头单位", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "责任项承担者"
        constraints = [
            models.UniqueConstraint(fields=["duty", "kind"], name="%(app_label)s_%(class)s_once")
        ]


class AssignmentQuerySet(ScopedQuerySet["Assignment"]):
    """The duty list of a year."""

    def active(self) -> Self:
        """Return those that really bind."""
        return self.filter(standing=Standing.ACTIVE)

    def for_lines(self) -> Self:
        """Join what a line of the list shows, and fetch nothing else."""
        return self.select_related("duty", "body").only(
            "public_id",
            "division_id",
            "standing",
            "status",
            "due_on",
            "duty__title",
            "duty__deadline_rule",
            "body__name",
        )

    def with_names(self) -> Self:
        """Join what every list shows."""
        return self.select_related("duty", "body", "division")


class Assignment(Recorded, Scoped):
    """A duty × a body × a year: one line of the duty list (责任清单)."""

    SCOPE = ScopeBy("scope_path", "body_id")

    duty = models.ForeignKey(
        Duty, models.PROTECT, verbose_name="责任项", related_name="assignments"
    )
    body = models.ForeignKey(
        Body, models.PROTECT, verbose_name="责任主体", related_name="assignments"
    )
    year = models.PositiveSmallIntegerField("年度")
    standing = models.CharField("认定", max_length=14, choices=STANDINGS, default=Standing.ACTIVE)
    standing_reason = models.CharField("认定原因", max_length=300, blank=True)
    standing_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="认定人",
        null=True,
        blank=True,
        related_name="+",
    )
    standing_at = models.DateTimeField("认定时间", null=True, blank=True)
    status = models.CharField(
        "办理状态", max_length=12, choices=STATUSES, default=Status.NOT_STARTED
    )
    due_on = models.DateField("完成时限", null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任清单"
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "body", "year"], name="%(app_label)s_%(class)s_once"
            ),
            models.CheckConstraint(
                condition=~Q(standing="not_applicable")
                | (Q(standing_by__isnull=False) & ~Q(standing_reason="")),
                name="%(app_label)s_%(class)s_reason_and_approver",
            ),
            models.CheckConstraint(
                condition=Q(standing__in=["active", "ended"]) | Q(status="not_started"),
                name="%(app_label)s_%(class)s_only_active_moves",
            ),
            models.CheckConstraint(
                condition=~Q(standing="ended")
                | (Q(standing_at__isnull=False) & ~Q(standing_reason="")),
                name="%(app_label)s_%(class)s_ended_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["year", "scope_path", "id"], name="duties_assignment_scope"),
            models.Index(fields=["body", "year"], name="duties_assignment_body"),
            models.Index(fields=["duty", "year", "scope_path"], name="duties_assignment_duty"),
            models.Index(fields=["scope_path"], name="duties_assignment_path"),
            models.Index(F("created_at").desc(), F("id").desc(), name="duties_assignment_newest"),
            models.Index(fields=["updated_at", "id"], name="duties_assignment_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.body} · {self.duty}（{self.year}）"


class ZoneExtension(Recorded):
    """The office extends a duty to the development zones, on a recorded basis (参照县级)."""

    duty = models.OneToOneField(
        Duty, models.PROTECT, verbose_name="责任项", related_name="zone_extension"
    )
    basis = models.CharField("依据", max_length=300)
    document = models.CharField("文件", max_length=200, blank=True)
    extended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="经办人", null=True, related_name="+"
    )

    objects = OpenQuerySet["ZoneExtension"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "开发区明确"

    def __str__(self) -> str:
        return f"{self.duty}：{self.basis}"


class ClauseWithoutDuty(models.Model):
    """A clause that creates no duty, and why."""

    clause = models.OneToOneField(
        Clause, models.PROTECT, verbose_name="条款", related_name="without_duty"
    )
    reason = models.CharField("原因", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "不设责任的条款"
