"""成效考核."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "responsibility.assessments"
    label = "assessments"
    verbose_name = "成效考核"
    insert_only_tables = ("assessments_result",)

    def ready(self) -> None:
        from responsibility.assessments.panels import on_article, on_workbench, owes
        from responsibility.assessments.services.timing import register_subjects
        from responsibility.assessments.sources import register_all
        from responsibility.common import menu, panels
        from responsibility.common.rights import Right

        register_all()
        register_subjects()
        menu.register("", "考核", "assessment_list", icon="chart", right=Right.VIEW, order=60)
        menu.register("办理", "整改", "rectifications", icon="tick", right=Right.VIEW, order=60)
        panels.register("workbench", on_workbench, order=25, probe=owes)
        panels.register("article.detail", on_article, order=60)
