"""报送审核."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "responsibility.reports"
    label = "reports"
    verbose_name = "报送审核"
    insert_only_tables = ("reports_reportsnapshot",)

    def ready(self) -> None:
        from responsibility.common import menu, panels
        from responsibility.common.rights import Right
        from responsibility.divisions.signals import division_changed
        from responsibility.duties import checks
        from responsibility.figures import readers
        from responsibility.reports.panels import (
            at_the_gate,
            county_yearly,
            gate_on_workbench,
            on_workbench,
            reading_indicator,
            timing,
            waiting,
        )
        from responsibility.reports.services.places import on_division_changed

        menu.register("", "报告", "report_list", icon="doc", right=Right.VIEW, order=40)
        menu.register("办理", "报告待审", "report_queue", icon="tick", right=Right.REVIEW, order=44)
        menu.register("办理", "报送及时情况", "report_timely", right=Right.VIEW, order=45)
        menu.register("依据", "报表种类", "report_kinds", icon="doc", right=Right.VIEW, order=60)
        menu.register("依据", "报表负担", "report_burden", order=61)
        panels.register("workbench", gate_on_workbench, order=25, probe=at_the_gate)
        panels.register("workbench", on_workbench, order=20, probe=waiting)
        checks.register("reports.county_yearly", county_yearly)
        timing()
        division_changed.connect(on_division_changed, dispatch_uid="reports.division_changed")
        readers.register(reading_indicator)
