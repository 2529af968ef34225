"""``import_letter_kinds FILE.yaml``: kinds of letters from their catalogue."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responsibility.common.errors import DomainError
from responsibility.letters.services.kinds import import_kinds
from responsibility.regulations.models import Programme


class Command(BaseCommand):
    """Load kinds of letters."""

    help = "载入责任书种类（YAML）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        programme = Programme.objects.order_by("id").first()
        if programme is None or not options["file"].is_file():
            raise CommandError("还没有专项，或没有这个文件。")
        try:
            found = import_kinds(path=options["file"], programme=programme)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"责任书种类：新增 {found['created']}，更新 {found['updated']}")
