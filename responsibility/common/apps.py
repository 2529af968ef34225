"""公共."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "responsibility.common"
    label = "common"
    verbose_name = "公共"
