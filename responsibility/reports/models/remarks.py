"""The remarks that an office often makes, so that its reviewers need not type them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from responsibility.common.models import Recorded, Voidable
from responsibility.divisions.models import Division


class CannedRemark(Recorded, Voidable):
    """One remark offered to the reviewers of a division."""

    division = models.ForeignKey(
        Division, models.PROTECT, verbose_name="审核区划", related_name="+"
    )
    text = models.CharField("意见", max_length=100)
    position = models.PositiveSmallIntegerField("次序", default=0)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="编辑人", related_name="+"
    )

    class Meta(Voidable.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "常用审核意见"
        constraints = [
            *Voidable.Meta.constraints,
            models.UniqueConstraint(
                fields=["division", "text"],
                condition=Q(voided_at=None),
                name="%(app_label)s_%(class)s_once",
            ),
        ]

    def __str__(self) -> str:
        return self.text
