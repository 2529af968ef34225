"""责任清单."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "responsibility.duties"
    label = "duties"
    verbose_name = "责任清单"

    def ready(self) -> None:
        from responsibility.duties import timing

        timing.register()
