"""Programmes, and the regulations that belong to them."""

from django.conf import settings
from django.db import models

from responsibility.common.models import Recorded, Scoped
from responsibility.common.scoping import OpenQuerySet, ScopedQuerySet


class Programme(Recorded):
    """A field of tiered responsibility (专项); it gives the product and its office their names."""

    key = models.SlugField("键", max_length=60, unique=True)
    name = models.CharField("名称", max_length=60)
    product_name = models.CharField("系统名称", max_length=60)
    office_name = models.CharField("主管办公室", max_length=60)

    objects = OpenQuerySet["Programme"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专项"

    def __str__(self) -> str:
        return self.name


class VersionStatus(models.TextChoices):
    """Where a version of a regulation stands."""

    DRAFT = "draft", "待采用"
    ADOPTED = "adopted", "施行"
    SUPERSEDED = "superseded", "被替换"


class Certainty(models.TextChoices):
    """How sure a date is."""

    VERIFIED = "verified", "已核"
    PENDING = "pending", "待核"


class Regulation(Recorded):
    """A rulebook by its identity; its text lies in versions."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name="专项", related_name="regulations"
    )
    title = models.CharField("名称", max_length=200)

    objects = OpenQuerySet["Regulation"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "细则"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "title"], name="%(app_label)s_%(class)s_title_once"
            )
        ]

    def __str__(self) -> str:
        return self.title


class RegulationVersion(Recorded):
    """The text of a regulation as issued once; a new one never disturbs what rests on the old."""

    regulation = models.ForeignKey(
        Regulation, models.PROTECT, verbose_name="细则", related_name="versions"
    )
    number = models.PositiveSmallIntegerField("版次")
    status = models.CharField(
        "状态", max_length=12, choices=VersionStatus, default=VersionStatus.DRAFT
    )
    issuer = models.CharField("制定机关", max_length=200, blank=True)
    effective_on = models.DateField("施行日期", null=True, blank=True)
    certainty = models.CharField(
        "核实情况", max_length=10, choices=Certainty, default=Certainty.PENDING
    )
    source_text = models.TextField("原文")
    source_hash = models.CharField("原文摘要", max_length=64)
    warnings = models.JSONField("导入提示", default=list, blank=True)
    adopted_at = models.DateTimeField("采用时间", null=True, blank=True)

    objects = OpenQuerySet["RegulationVersion"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "细则版本"
        constraints = [
            models.UniqueConstraint(
                fields=["regulation", "number"], name="%(app_label)s_%(class)s_number_once"
            ),
            models.UniqueConstraint(
                fields=["regulation"],
                condition=models.Q(status="adopted"),
                name="%(app_label)s_%(class)s_one_adopted",
            ),
            models.UniqueConstraint(
                fields=["regulation", "source_hash"], name="%(app_label)s_%(class)s_text_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.regulation}（第{self.number}版）"


class Chapter(Recorded):
    """A chapter (章); the title may be missing in the text."""

    version = models.ForeignKey(
        RegulationVersion, models.PROTECT, verbose_name="版本", related_name="chapters"
    )
    number = models.CharField("章次", max_length=20)
    title = models.CharField("标题", max_length=200, blank=True)
    position = models.PositiveSmallIntegerField("次序")

    objects = OpenQuerySet["Chapter"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "章"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"], name="%(app_label)s_%(class)s_position_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()


class Article(Recorded):
    """An article (条), numbered by text: ``12``, ``10-1``."""

    version = models.ForeignKey(
        RegulationVersion, models.PROTECT, verbose_name="版本", related_name="articles"
    )
    chapter = models.ForeignKey(
        Chapter, models.PROTECT, verbose_name="章", null=True, blank=True, related_name="articles"
    )
    number = models.CharField("条次", max_length=10)
    heading = models.CharField("条名", max_length=100, blank=True)
    position = models.PositiveSmallIntegerField("次序")

    objects = OpenQuerySet["Article"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "条"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"], name="%(app_label)s_%(class)s_position_once"
            )
        ]

    def __str__(self) -> str:
        return f"第{self.number}条"


class Clause(Recorded):
    """A paragraph (款) of an article, with its items ([{number, text, points}]) and the numbers of
    the articles it refers to.
    """

    article = models.ForeignKey(Article, models.PROTECT, verbose_name="条", related_name="clauses")
    number = models.PositiveSmallIntegerField("款次")
    text = models.TextField("原文")
    items = models.JSONField("项", default=list, blank=True)
    refers_to = models.JSONField("引用的条", default=list, blank=True)

    objects = OpenQuerySet["Clause"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "款"
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"], name="%(app_label)s_%(class)s_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.article}第{self.number}款"


class Interpretation(Recorded):
    """How the office reads an article (art. 39)."""

    article = models.ForeignKey(
        Article, models.PROTECT, verbose_name="条", related_name="interpretations"
    )
    text = models.TextField("解释")
    issuer = models.CharField("作出机关", max_length=100)
    document = models.CharField("文号", max_length=100, blank=True)
    issued_on = models.DateField("日期")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+"
    )

    objects = OpenQuerySet["Interpretation"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "解释"

    def __str__(self) -> str:
        return f"{self.article}解释"


class LocalMeasure(Recorded, Scoped):
    """A county's own measure under the regulation (art. 38), mapped to an article."""

    article = models.ForeignKey(
        Article, models.PROTECT, verbose_name="条", related_name="local_measures"
    )
    title = models.CharField("办法名称", max_length=200)
    document = models.CharField("文号", max_length=100, blank=True)
    text = models.TextField("对应内容")
    issued_on = models.DateField("日期")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+"
    )

    objects = ScopedQuerySet["LocalMeasure"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "本地办法"
        indexes = [models.Index(fields=["scope_path"], name="regulations_measure_scope")]

    def __str__(self) -> str:
        return self.title
