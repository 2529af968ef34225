"""Prove the audit chain."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from responsibility.audit import services
from responsibility.audit.verifying import verify


class Command(BaseCommand):
    help = "Seal what is open, then walk the whole chain; exit 1 with the first broken item."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        sealed = services.seal()
        result = verify()
        if options["json"]:
            answer = {"ok": result.ok, "sealed": sealed, **asdict(result)}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        elif result.ok:
            self.stdout.write(
                f"审计链完好：{result.links} 环，{result.seals} 个封签，"
                f"{result.anchors} 个库外封签相符。"
            )
        if result.problem:
            raise CommandError(f"{result.problem.message}（{result.problem.kind}）")
