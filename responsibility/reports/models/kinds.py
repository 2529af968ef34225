"""Report kinds in versions: their sections, their figures and what is asked anew."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from responsibility.common.models import Recorded
from responsibility.common.scoping import OpenQuerySet
from responsibility.deadlines.rules import Basis
from responsibility.divisions.models import Body, BodyKind
from responsibility.divisions.rules import Tier
from responsibility.duties.models import Duty
from responsibility.figures.models import Indicator
from responsibility.figures.rules import Nature
from responsibility.regulations.models import Programme
from responsibility.reports.rules import Column, KindStatus, Rhythm, RowsAre, SectionKind

IN_USE = (KindStatus.APPROVED, KindStatus.RETIRED)
COLUMNS = [Column.PERIOD, Column.LAST, Column.CHANGE]


def default_columns() -> list[str]:
    """Return the columns of a table that says nothing else."""
    return [column.value for column in COLUMNS]


class KindQuerySet(OpenQuerySet["ReportKind"]):
    """Versions of report kinds."""

    def in_force(self, day: date) -> Self:
        """Return the versions by which a report may be opened on a day."""
        return self.filter(status=KindStatus.APPROVED, validity__contains=day)

    def published(self) -> Self:
        """Return what was ever approved."""
        return self.filter(status__in=IN_USE)


class ReportKind(Recorded):
    """One version of a kind of report. A report keeps the version it was opened with."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name="专项", related_name="report_kinds"
    )
    key = models.SlugField("键", max_length=60)
    version = models.PositiveSmallIntegerField("版本", default=1)
    title = models.CharField("名称", max_length=100)
    status = models.CharField(
        "状态", max_length=10, choices=KindStatus.choices(), default=KindStatus.DRAFT
    )
    validity = DateRangeField("起止日期", null=True, blank=True)
    issuer = models.ForeignKey(
        Body, models.PROTECT, verbose_name="发文单位", null=True, blank=True, related_name="+"
    )
    purpose = models.CharField("用途", max_length=300, blank=True)
    article = models.CharField("依据条", max_length=10, blank=True)
    basis_kind = models.CharField(
        "依据种类", max_length=12, choices=Basis.choices(), default=Basis.REGULATION
    )
    basis = models.CharField("依据", max_length=200, blank=True)
    addressee = models.CharField("报给谁", max_length=100, blank=True)
    tiers = ArrayField(
        models.CharField(max_length=10, choices=Tier.choices()),
        verbose_name="逐级审核",
        default=list,
        blank=True,
    )
    rhythm = models.CharField(
        "频次", max_length=12, choices=Rhythm.choices(), default=Rhythm.YEARLY
    )
    needs_approval = models.BooleanField("须审签", default=True)
    deadline_rule = models.SlugField("时限规则", max_length=80, blank=True)
    due_on = models.DateField("截止日期", null=True, blank=True)
    days_given = models.SmallIntegerField("办理工作日", null=True, blank=True)
    short_reason = models.CharField("期限短的理由", max_length=300, blank=True)
    allows_no_data = models.BooleanField("可答本单位无此数据", default=False)
    is_template = models.BooleanField("样表", default=False)
    duty = models.ForeignKey(
        Duty, models.PROTECT, verbose_name="责任项", null=True, blank=True, related_name="+"
    )
    submitters = models.ManyToManyField(
        BodyKind, verbose_name="报送单位种类", related_name="+", blank=True
    )
    revision = models.PositiveIntegerField("修订", default=0, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="提出人",
        null=True,
        related_name="+",
        editable=False,
    )
    proposed_at = models.DateTimeField("提出时间", null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="准入人",
        null=True,
        related_name="+",
        editable=False,
    )
    decided_at = models.DateTimeField("准入时间", null=True, editable=False)
    decision = models.CharField("准入意见", max_length=500, blank=True, editable=False)

    objects = KindQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报表种类"
        constraints = [
            models.UniqueConstraint(
                fields=["key", "version"], name="%(app_label)s_%(class)s_version_once"
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(status__in=["draft", "proposed"]),
                name="%(app_label)s_%(class)s_one_in_hand",
                violation_error_message="这种报表已有一个版本在拟订。",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(validity__isnull=False),
                name="%(app_label)s_%(class)s_approved_from",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by=None, proposed_at=None)
                | Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="%(app_label)s_%(class)s_proposed_together",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="%(app_label)s_%(class)s_decided_together",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="%(app_label)s_%(class)s_second_person",
            ),
            models.CheckConstraint(
                condition=Q(rhythm="once") | Q(due_on=None),
                name="%(app_label)s_%(class)s_due_on_once",
            ),
            ExclusionConstraint(
                name="%(app_label)s_%(class)s_no_overlap",
                expressions=[("key", RangeOperators.EQUAL), ("validity", RangeOperators.OVERLAPS)],
                condition=Q(status__in=["approved", "retired"]),
                violation_error_message="同一种报表的两个版本不能同时在用。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def period_type(self) -> str:
        """Return the type of this kind's periods."""
        return Rhythm(self.rhythm).period_type

    @property
    def in_force_from(self) -> date | None:
        """Return the first day."""
        return getattr(self.validity, "lower", None)

    @property
    def in_force_to(self) -> date | None:
        """Return the day after the last, or None while it goes on."""
        return getattr(self.validity, "upper", None)


class SectionDef(models.Model):
    """A section of a kind: text with guidance, a table of figures, a list, or attachments."""

    kind = models.ForeignKey(
        ReportKind, models.PROTECT, verbose_name="报表", related_name="sections"
    )
    key = models.SlugField("键", max_length=40)
    title = models.CharField("标题", max_length=100)
    section_kind = models.CharField("类型", max_length=10, choices=SectionKind.choices())
    guidance = models.CharField("填写说明", max_length=300, blank=True)
    advised_length = models.PositiveSmallIntegerField("建议字数", null=True, blank=True)
    rows_are = models.CharField(
        "表的行", max_length=12, choices=RowsAre.choices(), default=RowsAre.INDICATORS
    )
    columns = ArrayField(
        models.CharField(max_length=12, choices=Column.choices()),
        verbose_name="表的列",
        default=default_columns,
        blank=True,
    )
    source = models.CharField("清单来源", max_length=60, blank=True)
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = verbose_name_plural = "报表章节"
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="%(app_label)s_%(class)s_once"),
            models.CheckConstraint(
                condition=~Q(section_kind="list") | ~Q(source=""),
                name="%(app_label)s_%(class)s_list_has_source",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def column_names(self) -> list[str]:
        """Return the heads of the table's columns."""
        return [Column(column).label for column in self.columns]


class CellDef(models.Model):
    """A figure of a section. ``typed`` says that this report is where it is typed."""

    section = models.ForeignKey(
        SectionDef, models.PROTECT, verbose_name="章节", related_name="cells"
    )
    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="指标", related_name="+")
    typed = models.BooleanField("在本表手填", default=False)
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = verbose_name_plural = "报表数据格"
        constraints = [
            models.UniqueConstraint(
                fields=["section", "indicator"], name="%(app_label)s_%(class)s_once"
            )
        ]

    def __str__(self) -> str:
        return self.indicator.name


class FigureWish(models.Model):
    """A figure that the dictionary lacks, asked for by a draft; approval makes an indicator."""

    section = models.ForeignKey(
        SectionDef, models.PROTECT, verbose_name="章节", related_name="wishes"
    )
    name = models.CharField("名称", max_length=100)
    unit = models.CharField("计量单位", max_length=20)
    definition = models.CharField("口径", max_length=500)
    nature = models.CharField(
        "性质", max_length=12, choices=Nature.choices(), default=Nature.ADDITIVE
    )
    basis = models.CharField("依据", max_length=200)
    purpose = models.CharField("用途", max_length=200)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "拟新增数据"
        constraints = [
            models.UniqueConstraint(fields=["section", "name"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return self.name

    def as_dict(self) -> dict[str, Any]:
        """Return what the wish says, for copies and the log."""
        names = ("name", "unit", "definition", "nature", "basis", "purpose", "position")
        return {name: getattr(self, name) for name in names}
