"""责任书."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "responsibility.letters"
    label = "letters"
    verbose_name = "责任书"
