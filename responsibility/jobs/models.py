"""Background runs, dead letters, import receipts, idempotency keys."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from responsibility.common.models import Recorded
from responsibility.common.rights import Right
from responsibility.common.scoping import Somebody, access_of
from responsibility.jobs.rules import OPEN_RUNS, ReceiptStatus, RunStatus


class OwnedQuerySet(models.QuerySet["Run"]):
    """Rows of whoever started them; all of them for the system administrator."""

    def visible_to(self, user: Somebody, right: Right = Right.VIEW) -> Self:
        """Return one's own rows, or all with the right to view jobs."""
        access = access_of(user)
        if access.has(Right.VIEW_JOBS):
            return self.all()
        return self.filter(started_by_id=user.pk) if access.grants else self.none()


class Run(Recorded):
    """One background job with its progress, cancel flag and receipt."""

    kind = models.CharField("任务", max_length=60)
    title = models.CharField("名称", max_length=200)
    status = models.CharField(
        "状态", max_length=12, choices=RunStatus.choices(), default=RunStatus.WAITING
    )
    done = models.PositiveIntegerField("已办", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    cancel_requested = models.BooleanField("要求取消", default=False)
    task = models.CharField("执行任务", max_length=100, blank=True, editable=False)
    arguments = models.JSONField("参数", default=dict, blank=True)
    result = models.JSONField("进度存档", default=dict, blank=True)
    receipt = models.JSONField("回执", default=list, blank=True)
    scope_path = models.CharField(
        "范围路径", max_length=120, db_collation="C", blank=True, editable=False
    )
    claim = models.UUIDField("执行者", null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField("执行次数", default=0, editable=False)
    alive_at = models.DateTimeField("最近信号", null=True, blank=True, editable=False)
    error = models.CharField("错误", max_length=500, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="发起人",
        null=True,
        blank=True,
        related_name="+",
    )
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        indexes = [
            models.Index(F("created_at").desc(), F("id").desc(), name="jobs_run_newest"),
            models.Index(
                "started_by", F("created_at").desc(), F("id").desc(), name="jobs_run_mine"
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(status__in=["waiting", "running"]),
                name="jobs_run_open",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Say whether the run has not ended yet."""
        return self.status in OPEN_RUNS

    @property
    def not_done(self) -> int:
        """Return how many lines of the receipt were not done."""
        return sum(not line["done"] for line in self.receipt)


class DeadLetter(Recorded):
    """A task that failed for good, with what is needed to run it again."""

    task = models.CharField("任务", max_length=100)
    arguments = models.JSONField("参数", default=list)
    error = models.CharField("错误", max_length=500)
    handled_at = models.DateTimeField("处理时间", null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="处理人",
        null=True,
        blank=True,
        related_name="+",
    )
    handling = models.CharField("处理方式", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "死信"
        constraints = [
            models.CheckConstraint(
                condition=Q(handled_at=None, handled_by=None)
                | Q(handled_at__isnull=False, handled_by__isnull=False),
                name="%(app_label)s_%(class)s_handled_together",
            )
        ]


class ReceiptQuerySet(models.QuerySet["ImportReceipt"]):
    """Receipts of whoever uploaded."""

    def visible_to(self, user: Somebody, right: Right = Right.VIEW) -> Self:
        """Return one's own receipts, or all with the right to view jobs."""
        access = access_of(user)
        if access.has(Right.VIEW_JOBS):
            return self.all()
        return self.filter(uploaded_by_id=user.pk) if access.grants else self.none()


class ImportReceipt(Recorded):
    """What an upload held, what was loaded, and each mistake by cell."""

    kind = models.CharField("导入种类", max_length=60)
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    status = models.CharField("状态", max_length=12, choices=ReceiptStatus.choices())
    rows = models.PositiveIntegerField("行数", default=0)
    loaded = models.PositiveIntegerField("已载入", default=0)
    unchanged = models.PositiveIntegerField("无变化", default=0)
    mistakes = models.JSONField("差错", default=list, blank=True)
    storage_name = models.CharField("原表存放", max_length=200, blank=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="上传人",
        null=True,
        related_name="+",
    )

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入回执"
        indexes = [models.Index(fields=["kind", "sha256"], name="jobs_receipt_same_file")]

    def __str__(self) -> str:
        return self.file_name


class IdempotencyKey(models.Model):
    """The remembered answer to one POST of an API client."""

    token_id = models.BigIntegerField("令牌")
    key = models.CharField("键", max_length=100)
    path = models.CharField("路径", max_length=200)
    request_hash = models.CharField("请求摘要", max_length=64)
    status = models.PositiveSmallIntegerField("状态码", null=True)
    response = models.TextField("应答", blank=True)
    created_at = models.DateTimeField("时间", db_default=Now(), editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "幂等键"
        constraints = [
            models.UniqueConstraint(fields=["token_id", "key"], name="%(app_label)s_%(class)s_once")
        ]
