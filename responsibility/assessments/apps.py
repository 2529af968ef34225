"""成效考核."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "responsibility.assessments"
    label = "assessments"
    verbose_name = "成效考核"
    insert_only_tables = ("assessments_result",)

    def ready(self) -> None:
        from responsibility.assessments.sources import register_all

        register_all()
