"""``import_regulation FILE [--dry-run] [--json] [--adopt]``."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responsibility.common.errors import DomainError
from responsibility.regulations.models import Programme, VersionStatus
from responsibility.regulations.rules import Parsed
from responsibility.regulations.services import importing

DEFAULT_PROGRAMME = {
    "name": "脱贫攻坚责任制",
    "product_name": "脱贫攻坚责任制系统",
    "office_name": "聊城市扶贫开发领导小组办公室",
}


class Command(BaseCommand):
    """Read a regulation; a dry run needs no database."""

    help = "导入细则文本：章、条、款、项，并说明容忍了什么"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--adopt", action="store_true", help="导入后即采用，未写明的标为待核")
        parser.add_argument("--programme", default="poverty-alleviation")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"].is_file():
            raise CommandError(f"没有这个文件：{options['file']}")
        try:
            parsed = importing.read(options["file"])
            if not options["dry_run"]:
                self._store(options)
        except DomainError as error:
            raise CommandError(error.message) from error
        self._report(parsed, as_json=options["json"])

    def _store(self, options: dict[str, Any]) -> None:
        programme, _ = Programme.objects.get_or_create(
            key=options["programme"], defaults=DEFAULT_PROGRAMME
        )
        text = importing.decode(options["file"].read_bytes())
        version, _ = importing.import_text(programme=programme, text=text)
        if options["adopt"] and version.status == VersionStatus.DRAFT:
            importing.adopt(
                version=version, issuer=version.issuer, effective_on=version.effective_on
            )

    def _report(self, parsed: Parsed, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(parsed.as_dict(), ensure_ascii=False, indent=1))
            return
        counts = parsed.counts
        self.stdout.write(
            f"{parsed.title}：{counts['chapters']} 章 {counts['articles']} 条 "
            f"{counts['clauses']} 款 {counts['items']} 项"
        )
        for warning in parsed.warnings:
            self.stdout.write(f"  提示 {warning.where}：{warning.message}")
