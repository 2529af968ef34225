"""``bench``: the measurements, on a database of their own (DATA_DIR/bench)."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from responsibility.dashboard.bench import data, run
from responsibility.dashboard.demo import seed

CHILD = "BENCH_CHILD"


class Command(BaseCommand):
    """Load the city at full size and print one JSON line a measure."""

    help = "性能测量：每行一个 JSON，比值与同次运行的底线相比"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--national", action="store_true", help="全国规模（尚未实现）")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["national"]:
            raise CommandError("全国规模的测量尚未实现，见 docs/performance.md。")
        if os.environ.get(CHILD) != "1":
            raise SystemExit(self._in_its_own_folder())
        if not settings.EMBEDDED:
            raise CommandError("测量只在本机内嵌方式运行，不碰正式数据。")
        if not seed.is_seeded():
            call_command("seed_demo", stdout=self.stderr)
        self.stderr.write(f"progress entries: {data.top_up():,}")
        for line in run.table():
            self.stdout.write(line)

    def _in_its_own_folder(self) -> int:
        """Run the command again with a data folder of its own, so that nobody's data change."""
        root = Path(settings.BASE_DIR)
        keep = {
            key: value
            for key, value in os.environ.items()
            if key not in ("DATABASE_URL", "DATABASE_ADMIN_URL", "REDIS_URL", "SECRET_KEY")
        }
        folder = Path(settings.DATA_DIR) / "bench"
        done = subprocess.run(
            [sys.executable, str(root / "manage.py"), "bench"],
            env={**keep, CHILD: "1", "DATA_DIR": str(folder), "LOG_LEVEL": "ERROR"},
            check=False,
        )
        return done.returncode
