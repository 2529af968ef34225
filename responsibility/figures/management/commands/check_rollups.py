"""Recompute every sum and compare: ``check_rollups [--repair] [--json]``."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responsibility.figures.services import rollups


class Command(BaseCommand):
    help = "按填报数重新汇总全市，与台账核对；--repair 按重算结果更正"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        row = rollups.check_rollups(repair=options["repair"])
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "cells": row.cells,
                        "differing": row.differing,
                        "examples": row.examples,
                        "milliseconds": row.milliseconds,
                    },
                    ensure_ascii=False,
                )
            )
        else:
            self.stdout.write(f"核对 {row.cells} 项，{row.differing} 项不一致。")
        if row.differing and not options["repair"]:
            raise CommandError(f"{row.differing} 项汇总不一致。", returncode=1)
