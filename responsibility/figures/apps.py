"""指标与数据."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "responsibility.figures"
    label = "figures"
    verbose_name = "指标与数据"
