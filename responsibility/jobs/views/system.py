"""For the system administrator: signs of life, dead letters, background runs."""

import time
from datetime import date
from uuid import UUID

import redis
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from responsibility.common import clock
from responsibility.common.errors import DomainError, Missing
from responsibility.common.rights import Right
from responsibility.common.views import access, get_visible, number_page, page
from responsibility.jobs import heartbeats, schedule, services
from responsibility.jobs.models import DeadLetter, ImportReceipt, Run
from responsibility.jobs.receipts import receipt_xlsx
from responsibility.jobs.rules import heartbeat_state

LETTERS = 20
RECEIPTS = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAMES = {"worker": "后台执行", "beat": "定时调度"}


def _signs() -> list[dict[str, str]]:
    """Return the heartbeats and the queue as the page shows them."""
    try:
        now = time.time()
        rows = [
            {"name": NAMES[kind], **_state(heartbeats.age(kind, now=now))}
            for kind in heartbeats.KINDS
        ]
        waiting = heartbeats.client().llen(settings.CELERY_TASK_DEFAULT_QUEUE)
        return [*rows, {"name": "排队任务", "state": "ok", "words": f"{waiting} 个"}]
    except redis.RedisError:
        return [{"name": "消息队列", "state": "late", "words": "连接不上"}]


def _state(age: float | None) -> dict[str, str]:
    state, words = heartbeat_state(age)
    return {"state": state, "words": words}


@require_GET
def system(request: HttpRequest) -> HttpResponse:
    """Everything of the machine room on one page."""
    access(request).require(Right.VIEW_JOBS)
    return _page(request)


def _page(request: HttpRequest, refused: str = "", typed: str = "", at: str = "") -> HttpResponse:
    letters = DeadLetter.objects.filter(handled_at=None).order_by("-created_at", "-id")
    runs = Run.objects.visible_to(request.user).select_related("started_by")
    receipts = ImportReceipt.objects.visible_to(request.user).order_by("-created_at", "-id")
    return page(
        request,
        "jobs/system.html",
        {
            "signs": _signs(),
            "letters": list(letters[:LETTERS]),
            "schedule": schedule.entries(),
            "dated": schedule.dated(),
            "today": clock.today(),
            "page": number_page(request, runs.order_by("-created_at", "-id")),
            "receipts": list(receipts[:RECEIPTS]),
            "refused": refused,
            "typed": typed,
            "at": at,
        },
        status=400 if refused else 200,
    )


def _letter(request: HttpRequest, public_id: UUID) -> DeadLetter:
    access(request).require(Right.VIEW_JOBS)
    letter = DeadLetter.objects.filter(public_id=public_id).first()
    if letter is None:
        raise Missing("没有这一条。")
    return letter


@require_POST
def retry(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Run a failed task again."""
    services.retry_letter(by=request.user, letter=_letter(request, public_id))
    messages.success(request, "已重新排队。")
    return redirect("system")


@require_POST
def settle(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Settle a failed task without running it; a refusal keeps what was typed."""
    letter = _letter(request, public_id)
    typed = request.POST.get("handling", "")
    try:
        services.settle_letter(by=request.user, letter=letter, handling=typed)
    except DomainError as error:
        if error.status != 400:
            raise
        return _page(request, refused=error.message, typed=typed, at=str(letter.public_id))
    messages.success(request, "已记录处理方式。")
    return redirect("system")


@require_POST
def schedule_run(request: HttpRequest) -> HttpResponse:
    """Run one task of the schedule now."""
    access(request).require(Right.VIEW_JOBS)
    words = schedule.run_now(by=request.user, key=request.POST.get("key", ""))
    messages.success(request, f"“{words}”已排队。")
    return redirect("system")


@require_POST
def replay_day(request: HttpRequest) -> HttpResponse:
    """Run the dated jobs of a past day again; a refusal keeps what was typed."""
    access(request).require(Right.VIEW_JOBS)
    typed = request.POST.get("day", "").strip()
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return _page(request, refused="日期写成 2020-12-17 的样子。", typed=typed, at="day")
    try:
        run = schedule.replay_day(by=request.user, day=day, name=request.POST.get("job", ""))
    except DomainError as error:
        if error.status != 400:
            raise
        return _page(request, refused=error.message, typed=typed, at="day")
    return redirect("run", run.public_id)


@require_GET
def receipt_list(request: HttpRequest) -> HttpResponse:
    """What one has uploaded (the system administrator: what anybody has)."""
    rows = ImportReceipt.objects.visible_to(request.user).select_related("uploaded_by")
    ordered = rows.order_by("-created_at", "-id")
    return page(request, "jobs/receipts.html", {"page": number_page(request, ordered)})


@require_GET
def receipt_sheet(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One's own sheet with each mistake marked; whoever did not upload it does not get it."""
    mine = ImportReceipt.objects.filter(uploaded_by=request.user.pk)
    receipt = get_visible(mine, request, public_id)
    headers = {
        "Content-Disposition": f'attachment; filename="receipt-{receipt.sha256[:8]}.xlsx"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(receipt_xlsx(receipt), content_type=XLSX, headers=headers)
