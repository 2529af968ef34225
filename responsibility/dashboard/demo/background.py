"""Background runs and an interface of the demo city, made by the services that users call.

The interface is paused from the beginning: nothing leaves the machine.
"""

import io
from datetime import timedelta

import xlsxwriter
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import User
from responsibility.divisions.models import Division
from responsibility.jobs import runs, uploads
from responsibility.jobs.models import Run
from responsibility.letters.models import LetterKind
from responsibility.letters.services import batch
from responsibility.outbox import webhooks
from responsibility.outbox.models import Webhook
from responsibility.outbox.rules import EVENTS, DeliveryStatus, HookStatus
from responsibility.postings.services.importing import RUN as IMPORT
from responsibility.postings.services.importing import import_run
from responsibility.postings.sheets import HEAD

COUNTIES = ("371525", "371502")
FAILED_EVERY, WAITING = 7, 3
SHEET = (
    ("recorder2-371525001", "清泉街道第二填报员", "填报员", "371525001", "", "", "", ""),
    ("recorder2-371525002", "崇文街道第二填报员", "填表员", "371525002", "", "", "", ""),
    ("recorder2-371502001", "古楼街道第二填报员", "填报员", "371502001", "", "", "", ""),
    ("recorder2-371525003", "", "填报员", "371525003", "", "", "2020-02-31", ""),
)


def draft_letters(users: dict[str, User], kind: LetterKind, year: int) -> Run:
    """Draft the counties' letters as the office does: a run, with a line for each county."""
    run = batch.start_drafting(by=users["office-3715"], kind=kind, year=year)
    runs.execute(run.pk, batch.draft_all)
    return run


def import_with_mistakes(users: dict[str, User]) -> Run:
    """Let 冠县's administrator upload a sheet with mistakes: the receipt marks each cell."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("账号")
        for number, row in enumerate((HEAD, *SHEET)):
            sheet.write_row(number, 0, row)
    run = uploads.start_import(
        by=users["admin-371525"],
        kind=IMPORT,
        title="导入账号",
        data=file.getvalue(),
        file_name="冠县补充填报员（演示数据）.xlsx",
        options={"only_good": False},
    )
    runs.execute(run.pk, import_run)
    return run


def make_hook(users: dict[str, User]) -> Webhook:
    """Register an interface for two counties, and pause it before anything could be sent."""
    places = Division.objects.filter(code__in=[code.ljust(12, "0") for code in COUNTIES])
    hook, _ = webhooks.add(
        name="市大数据平台（演示数据）",
        url="https://platform.example.com/responsibility/events",
        events=EVENTS,
        places=list(places.values_list("pk", flat=True)),
        by=users["security-3715"],
    )
    webhooks.set_status(hook=hook, status=HookStatus.PAUSED, by=users["security-3715"])
    return hook


def tell_of_deliveries(hook: Webhook) -> int:
    """Let most of what waits at the paused interface count as sent, a few as failed."""
    keys = list(hook.deliveries.order_by("id").values_list("pk", flat=True))
    failed = set(keys[FAILED_EVERY - 1 :: FAILED_EVERY])
    rest = [pk for pk in keys[: len(keys) - WAITING] if pk not in failed]
    rows = hook.deliveries.filter(status=DeliveryStatus.WAITING)
    rows.filter(pk__in=rest).update(
        status=DeliveryStatus.SENT, attempts=1, sent_at=Now() - timedelta(seconds=1)
    )
    rows.filter(pk__in=failed).update(
        status=DeliveryStatus.FAILED,
        attempts=F("attempts") + 8,
        error="对方没有应答（演示数据）",
    )
    return len(keys)
