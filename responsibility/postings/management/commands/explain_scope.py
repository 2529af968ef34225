"""``explain_scope USER [--object app.model:public-id]``: what a user sees, and why."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from responsibility.common.errors import DomainError
from responsibility.common.scoping import access_of
from responsibility.postings import explaining


class Command(BaseCommand):
    """Explain a user's view."""

    help = "查某用户能看什么、为什么"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user")
        parser.add_argument("--object", default="", metavar="app.model:public-id")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"没有这个用户：{options['user']}")
        if options["object"]:
            self._explain_object(user, options["object"])
            return
        if not user.is_active:
            self.stdout.write("账号已停用，什么也看不到")
        for reason in explaining.of_user(user):
            until = f"，到 {reason.until} 为止" if reason.until else ""
            self.stdout.write(
                f"{reason.source}：{reason.where}{until}；可以：{'、'.join(reason.rights)}"
            )

    def _explain_object(self, user: User, text: str) -> None:
        try:
            found = explaining.find_object(text)
        except DomainError as error:
            raise CommandError(error.message) from error
        grants = explaining.why(access_of(user), found)
        if not grants:
            self.stdout.write("看不到：没有岗位或例外授权覆盖这条记录")
        for grant in grants:
            self.stdout.write(f"看得到，因为：{grant.source}")
