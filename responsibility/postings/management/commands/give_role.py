"""``give_role USER ROLE CODE [--label TEXT]``: what no page may give (city administrators)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from responsibility.common.errors import DomainError
from responsibility.divisions.models import Division
from responsibility.postings.rules import Role
from responsibility.postings.services.accounts import create_account
from responsibility.postings.services.giving import give_posting


class Command(BaseCommand):
    """Give a role; the account is made when missing, and its one-time password printed."""

    help = "授予角色（含系统、安全、审计管理员和市办公室）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")
        parser.add_argument("role", choices=[role.value for role in Role])
        parser.add_argument("division", metavar="CODE")
        parser.add_argument("--label", default="")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        code = options["division"].upper().ljust(12, "0")
        place = Division.objects.living().filter(code=code).first()
        if place is None:
            raise CommandError(f"没有这个区划代码：{options['division']}")
        name, role = options["user"], options["role"]
        user = User.objects.filter(username=name).first()
        try:
            if user is not None:
                give_posting(user=user, role=role, division=place, by=None)
                self.stdout.write("已授予")
                return
            label = options["label"] or name
            _, password = create_account(
                username=name, label=label, role=role, division=place, by=None
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"已开通，初始口令 {password}（只显示一次）")
