"""``assessments_verify YEAR``: every frozen result of a year scored again and compared."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responsibility.assessments.models import AssessmentRun
from responsibility.assessments.rules.running import SETTLED
from responsibility.assessments.services.freezing import verify_run


class Command(BaseCommand):
    """Verify frozen results."""

    help = "重算某年度全部已冻结的考核结果，逐项与冻结内容和现有数据对照"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        runs = AssessmentRun.objects.living().filter(year=options["year"], status__in=SETTLED)
        wrong = 0
        for run in runs.order_by("id"):
            found = verify_run(run)
            wrong += len(found)
            for item in found:
                self.stderr.write(f"{item.where}：{item.what}")
            if not found:
                self.stdout.write(f"{run.title}：{run.subjects.count()} 个单位，重算一致")
        if wrong:
            raise CommandError(f"{wrong} 处不一致。")
        if not runs:
            self.stdout.write(f"{options['year']}年度没有已冻结的考核。")
