"""时限."""

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "responsibility.deadlines"
    label = "deadlines"
    verbose_name = "时限"

    def ready(self) -> None:
        from responsibility.common import daily, menu, panels
        from responsibility.common.rights import Right
        from responsibility.deadlines import recipients, services
        from responsibility.deadlines.panels import (
            next_of_assignment,
            of_assignment,
            undecided,
            waiting_explanations,
        )
        from responsibility.deadlines.services.following import on_division_changed
        from responsibility.divisions.signals import division_changed

        division_changed.connect(on_division_changed, dispatch_uid="deadlines.division_changed")
        recipients.register(recipients.by_posting)
        daily.register("deadlines.recompute", services.recompute_uncertain, order=10)
        daily.register("deadlines.sweep", lambda day: services.sweep(today=day), order=20)
        menu.register("办理", "时限", "deadline_list", icon="clock", right=Right.VIEW, order=40)
        menu.register(
            "依据", "时限与依据", "deadline_rules", icon="clock", right=Right.VIEW, order=20
        )
        menu.register(
            "依据", "工作日历", "deadline_calendar", icon="list", right=Right.VIEW, order=30
        )
        panels.register("assignment.detail", of_assignment, order=10)
        panels.register("assignment.due", next_of_assignment)
        panels.register("workbench", waiting_explanations, order=50, probe=undecided)
