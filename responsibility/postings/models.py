"""Posts, who holds them, what they may do, and the named exceptions."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from guardian.models import UserObjectPermissionBase

from responsibility.common.fields import EncryptedField
from responsibility.common.models import Recorded, Scoped, Voidable
from responsibility.common.rights import RIGHT_LABELS, Right
from responsibility.common.scoping import ScopeBy, ScopedQuerySet
from responsibility.divisions.models import Body, Division
from responsibility.postings.rules import ROLE_LABELS, PrincipalKind, Role, last_day
from responsibility.regulations.models import Programme


class PostQuerySet(ScopedQuerySet["Post"]):
    """Posts, vacant ones included."""

    def living(self) -> Self:
        """Return the posts that exist today."""
        return self.filter(ended_on=None)


class Post(Recorded, Scoped):
    """A post of a body (书记, 行政正职, 分管领导 …); posts stand for people."""

    body = models.ForeignKey(Body, models.PROTECT, verbose_name="单位", related_name="posts")
    title = models.CharField("职务", max_length=60)
    principal = models.CharField(
        "正职类别", max_length=10, choices=PrincipalKind.choices(), default=PrincipalKind.OTHER
    )
    position = models.PositiveSmallIntegerField("次序", default=0)
    ended_on = models.DateField("撤销日期", null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "岗位"
        constraints = [
            models.UniqueConstraint(
                fields=["body", "title"],
                condition=Q(ended_on=None),
                name="%(app_label)s_%(class)s_title_once",
            )
        ]
        indexes = [models.Index(fields=["scope_path"], name="postings_post_scope")]

    def __str__(self) -> str:
        return f"{self.body} {self.title}"


class Person(Recorded):
    """Somebody who holds posts; the name is personal data and stored encrypted."""

    name = EncryptedField("姓名", blank=True, default=b"")
    placeholder = models.CharField("代称", max_length=100, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="账号",
        null=True,
        blank=True,
        related_name="person",
    )

    class Meta:
        verbose_name = verbose_name_plural = "任职人员"

    def __str__(self) -> str:
        return self.placeholder or f"人员{self.pk}"

    @property
    def shown_as(self) -> str:
        """Return how a page names the holder: by post or account, never by the name itself."""
        return self.placeholder or (str(self.user) if self.user else f"人员{self.pk}")


class TenureQuerySet(models.QuerySet["Tenure"]):
    """Terms of office."""

    def living(self) -> Self:
        """Return those not voided."""
        return self.filter(voided_at=None)

    def current(self, day: date) -> Self:
        """Return those in office on a day."""
        return self.living().filter(validity__contains=day)


class Tenure(Recorded, Voidable):
    """A person holds a post for a time; one holder at a time."""

    post = models.ForeignKey(Post, models.PROTECT, verbose_name="岗位", related_name="tenures")
    person = models.ForeignKey(
        Person, models.PROTECT, verbose_name="任职人员", related_name="tenures"
    )
    validity = DateRangeField("任期")
    document = models.CharField("任免文件", max_length=200, blank=True)
    acting = models.BooleanField("主持工作", default=False)

    objects = TenureQuerySet.as_manager()

    class Meta(Voidable.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "任职"
        constraints = [
            *Voidable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(validity__isempty=False), name="%(app_label)s_%(class)s_not_empty"
            ),
            ExclusionConstraint(
                name="%(app_label)s_%(class)s_one_holder",
                expressions=[("post", RangeOperators.EQUAL), ("validity", RangeOperators.OVERLAPS)],
                condition=Q(voided_at=None),
                violation_error_message="该岗位在此期间已有人任职。",
            ),
        ]


class PostingQuerySet(ScopedQuerySet["Posting"]):
    """What gives users their view."""

    def current(self, day: date) -> Self:
        """Return those in force on a day."""
        return self.filter(voided_at=None, validity__contains=day)


class Posting(Recorded, Voidable, Scoped):
    """A user has a role at a division, or at one body of it, for a time."""

    SCOPE = ScopeBy("scope_path")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="用户", related_name="postings"
    )
    role = models.CharField("角色", max_length=12, choices=Role.choices())
    body = models.ForeignKey(
        Body, models.PROTECT, verbose_name="单位", null=True, blank=True, related_name="postings"
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, verbose_name="专项", null=True, blank=True, related_name="+"
    )
    validity = DateRangeField("有效期")
    tenure = models.ForeignKey(
        Tenure, models.PROTECT, verbose_name="任职", null=True, blank=True, related_name="postings"
    )
    reason = models.CharField("说明", max_length=200, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta(Voidable.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "授权"
        constraints = [
            *Voidable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(validity__isempty=False), name="%(app_label)s_%(class)s_not_empty"
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.MEMBER) | Q(body__isnull=False),
                name="%(app_label)s_%(class)s_member_has_body",
            ),
        ]
        indexes = [
            models.Index(fields=["user"], condition=Q(voided_at=None), name="postings_of_user"),
            models.Index(fields=["scope_path", "role"], name="postings_posting_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.body or self.division}{ROLE_LABELS[Role(self.role)]}"

    @property
    def last_day(self) -> date | None:
        """Return the last day on which it is in force (None: until further notice)."""
        return last_day(self.validity.upper)


class DivisionGrant(UserObjectPermissionBase, Recorded):
    """A named exception: one right over one division's subtree, with dates, reason, granter."""

    content_object = models.ForeignKey(Division, models.PROTECT, verbose_name="区划")
    validity = DateRangeField("有效期", null=True)
    reason = models.CharField("事由", max_length=200, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="授权人", null=True, related_name="+"
    )

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "例外授权"

    @property
    def last_day(self) -> date | None:
        """Return the last day on which it is in force (None: until further notice)."""
        return last_day(self.validity.upper) if self.validity else None

    @property
    def right_label(self) -> str:
        """Return the right in Chinese."""
        return RIGHT_LABELS[Right(self.permission.codename)]


class HandOver(Recorded, Scoped):
    """A post passes from one holder to the next, with a list of what was open on that day."""

    post = models.ForeignKey(Post, models.PROTECT, verbose_name="岗位", related_name="hand_overs")
    outgoing = models.ForeignKey(
        Tenure, models.PROTECT, verbose_name="前任", null=True, blank=True, related_name="+"
    )
    incoming = models.ForeignKey(Tenure, models.PROTECT, verbose_name="后任", related_name="+")
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="接任人账号", related_name="+"
    )
    effective_on = models.DateField("交接日期")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="经办人",
        null=True,
        blank=True,
        related_name="+",
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    note = models.CharField("接任人意见", max_length=500, blank=True)

    objects = ScopedQuerySet["HandOver"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "岗位交接"
        constraints = [
            models.UniqueConstraint(
                fields=["post"],
                condition=Q(confirmed_at=None),
                name="%(app_label)s_%(class)s_one_open",
            )
        ]
        indexes = [models.Index(fields=["scope_path"], name="postings_handover_scope")]

    def __str__(self) -> str:
        return f"{self.post}交接"


class HandOverItem(models.Model):
    """One line of what was open when a post was handed over."""

    hand_over = models.ForeignKey(
        HandOver, models.PROTECT, verbose_name="交接", related_name="items"
    )
    position = models.PositiveSmallIntegerField("次序")
    label = models.CharField("事项", max_length=100)
    count = models.PositiveIntegerField("件数")
    url = models.CharField("地址", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "交接事项"
        constraints = [
            models.UniqueConstraint(
                fields=["hand_over", "position"], name="%(app_label)s_%(class)s_once"
            )
        ]
