"""Run every dated job of a day: what beat would run, in order."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from responsibility.common import clock, daily


def parse_day(text: str) -> date:
    """Return the day of ``2020-12-17``; raise CommandError for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--today: {text!r} is not a date like 2020-12-17") from error


class Command(BaseCommand):
    help = "Run the dated jobs of a day (deadlines, alerts, digest, deliveries)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--today", default="", help="the business date (default: today)")
        parser.add_argument("--only", default="", help="one job by name, such as deadlines.sweep")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        day = parse_day(options["today"]) if options["today"] else clock.today()
        known = {job.name: job for job in daily.jobs()}
        only = options["only"]
        if only and only not in known:
            raise CommandError(f"--only: no job {only!r}; there are {', '.join(known)}")
        chosen = [known[only]] if only else list(known.values())
        results = {job.name: job.run(day) for job in chosen}
        if options["json"]:
            self.stdout.write(json.dumps({"today": day.isoformat(), **results}, default=str))
            return
        for name, result in results.items():
            self.stdout.write(f"{day} {name}: {result}")
