"""预警."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "responsibility.alerts"
    label = "alerts"
    verbose_name = "预警"

    def ready(self) -> None:
        from responsibility.alerts import scans, services
        from responsibility.alerts.panels import of_division
        from responsibility.common import daily, menu, panels
        from responsibility.common.rights import Right

        scans.register_shipped()
        daily.register("alerts.scan", lambda day: services.scan(today=day), order=30)
        menu.register("办理", "预警", "alert_list", icon="triangle", right=Right.VIEW, order=45)
        panels.register("overview", of_division, order=50)
