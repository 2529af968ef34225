"""Stored bytes, one row per content. The scoped links to them live with their owners."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from responsibility.common.models import Recorded


class StoredFile(Recorded):
    """Bytes by SHA-256, with the type found in the content (never by the name)."""

    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    size = models.BigIntegerField("字节数")
    media_type = models.CharField("内容类型", max_length=100)
    extension = models.CharField("扩展名", max_length=10)
    storage_name = models.CharField("存储位置", max_length=200)
    thumbnail_name = models.CharField("缩略图", max_length=200, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="首次上传人", related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "文件"
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="%(app_label)s_%(class)s_size")
        ]

    def __str__(self) -> str:
        return self.sha256[:12]
