"""履责记录."""

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    name = "responsibility.progress"
    label = "progress"
    verbose_name = "履责记录"

    def ready(self) -> None:
        from responsibility.progress import timing

        timing.connect()
