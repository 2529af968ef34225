"""时限."""

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "responsibility.deadlines"
    label = "deadlines"
    verbose_name = "时限"

    def ready(self) -> None:
        from responsibility.deadlines import recipients

        recipients.register(recipients.by_posting)
