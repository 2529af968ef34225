"""``seed_demo``: the demo city, only on the embedded default."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from responsibility.dashboard.demo import seed


class Command(BaseCommand):
    """Make the demo city."""

    help = "载入演示数据（仅限本机内嵌方式）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="已有演示数据则不动")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError("演示数据只用于本机内嵌方式，不能载入正式环境。")
        if seed.is_seeded():
            if not options["if_empty"]:
                self.stdout.write("已有演示数据，没有改动。")
            return
        seed.seed(self.stdout.write)
