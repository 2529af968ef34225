"""通知与投递."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "responsibility.outbox"
    label = "outbox"
    verbose_name = "通知与投递"

    def ready(self) -> None:
        from responsibility.common import daily
        from responsibility.outbox import services

        daily.register("outbox.digest", lambda day: services.digest(today=day), order=80)
        daily.register("outbox.deliver", lambda day: services.deliver(), order=90)
