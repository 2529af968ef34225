"""The indicator dictionary, and the one ledger of numbers."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from responsibility.common.models import Recorded, Scoped
from responsibility.common.periods import PERIOD_LABELS, PeriodType
from responsibility.common.scoping import OpenQuerySet, ScopeBy, ScopedQuerySet
from responsibility.divisions.models import Body
from responsibility.divisions.rules import Tier
from responsibility.figures.rules import Nature, SourceKind, shown
from responsibility.regulations.models import Programme


class Indicator(Recorded):
    """One definition, one unit, one period type, one nature, one source."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name="专项", related_name="indicators"
    )
    key = models.SlugField("键", max_length=80, unique=True)
    name = models.CharField("名称", max_length=100)
    unit = models.CharField("计量单位", max_length=20)
    definition = models.CharField("口径", max_length=500, blank=True)
    period_type = models.CharField(
        "周期",
        max_length=10,
        choices=[(item.value, label) for item, label in PERIOD_LABELS.items()],
        default=PeriodType.YEAR,
    )
    tier = models.CharField("填报层级", max_length=10, choices=Tier.choices())
    nature = models.CharField("性质", max_length=12, choices=Nature.choices())
    source_kind = models.CharField("来源", max_length=8, choices=SourceKind.choices())
    source_key = models.CharField("台账来源", max_length=80, blank=True)
    formula = models.CharField("公式", max_length=500, blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    position = models.PositiveSmallIntegerField("次序", default=0)
    retired_on = models.DateField("停用日期", null=True, blank=True)

    objects = OpenQuerySet["Indicator"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "指标"
        constraints = [
            models.CheckConstraint(
                condition=~Q(source_kind="query") | ~Q(source_key=""),
                name="%(app_label)s_%(class)s_query_has_source",
            ),
            models.CheckConstraint(
                condition=(Q(source_kind="formula") & ~Q(formula=""))
                | (~Q(source_kind="formula") & Q(formula="")),
                name="%(app_label)s_%(class)s_formula_has_text",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_formula(self) -> bool:
        """Say whether the number is worked out from others."""
        return self.source_kind == SourceKind.FORMULA


class IndicatorVersion(Recorded):
    """What an indicator's entry said from a moment on; the newest is the entry itself."""

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name="指标", related_name="versions"
    )
    number = models.PositiveSmallIntegerField("版次")
    content = models.JSONField("内容")
    reason = models.CharField("修改原因", max_length=200, blank=True)
    recorded_at = models.DateTimeField("登记时间", db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="登记人",
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "指标版次"
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "number"], name="%(app_label)s_%(class)s_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator}（第 {self.number} 版）"


class RollupCheck(Recorded):
    """One recomputation of every sum from what was typed, and where the ledger differed."""

    cells = models.PositiveIntegerField("核对项数")
    differing = models.PositiveIntegerField("不一致项数")
    examples = models.JSONField("不一致", default=list, blank=True)
    milliseconds = models.PositiveIntegerField("用时（毫秒）")

    objects = OpenQuerySet["RollupCheck"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "汇总核对"

    def __str__(self) -> str:
        return f"{self.cells} 项，{self.differing} 项不一致"


class ValueQuerySet(ScopedQuerySet["FigureValue"]):
    """Values, past versions included unless asked otherwise."""

    def current(self) -> Self:
        """Return the values that stand."""
        return self.filter(superseded_at=None)


class FigureValue(Recorded, Scoped):
    """A version of one number; the one without ``superseded_at`` stands."""

    SCOPE = ScopeBy("scope_path", "body_id")

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name="指标", related_name="values"
    )
    body = models.ForeignKey(Body, models.PROTECT, verbose_name="单位", related_name="+")
    period = models.CharField("所属期", max_length=9, db_collation="C")
    dimension = models.CharField("分组", max_length=60, blank=True)
    value = models.DecimalField("数值", max_digits=24, decimal_places=6)
    source_kind = models.CharField("来源", max_length=8, choices=SourceKind.choices())
    source_model = models.CharField("来源类型", max_length=60, blank=True)
    source_id = models.CharField("来源编号", max_length=64, blank=True)
    reported = models.PositiveIntegerField("已报单位数", default=1)
    expected = models.PositiveIntegerField("应报单位数", default=1)
    recorded_at = models.DateTimeField("登记时间", db_default=Now(), editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="登记人",
        null=True,
        related_name="+",
    )
    superseded_at = models.DateTimeField("被替换时间", null=True, editable=False)

    objects = ValueQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "数据"
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "body", "period", "dimension"],
                condition=Q(superseded_at=None),
                name="%(app_label)s_%(class)s_one_stands",
            ),
            models.CheckConstraint(
                condition=Q(reported__lte=models.F("expected")),
                name="%(app_label)s_%(class)s_reported_of_expected",
            ),
        ]
        indexes = [
            models.Index(fields=["scope_path", "period"], name="figures_value_scope"),
            models.Index(fields=["body", "period"], name="figures_value_body"),
            models.Index(
                models.F("created_at").desc(), models.F("id").desc(), name="figures_value_newest"
            ),
            models.Index(fields=["updated_at", "id"], name="figures_value_feed"),
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """Return the value as pages show it."""
        return shown(self.value)

    @property
    def is_complete(self) -> bool:
        """Say whether every entering body below has reported."""
        return self.reported >= self.expected
