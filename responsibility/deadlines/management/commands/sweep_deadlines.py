"""Send the reminders that are due."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from responsibility.common import clock
from responsibility.common.management.commands.run_day import parse_day
from responsibility.deadlines import services


class Command(BaseCommand):
    help = "Claim the due deadlines in batches and write their reminders."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--today", default="", help="the business date (default: today)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        day = parse_day(options["today"]) if options["today"] else clock.today()
        swept = services.sweep(today=day)
        if options["json"]:
            self.stdout.write(json.dumps({"today": day.isoformat(), **vars(swept)}))
        else:
            self.stdout.write(f"{day}: {swept.claimed} deadlines, {swept.notices} reminders")
