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

from responsibility.dashboard.bench import data, nation, run
from responsibility.dashboard.demo import seed

CHILD = "BENCH_CHILD"


class Command(BaseCommand):
    """Load the city at full size and print one JSON line a measure."""

    help = "性能测量：每行一个 JSON，比值与同次运行的底线相比"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--national",
            action="store_true",
            help="全国规模：66 万个区划、200 万项责任，另用一个数据目录",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        national = bool(options["national"])
        if os.environ.get(CHILD) != "1":
            raise SystemExit(self._in_its_own_folder(national))
        if not settings.EMBEDDED:
            raise CommandError("测量只在本机内嵌方式运行，不碰正式数据。")
        if not seed.is_seeded():
            call_command("seed_demo", stdout=self.stderr)
        self.stderr.write(f"progress entries: {data.top_up():,}")
        if national:
            self.stderr.write(f"divisions: {nation.load():,}")
        for line in run.table(national):
            self.stdout.write(line)

    def _in_its_own_folder(self, national: bool) -> int:
        """Run the command again with a data folder of its own, so that nobody's data change."""
        root = Path(settings.BASE_DIR)
        keep = {
            key: value
            for key, value in os.environ.items()
            if key not in ("DATABASE_URL", "DATABASE_ADMIN_URL", "REDIS_URL", "SECRET_KEY")
        }
        folder = Path(settings.DATA_DIR) / ("nation" if national else "bench")
        done = subprocess.run(
            [sys.executable, str(root / "manage.py"), "bench", *["--national"] * national],
            env={**keep, CHILD: "1", "DATA_DIR": str(folder), "LOG_LEVEL": "ERROR"},
            check=False,
        )
        return done.returncode
