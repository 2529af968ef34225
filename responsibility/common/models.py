"""Abstract models that nearly every table is made from. No tables here."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from responsibility.common.scoping import ScopeBy


class Recorded(models.Model):
    """A row with a public identity and times kept by the database.

    ``updated_at`` is moved by a trigger (installed after migrate), set-based updates included.
    """

    public_id = models.UUIDField(
        "编号", default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False
    )
    created_at = models.DateTimeField("登记时间", db_default=Now(), editable=False)
    updated_at = models.DateTimeField("更新时间", db_default=Now(), editable=False)

    class Meta:
        abstract = True


class Voidable(models.Model):
    """Nothing is deleted: a row is voided, with who, when and why together."""

    voided_at = models.DateTimeField("作废时间", null=True, blank=True, editable=False)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="作废人",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    void_reason = models.CharField("作废原因", max_length=200, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
                name="%(app_label)s_%(class)s_void_together",
            )
        ]

    @property
    def is_voided(self) -> bool:
        """Say whether the row no longer counts."""
        return self.voided_at is not None


class Scoped(models.Model):
    """A row of one division, with a copy of its path; a move of the division rewrites the copy."""

    SCOPE = ScopeBy()

    division = models.ForeignKey(
        "divisions.Division", models.PROTECT, verbose_name="区划", related_name="+"
    )
    scope_path = models.CharField("范围路径", max_length=120, db_collation="C", editable=False)
    county_id = models.BigIntegerField("所属县区", null=True, editable=False)

    class Meta:
        abstract = True

    def place(self, division: Any) -> None:
        """Put the row at a division: the reference and its copies together."""
        self.division = division
        self.scope_path = division.path
        self.county_id = division.county_id
