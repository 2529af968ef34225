"""``letters_verify [--json]``: every signed text and signature against its digest."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from responsibility.letters.services.signing import verify_all


class Command(BaseCommand):
    """Verify letters; exit 1 and name the first that does not agree."""

    help = "核验责任书：正文、签署与摘要是否一致"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        count, broken = 0, []
        for letter, problems in verify_all():
            count += 1
            if problems:
                broken.append(
                    {
                        "letter": str(letter.public_id),
                        "title": str(letter),
                        "number": letter.number,
                        "problems": problems,
                    }
                )
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {"ok": not broken, "letters": count, "broken": broken}, ensure_ascii=False
                )
            )
        elif broken:
            first = broken[0]
            self.stdout.write(f"不一致：{first['title']} {first['number']}：{first['problems'][0]}")
        else:
            self.stdout.write(f"责任书 {count} 份，正文和签署都与摘要一致。")
        if broken:
            raise SystemExit(1)
