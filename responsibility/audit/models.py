"""Events, the links that chain them, and the seals that close a batch. All insert-only."""

from typing import Self

from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from responsibility.common.rights import Right
from responsibility.common.scoping import Somebody, access_of


class EventQuerySet(models.QuerySet["Event"]):
    """What the audit administrator asks for."""

    def visible_to(self, user: Somebody, right: Right = Right.VIEW_AUDIT) -> Self:
        """Return all events to whoever may view the audit log, else none."""
        return self.all() if access_of(user).has(Right.VIEW_AUDIT) else self.none()


class Event(models.Model):
    """One act: who, in which capacity, did what to which object, with old and new values.

    No foreign keys: the log neither blocks nor follows anything. ``body`` is the canonical text
    that ``digest`` was taken from.
    """

    at = models.DateTimeField("时间", db_default=Now(), editable=False)
    actor_id = models.BigIntegerField("操作人", null=True)
    actor = models.CharField("操作账号", max_length=150, blank=True)
    role = models.CharField("身份", max_length=200, blank=True)
    verb = models.CharField("动作", max_length=60)
    target = models.CharField("对象类型", max_length=60, blank=True)
    target_id = models.CharField("对象编号", max_length=64, blank=True)
    scope_path = models.CharField("范围路径", max_length=120, blank=True, db_collation="C")
    body = models.TextField("内容")
    digest = models.CharField("摘要", max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计事件"
        indexes = [
            models.Index(F("at").desc(), F("id").desc(), name="audit_event_newest"),
            models.Index(fields=["target", "target_id"], name="audit_event_target"),
            models.Index(fields=["actor_id", "at"], name="audit_event_actor"),
        ]


class Link(models.Model):
    """One event's place in the chain."""

    event_id = models.BigIntegerField("事件", unique=True)
    seq = models.BigIntegerField("序号", unique=True)
    prev = models.CharField("上一环", max_length=64)
    hash = models.CharField("本环", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审计链"


class Seal(models.Model):
    """The close of one batch of links; its copy outside the database is the anchor."""

    at = models.DateTimeField("时间", db_default=Now(), editable=False)
    last_seq = models.BigIntegerField("末序号", unique=True)
    count = models.PositiveIntegerField("本批条数")
    hash = models.CharField("链尾", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审计封签"
