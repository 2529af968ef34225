"""Places with their history and marks, and the bodies that sit on them."""

from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q

from responsibility.common.models import Recorded, Scoped, Voidable
from responsibility.common.rights import RIGHT_LABELS, Right
from responsibility.common.scoping import OpenQuerySet, ScopeBy, ScopedQuerySet
from responsibility.divisions.rules import (
    Certainty,
    ChangeKind,
    DivisionKind,
    Fate,
    Tier,
    clean_query,
    short_code,
    village_name,
)


class DivisionQuerySet(ScopedQuerySet["Division"]):
    """The tree as of today."""

    def living(self) -> Self:
        """Return the divisions that exist today."""
        return self.filter(abolished_on=None)

    def in_order(self) -> Self:
        """Return them in the standard order, zones last."""
        return self.order_by("sort_key", "id")

    def search(self, text: str) -> Self:
        """Return those whose name, pinyin initials or code match what was typed.

        Names and codes of the past find the same identity.
        """
        text = clean_query(text)
        if not text:
            return self.none()
        closed = DivisionVersion.objects.filter(validity__upper_inf=False)
        if text.isascii():
            key = text.lower()
            return self.filter(
                Q(code__startswith=text.upper())
                | Q(initials__startswith=key)
                | Q(pinyin__startswith=key)
                | Q(pk__in=closed.filter(code__startswith=text.upper()).values("division"))
            )
        return self.filter(
            Q(name__contains=text) | Q(pk__in=closed.filter(name__contains=text).values("division"))
        )


