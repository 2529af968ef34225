"""成效考核."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "responsibility.assessments"
    label = "assessments"
    verbose_name = "成效考核"
