"""Notices to users, and deliveries to the outside."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from responsibility.common.fields import EncryptedField
from responsibility.common.models import Recorded
from responsibility.common.rights import Right
from responsibility.common.scoping import Somebody
from responsibility.outbox.rules import Channel, DeliveryStatus, HookStatus, Level


class NoticeQuerySet(models.QuerySet["Notice"]):
    """A user's inbox."""

    def visible_to(self, user: Somebody, right: Right = Right.VIEW) -> Self:
        """Return the user's own notices."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(user_id=user.pk)

    def unread(self) -> Self:
        """Return those not read yet."""
        return self.filter(read_at=None)


class Notice(Recorded):
    """One message to one user; ``key`` makes a second run a no-op.

    ``source`` names what it is about (``deadline:<id>``); when that is handled or explained, the
    notices of the source are settled and leave the daily digest.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="收件人", related_name="notices"
    )
    key = models.CharField("去重键", max_length=120)
    level = models.CharField("级别", max_length=8, choices=Level.choices(), default=Level.INFO)
    title = models.CharField("标题", max_length=200)
    text = models.CharField("内容", max_length=1000, blank=True)
    url = models.CharField("链接", max_length=300, blank=True)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)
    settled_at = models.DateTimeField("办结时间", null=True, blank=True)
    source = models.CharField("来源", max_length=80, blank=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="%(app_label)s_%(class)s_once")
        ]
        indexes = [
            models.Index(
                "user", F("created_at").desc(), F("id").desc(), name="outbox_notice_inbox"
            ),
            models.Index(fields=["user"], condition=Q(read_at=None), name="outbox_notice_unread"),
            models.Index(fields=["source"], condition=~Q(source=""), name="outbox_notice_source"),
            models.Index(
                fields=["user"],
                condition=Q(level="red", settled_at=None),
                name="outbox_notice_red",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Webhook(Recorded):
    """Another system that hears of events in its divisions.

    ``places`` holds ids of divisions: a path is made of ids, so that a move needs no rewriting.
    After a change of the secret the old one signs too, for a day.
    """

    name = models.CharField("名称", max_length=100)
    url = models.CharField("地址", max_length=300)
    secret = EncryptedField("签名密钥")
    old_secret = EncryptedField("上一把密钥", default=b"", blank=True)
    old_until = models.DateTimeField("上一把有效到", null=True, blank=True)
    events = models.JSONField("事件", default=list)
    places = models.JSONField("区划", default=list)
    status = models.CharField(
        "状态", max_length=8, choices=HookStatus.choices(), default=HookStatus.ACTIVE
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人", related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "接口推送"
        constraints = [
            models.CheckConstraint(
                condition=Q(url__startswith="https://") | Q(url__startswith="http://"),
                name="%(app_label)s_%(class)s_url",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(Recorded):
    """Something that must reach the outside at least once, with a stable id."""

    channel = models.CharField("方式", max_length=10, choices=Channel.choices())
    address = models.CharField("地址", max_length=300)
    key = models.CharField("去重键", max_length=160, unique=True)
    webhook = models.ForeignKey(
        Webhook,
        models.PROTECT,
        verbose_name="接口推送",
        null=True,
        blank=True,
        related_name="deliveries",
    )
    replay = models.BooleanField("重放", default=False)
    subject = models.CharField("主题", max_length=200, blank=True)
    payload = models.JSONField("内容", default=dict)
    status = models.CharField(
        "状态", max_length=10, choices=DeliveryStatus.choices(), default=DeliveryStatus.WAITING
    )
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    next_attempt_at = models.DateTimeField("下次发送", db_default=Now())
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    error = models.CharField("错误", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "外发"
        constraints = [
            models.CheckConstraint(
                condition=~Q(channel="webhook") | Q(webhook__isnull=False),
                name="%(app_label)s_%(class)s_hook",
            )
        ]
        indexes = [
            models.Index(
                "webhook", F("created_at").desc(), F("id").desc(), name="outbox_delivery_log"
            ),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(status="waiting"),
                name="outbox_delivery_due",
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.key
