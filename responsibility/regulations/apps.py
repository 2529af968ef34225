"""细则."""

from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    name = "responsibility.regulations"
    label = "regulations"
    verbose_name = "细则"
