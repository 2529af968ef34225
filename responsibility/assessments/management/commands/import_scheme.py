"""``import_scheme FILE.yaml``: a scheme as a draft, with what is wrong with it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responsibility.assessments.services import schemes
from responsibility.common.errors import DomainError
from responsibility.divisions.models import Division


class Command(BaseCommand):
    """Load a scheme."""

    help = "载入考核方案（YAML），存为草稿并列出问题"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--division", default="", help="制定方案的区划代码，默认最上级")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Division.objects.order_by("path")
        code = options["division"].ljust(12, "0") if options["division"] else ""
        division = rows.filter(code=code).first() if code else rows.filter(tier="city").first()
        if division is None or not options["file"].is_file():
            raise CommandError("没有这个区划，或没有这个文件。")
        try:
            row, new = schemes.import_file(path=options["file"], division=division)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{row}：{'已载入' if new else '没有变化'}")
        for item in schemes.problems_of(row):
            self.stdout.write(f"{'提醒' if item.warning else '错误'} {item.where}：{item.message}")
