"""``import_duties FILE.yaml``: the duty catalogue."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responsibility.common.errors import DomainError
from responsibility.duties.services.catalogue import import_catalogue


class Command(BaseCommand):
    """Load the duty catalogue."""

    help = "载入责任目录（YAML）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"].is_file():
            raise CommandError(f"没有这个文件：{options['file']}")
        try:
            counts = import_catalogue(path=options["file"])
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(
            f"责任项：新增 {counts['created']}，更新 {counts['updated']}，"
            f"无变化 {counts['unchanged']}"
        )
