"""Programmes, and the regulations that belong to them."""

from django.db import models

from responsibility.common.models import Recorded
from responsibility.common.scoping import OpenQuerySet


class Programme(Recorded):
    """A field of tiered responsibility (专项); it gives the product and its office their names."""

    key = models.SlugField("键", max_length=60, unique=True)
    name = models.CharField("名称", max_length=60)
    product_name = models.CharField("系统名称", max_length=60)
    office_name = models.CharField("主管办公室", max_length=60)

    objects = OpenQuerySet["Programme"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专项"

    def __str__(self) -> str:
        return self.name
