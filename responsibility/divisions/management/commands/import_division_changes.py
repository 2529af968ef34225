"""``import_division_changes FILE.yaml``: complete the history of divisions; twice is a no-op."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responsibility.common.errors import DomainError
from responsibility.divisions.services.history import import_changes


class Command(BaseCommand):
    """Complete the history of divisions."""

    help = "补录区划沿革（YAML）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"].is_file():
            raise CommandError(f"没有这个文件：{options['file']}")
        try:
            made = import_changes(path=options["file"])
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"补录沿革 {made} 条")
