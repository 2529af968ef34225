"""行政区划."""

from django.apps import AppConfig


class DivisionsConfig(AppConfig):
    name = "responsibility.divisions"
    label = "divisions"
    verbose_name = "行政区划"