class Division(Recorded):
    """A place by its identity; name, code and parent are today's."""

    SCOPE = ScopeBy("path")

    code = models.CharField("代码", max_length=12)
    name = models.CharField("名称", max_length=60)
    tier = models.CharField("层级", max_length=10, choices=Tier.choices())
    kind = models.CharField(
        "类别", max_length=20, choices=DivisionKind.choices(), default=DivisionKind.STATUTORY
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级", null=True, blank=True, related_name="children"
    )
    path = models.CharField("路径", max_length=120, db_collation="C", editable=False)
    county_id = models.BigIntegerField("所属县区", null=True, editable=False)
    pinyin = models.CharField("拼音", max_length=200, blank=True, editable=False, db_collation="C")
    initials = models.CharField(
        "拼音首字母", max_length=60, blank=True, editable=False, db_collation="C"
    )
    sort_key = models.CharField("标准次序", max_length=13, editable=False, db_collation="C")
    abolished_on = models.DateField("撤销日期", null=True, blank=True)

    objects = DivisionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区划"
        permissions = [(right.value, RIGHT_LABELS[right]) for right in Right]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(abolished_on=None),
                name="%(app_label)s_%(class)s_code_once",
                violation_error_message="代码已被使用。",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-Z]{12}$"),
                name="%(app_label)s_%(class)s_code_form",
            ),
        ]
        indexes = [
            models.Index(fields=["path"], name="divisions_path"),
            models.Index(fields=["parent", "sort_key"], name="divisions_children"),
            models.Index(fields=["created_at", "id"], name="divisions_newest"),
            models.Index(fields=["initials"], name="divisions_initials"),
            models.Index(fields=["pinyin"], name="divisions_pinyin"),
            GinIndex(OpClass(F("name"), name="gin_trgm_ops"), name="divisions_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def short_code(self) -> str:
        """Return the code cut to its tier."""
        return short_code(self.code, self.tier)

    @property
    def display_name(self) -> str:
        """Return the name as shown: a village's without 委会."""
        return village_name(self.name) if self.tier == Tier.VILLAGE else self.name

    @property
    def is_zone(self) -> bool:
        """Say whether it is a city development zone."""
        return self.kind == DivisionKind.ZONE

    @property
    def ancestor_ids(self) -> list[int]:
        """Return the ids from the root down to the division itself."""
        return [int(part) for part in self.path.split("/") if part]


class VersionQuerySet(models.QuerySet["DivisionVersion"]):
    """The tree as it was."""

    def as_of(self, day: date) -> Self:
        """Return the versions in force on a day."""
        return self.filter(validity__contains=day)


class DivisionVersion(models.Model):
    """What a division was called, coded and subordinate to, for a time."""

    division = models.ForeignKey(
        Division, models.PROTECT, verbose_name="区划", related_name="versions"
    )
    validity = DateRangeField("有效期")
    code = models.CharField("代码", max_length=12)
    name = models.CharField("名称", max_length=60)
    tier = models.CharField("层级", max_length=10, choices=Tier.choices())
    kind = models.CharField("类别", max_length=20, choices=DivisionKind.choices())
    parent = models.ForeignKey(
        Division, models.PROTECT, verbose_name="上级", null=True, related_name="+"
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区划沿革"
        constraints = [
            models.CheckConstraint(
                condition=Q(validity__isempty=False),
                name="%(app_label)s_%(class)s_not_empty",
            ),
            ExclusionConstraint(
                name="%(app_label)s_%(class)s_no_overlap",
                expressions=[
                    ("division", RangeOperators.EQUAL),
                    ("validity", RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一区划的有效期不能重叠。",
            ),
            ExclusionConstraint(
                name="%(app_label)s_%(class)s_code_no_overlap",
                expressions=[("code", RangeOperators.EQUAL), ("validity", RangeOperators.OVERLAPS)],
                violation_error_message="同一代码同时只能属于一个区划。",
            ),
        ]
        indexes = [
            models.Index(fields=["parent"], name="divisions_version_parent"),
            models.Index(
                fields=["code"],
                condition=Q(validity__upper_inf=False),
                name="divisions_version_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DivisionChange(Recorded):
    """An event in the life of divisions, by which document, from which day."""

    kind = models.CharField("变更种类", max_length=10, choices=ChangeKind.choices())
    effective_on = models.DateField("生效日期")
    document = models.CharField("依据文件", max_length=200)
    certainty = models.CharField(
        "核实情况", max_length=10, choices=Certainty.choices(), default=Certainty.VERIFIED
    )
    note = models.CharField("说明", max_length=500, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="经办人", null=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "区划变更"

    def __str__(self) -> str:
        return f"{self.get_kind_display()}（{self.effective_on}）"


class DivisionChangeItem(models.Model):
    """One division's part in a change: what it was, what it became, or what replaced it."""

    change = models.ForeignKey(
        DivisionChange, models.PROTECT, verbose_name="变更", related_name="items"
    )
    division = models.ForeignKey(
        Division, models.PROTECT, verbose_name="区划", related_name="changes"
    )
    successor = models.ForeignKey(
        Division, models.PROTECT, verbose_name="继受区划", null=True, related_name="+"
    )
    old = models.JSONField("变更前", default=dict)
    new = models.JSONField("变更后", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "区划变更明细"


class DivisionChangeEffect(models.Model):
    """What a change made of something open at one division: so many, and which (up to 200)."""

    change = models.ForeignKey(
        DivisionChange, models.PROTECT, verbose_name="变更", related_name="effects"
    )
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="区划", related_name="+")
    successor = models.ForeignKey(
        Division, models.PROTECT, verbose_name="继受区划", null=True, related_name="+"
    )
    what = models.CharField("事项", max_length=30)
    fate = models.CharField("处置", max_length=12, choices=Fate.choices())
    count = models.PositiveIntegerField("件数")
    items = models.JSONField("明细", default=list)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "区划变更处置"
        constraints = [
            models.CheckConstraint(
                condition=Q(count__gt=0), name="%(app_label)s_%(class)s_not_empty"
            ),
            models.CheckConstraint(
                condition=~Q(fate="handed_over") | Q(successor__isnull=False),
                name="%(app_label)s_%(class)s_handed_to_somebody",
            ),
        ]


class MarkKind(Recorded):
    """A kind of mark that a division may bear, such as 省定扶贫工作重点村."""

    key = models.SlugField("键", max_length=60, unique=True)
    name = models.CharField("名称", max_length=60)
    tier = models.CharField("层级", max_length=10, choices=Tier.choices())

    objects = OpenQuerySet["MarkKind"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "标记种类"

    def __str__(self) -> str:
        return self.name


class DivisionMark(Recorded, Voidable, Scoped):
    """A division bears a mark for a time, on a basis."""

    kind = models.ForeignKey(MarkKind, models.PROTECT, verbose_name="标记", related_name="marks")
    validity = DateRangeField("有效期")
    basis = models.CharField("依据", max_length=200)

    objects = ScopedQuerySet["DivisionMark"].as_manager()

    class Meta(Voidable.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "区划标记"
        constraints = [
            *Voidable.Meta.constraints,
            ExclusionConstraint(
                name="%(app_label)s_%(class)s_no_overlap",
                expressions=[
                    ("division", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("validity", RangeOperators.OVERLAPS),
                ],
                condition=Q(voided_at=None),
                violation_error_message="该标记的有效期与已有的重叠。",
            ),
        ]
        indexes = [models.Index(fields=["scope_path"], name="divisions_mark_scope")]

    @property
    def last_day(self) -> date | None:
        """Return the last day on which it is borne (None: until further notice)."""
        upper: date | None = self.validity.upper
        return upper - timedelta(days=1) if upper else None


class BodyKind(Recorded):
    """A kind of responsible body: on which tier and kind of division, and how it is named.

    ``pattern`` holds ``{name}`` (the division) and ``{stem}`` (without 省市县区…);
    ``street_pattern`` is used for 街道. ``is_main`` marks the
    division's own body, which stands for the division.
    """

    key = models.SlugField("键", max_length=60, unique=True, allow_unicode=False)
    name = models.CharField("名称", max_length=60)
    pattern = models.CharField("名称式样", max_length=100)
    street_pattern = models.CharField("街道名称式样", max_length=100, blank=True)
    tier = models.CharField("层级", max_length=10, choices=Tier.choices())
    division_kind = models.CharField(
        "区划类别", max_length=20, choices=DivisionKind.choices(), blank=True
    )
    is_main = models.BooleanField("本级", default=False)
    is_office = models.BooleanField("领导小组办公室", default=False)
    needs_mark = models.ForeignKey(
        MarkKind, models.PROTECT, verbose_name="须有标记", null=True, blank=True, related_name="+"
    )
    listed = models.BooleanField("按名单导入", default=False)
    position = models.PositiveSmallIntegerField("次序", default=0)

    objects = OpenQuerySet["BodyKind"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任主体种类"

    def __str__(self) -> str:
        return self.name


class Body(Recorded, Scoped):
    """A responsible body (责任主体) at a division."""

    SCOPE = ScopeBy("scope_path", "id")

    kind = models.ForeignKey(BodyKind, models.PROTECT, verbose_name="种类", related_name="bodies")
    name = models.CharField("名称", max_length=100)
    is_main = models.BooleanField("本级", default=False, editable=False)
    ended_on = models.DateField("撤销日期", null=True, blank=True)
    is_demo = models.BooleanField("演示数据", default=False)

    objects = ScopedQuerySet["Body"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任主体"
        constraints = [
            models.UniqueConstraint(
                fields=["division", "kind", "name"],
                condition=Q(ended_on=None),
                name="%(app_label)s_%(class)s_once",
            ),
            models.UniqueConstraint(
                fields=["division"],
                condition=Q(is_main=True, ended_on=None),
                name="%(app_label)s_%(class)s_one_main",
            ),
        ]
        indexes = [
            models.Index(fields=["scope_path"], name="divisions_body_scope"),
            models.Index(fields=["division", "kind"], name="divisions_body_at"),
        ]

    def __str__(self) -> str:
        return self.name
