"""Report kinds as rows: sections and cells."""

from django.db import models

from responsibility.common.models import Recorded
from responsibility.common.scoping import OpenQuerySet
from responsibility.divisions.models import BodyKind
from responsibility.duties.models import Duty
from responsibility.figures.models import Indicator
from responsibility.regulations.models import Programme
from responsibility.reports.rules import SectionKind


class ReportKind(Recorded):
    """A kind of report: its basis, who submits, its rhythm and deadline."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name="专项", related_name="report_kinds"
    )
    key = models.SlugField("键", max_length=60, unique=True)
    title = models.CharField("名称", max_length=100)
    article = models.CharField("依据条", max_length=10)
    basis = models.CharField("依据", max_length=200)
    rhythm = models.CharField("频次", max_length=12, default="yearly")
    needs_approval = models.BooleanField("须审签", default=True)
    deadline_rule = models.SlugField("时限规则", max_length=80, blank=True)
    duty = models.ForeignKey(
        Duty, models.PROTECT, verbose_name="责任项", null=True, blank=True, related_name="+"
    )
    submitters = models.ManyToManyField(BodyKind, verbose_name="报送单位种类", related_name="+")

    objects = OpenQuerySet["ReportKind"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报表种类"

    def __str__(self) -> str:
        return self.title


class SectionDef(models.Model):
    """A section of a kind: text with guidance, or a table of figures."""

    kind = models.ForeignKey(
        ReportKind, models.PROTECT, verbose_name="报表", related_name="sections"
    )
    key = models.SlugField("键", max_length=40)
    title = models.CharField("标题", max_length=100)
    section_kind = models.CharField("类型", max_length=10, choices=SectionKind.choices())
    guidance = models.CharField("填写说明", max_length=300, blank=True)
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = verbose_name_plural = "报表章节"
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="%(app_label)s_%(class)s_once")
        ]

    def __str__(self) -> str:
        return self.title


class CellDef(models.Model):
    """A figure of a section: an indicator, shown beside last period and change."""

    section = models.ForeignKey(
        SectionDef, models.PROTECT, verbose_name="章节", related_name="cells"
    )
    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="指标", related_name="+")
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = verbose_name_plural = "报表数据格"
        constraints = [
            models.UniqueConstraint(
                fields=["section", "indicator"], name="%(app_label)s_%(class)s_once"
            )
        ]
