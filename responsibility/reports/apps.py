"""报送审核."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "responsibility.reports"
    label = "reports"
    verbose_name = "报送审核"
