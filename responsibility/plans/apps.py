"""计划."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "responsibility.plans"
    label = "plans"
    verbose_name = "计划"

    def ready(self) -> None:
        from responsibility.common import menu, panels
        from responsibility.common.rights import Right
        from responsibility.duties import checks
        from responsibility.figures import readers
        from responsibility.plans.panels import (
            issued,
            on_workbench,
            reading_indicator,
            register_subjects,
            waiting,
        )

        menu.register("", "计划", "plan_list", icon="list", right=Right.VIEW, order=30)
        panels.register("workbench", on_workbench, order=15, probe=waiting)
        checks.register("plans.issued", issued)
        register_subjects()
        readers.register(reading_indicator)
