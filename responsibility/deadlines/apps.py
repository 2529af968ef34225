"""时限."""

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "responsibility.deadlines"
    label = "deadlines"
    verbose_name = "时限"

    def ready(self) -> None:
        from responsibility.common import daily
        from responsibility.deadlines import recipients, services

        recipients.register(recipients.by_posting)
        daily.register("deadlines.recompute", services.recompute_uncertain, order=10)
        daily.register("deadlines.sweep", lambda day: services.sweep(today=day), order=20)
