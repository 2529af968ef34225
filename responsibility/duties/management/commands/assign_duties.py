"""``assign_duties YEAR``: the year's assignments."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responsibility.common.errors import DomainError
from responsibility.duties.services.assigning import assign_year, plan_year


class Command(BaseCommand):
    """Make the missing assignments of a year."""

    help = "生成年度责任清单"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            make = plan_year if options["dry_run"] else lambda year: assign_year(year=year)
            plan = make(options["year"])
        except DomainError as error:
            raise CommandError(error.message) from error
        for tier, standing, count in plan.table():
            self.stdout.write(f"{tier} {standing} {count}")
        self.stdout.write(f"新增 {len(plan.rows)}，已有 {plan.existing}")
