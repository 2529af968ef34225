"""预警."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "responsibility.alerts"
    label = "alerts"
    verbose_name = "预警"
