"""``setup_code``: print the one-time code that opens the first-run page."""

from typing import Any

from django.core.management.base import BaseCommand

from responsibility.common.errors import Conflict
from responsibility.dashboard.setup import DAYS, new_code


class Command(BaseCommand):
    """Print a code; an earlier one ends with it."""

    help = "打印首次设置页面的一次性代码"

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = new_code()
        except Conflict as error:
            self.stdout.write(error.message)
            return
        self.stdout.write(f"首次设置：打开 /setup/，代码 {code}（{DAYS} 天内有效，用后作废）")
