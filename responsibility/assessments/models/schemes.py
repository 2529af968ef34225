"""Schemes in versions: plain data that the rules read."""

from functools import cached_property
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from responsibility.assessments.rules import Scheme, parse_scheme
from responsibility.assessments.rules.scheme import STANDINGS, SUBJECTS
from responsibility.common.models import Recorded, Scoped
from responsibility.common.rights import Right
from responsibility.common.scoping import ScopedQuerySet, Somebody, access_of
from responsibility.regulations.models import Programme

USER = settings.AUTH_USER_MODEL


class SchemeQuerySet(ScopedQuerySet["SchemeVersion"]):
    """Schemes: issued ones are for everybody, drafts for whoever sees their place."""

    def visible_to(self, user: Somebody, right: Right = Right.VIEW) -> Self:
        """Return the issued schemes and the drafts of the territory."""
        held = access_of(user)
        if right != Right.VIEW or not held.has(right):
            return super().visible_to(user, right)
        inside = held.scope(right).q(self.model.SCOPE)
        return self.filter(Q(issued_at__isnull=False) | inside)

    def in_force(self) -> Self:
        """Return the issued versions that no later one has replaced."""
        return self.filter(issued_at__isnull=False, retired_at=None)

    def drafts(self) -> Self:
        """Return what is still being written."""
        return self.filter(issued_at=None)


class SchemeVersion(Recorded, Scoped):
    """One version of a scheme. Issued, its content never changes."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name="专项", related_name="schemes"
    )
    key = models.SlugField("键", max_length=60)
    title = models.CharField("名称", max_length=200)
    year = models.PositiveSmallIntegerField("年度")
    subjects = models.CharField("考核对象", max_length=10, choices=list(SUBJECTS.items()))
    standing = models.CharField("性质", max_length=10, choices=list(STANDINGS.items()))
    version = models.PositiveSmallIntegerField("版次", default=1, editable=False)
    content = models.JSONField("内容", editable=False)
    digest = models.CharField("摘要", max_length=64, editable=False)
    previous = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name="上一版",
        null=True,
        blank=True,
        related_name="later",
        editable=False,
    )
    change_reason = models.CharField("修改原因", max_length=300, blank=True)
    revision = models.PositiveIntegerField("修改次数", default=0, editable=False)
    edited_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="编辑人", null=True, related_name="+", editable=False
    )
    issued_at = models.DateTimeField("印发时间", null=True, editable=False)
    issued_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="印发人", null=True, related_name="+", editable=False
    )
    retired_at = models.DateTimeField("停用时间", null=True, editable=False)
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = SchemeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核方案"
        constraints = [
            models.UniqueConstraint(
                fields=["division", "key", "version"], name="%(app_label)s_%(class)s_version_once"
            ),
            models.UniqueConstraint(
                fields=["division", "key"],
                condition=Q(issued_at=None),
                name="%(app_label)s_%(class)s_one_draft",
            ),
            models.UniqueConstraint(
                fields=["division", "key"],
                condition=Q(issued_at__isnull=False, retired_at=None),
                name="%(app_label)s_%(class)s_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(issued_at=None, issued_by=None, retired_at=None)
                | Q(issued_at__isnull=False),
                name="%(app_label)s_%(class)s_issued_together",
            ),
            models.CheckConstraint(
                condition=Q(version=1, previous=None)
                | (Q(version__gt=1, previous__isnull=False) & ~Q(change_reason="")),
                name="%(app_label)s_%(class)s_changed_with_reason",
            ),
        ]
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="assess_scheme_newest"),
            models.Index(fields=["updated_at", "id"], name="assess_scheme_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.year}，第{self.version}版）"

    @cached_property
    def scheme(self) -> Scheme:
        """Return the content as the rules read it."""
        return parse_scheme(self.content)

    @property
    def state(self) -> tuple[str, str]:
        """Return the state as (code, words)."""
        if self.issued_at is None:
            return "draft", "草稿"
        return ("retired", "已停用") if self.retired_at else ("issued", "已印发")
