"""计划."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "responsibility.plans"
    label = "plans"
    verbose_name = "计划"

    def ready(self) -> None:
        from responsibility.common import menu, panels
        from responsibility.common.rights import Right
        from responsibility.divisions.signals import division_changed
        from responsibility.duties import checks
        from responsibility.figures import readers
        from responsibility.plans.panels import (
            issued,
            on_workbench,
            reading_indicator,
            register_subjects,
            waiting,
        )
        from responsibility.plans.services.places import on_division_changed

        menu.register("", "计划", "plan_list", icon="list", right=Right.VIEW, order=30)
        panels.register("workbench", on_workbench, order=15, probe=waiting)
        checks.register("plans.issued", issued)
        register_subjects()
        division_changed.connect(on_division_changed, dispatch_uid="plans.division_changed")
        readers.register(reading_indicator)
