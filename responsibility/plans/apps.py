"""计划."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "responsibility.plans"
    label = "plans"
    verbose_name = "计划"
