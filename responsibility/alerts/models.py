"""Alerts: what is amiss, where, in which period, and how it ended."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from responsibility.alerts.rules import BASES, MENDS, Kind
from responsibility.common.models import Recorded, Scoped
from responsibility.common.scoping import ScopeBy, ScopedQuerySet
from responsibility.divisions.models import Body


class AlertQuerySet(ScopedQuerySet["Alert"]):
    """Alerts in a territory."""

    def open(self) -> Self:
        """Return those that still hold."""
        return self.filter(closed_on=None)


class Alert(Recorded, Scoped):
    """Something amiss, once per kind, subject and period.

    ``closed_by`` is null when the scan found that it no longer holds; what somebody closed with a
    reason stays closed for the period.
    """

    SCOPE = ScopeBy("scope_path", "body_id")

    kind = models.CharField("种类", max_length=24, choices=Kind.choices())
    subject_type = models.CharField("对象类型", max_length=60)
    subject_id = models.UUIDField("对象编号")
    period = models.CharField("周期", max_length=12)
    title = models.CharField("事项", max_length=200)
    body = models.ForeignKey(
        Body, models.PROTECT, verbose_name="责任主体", null=True, blank=True, related_name="+"
    )
    found_on = models.DateField("发现日期")
    closed_on = models.DateField("结束日期", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="结束人",
        null=True,
        blank=True,
        related_name="+",
    )
    close_reason = models.CharField("结束原因", max_length=200, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "预警"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id", "period"],
                name="%(app_label)s_%(class)s_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None, closed_by=None, close_reason="")
                | (Q(closed_on__isnull=False) & ~Q(close_reason="")),
                name="%(app_label)s_%(class)s_closed_together",
            ),
        ]
        indexes = [
            models.Index(
                fields=["scope_path", "kind"],
                condition=Q(closed_on=None),
                name="alerts_open_scope",
            ),
            models.Index(fields=["scope_path", "created_at", "id"], name="alerts_scope"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def basis(self) -> str:
        """Return on what the alert rests."""
        return BASES[Kind(self.kind)]

    @property
    def mend(self) -> str:
        """Return how to end it."""
        return MENDS[Kind(self.kind)]
