"""``issue_token NAME --division CODE… --scope SCOPE… [--days N]``: print a token once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responsibility.common.errors import DomainError
from responsibility.divisions.models import Division
from responsibility.postings.services import tokens


class Command(BaseCommand):
    """Issue a token of a new service account."""

    help = "签发接口令牌（只显示一次）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--division", nargs="+", required=True, metavar="CODE")
        parser.add_argument("--scope", nargs="+", required=True, metavar="SCOPE")
        parser.add_argument("--days", type=int, default=365)

    def handle(self, *args: Any, **options: Any) -> None:
        codes = [code.upper().ljust(12, "0") for code in options["division"]]
        places = list(Division.objects.living().filter(code__in=codes).in_order())
        missing = sorted(set(codes) - {place.code for place in places})
        if missing:
            raise CommandError(f"没有这个区划代码：{'、'.join(missing)}")
        try:
            _, token = tokens.issue(
                name=options["name"],
                divisions=places,
                scopes=options["scope"],
                days=options["days"],
                by=None,
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(token)
