"""``import_divisions FILE.csv``: load or update the tree; twice is a no-op."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responsibility.common.errors import DomainError
from responsibility.divisions.services.importing import import_divisions


class Command(BaseCommand):
    """Load a list of divisions."""

    help = "载入区划清单（CSV：code,name,tier,parent_code,kind）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"].is_file():
            raise CommandError(f"没有这个文件：{options['file']}")
        try:
            result = import_divisions(path=options["file"])
        except DomainError as error:
            raise CommandError(error.message) from error
        if options["json"]:
            self.stdout.write(json.dumps(result.as_dict()))
        else:
            self.stdout.write(
                f"共 {result.rows} 行：新增 {result.created}，无变化 {result.unchanged}"
            )
