"""Load the deadline rules of a YAML file; twice is a no-op."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from responsibility.common.errors import DomainError
from responsibility.deadlines import services


class Command(BaseCommand):
    help = "Load or update deadline rules; a changed rule gets a new version."

    def add_arguments(self, parser: CommandParser) -> None:
        shipped = str(settings.SHIPPED_DATA / "deadline-rules.yaml")
        parser.add_argument("file", nargs="?", default=shipped)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = services.import_rules(path=Path(options["file"]), by=None)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"{counts.added} added, {counts.changed} changed, {counts.unchanged} unchanged"
        )
