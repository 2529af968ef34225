"""工作台."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "responsibility.dashboard"
    label = "dashboard"
    verbose_name = "工作台"
