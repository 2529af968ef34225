"""通知与投递."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "responsibility.outbox"
    label = "outbox"
    verbose_name = "通知与投递"
