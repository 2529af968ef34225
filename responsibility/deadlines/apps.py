"""时限."""

from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "responsibility.deadlines"
    label = "deadlines"
    verbose_name = "时限"
