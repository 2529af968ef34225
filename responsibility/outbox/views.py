"""A user's inbox; and what could not be delivered, for the system administrator."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from responsibility.common.errors import Missing
from responsibility.common.rights import Right
from responsibility.common.views import access, get_visible, number_page, page
from responsibility.outbox import services
from responsibility.outbox.models import Delivery, Notice
from responsibility.outbox.rules import DeliveryStatus, Level


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """One's own notices, newest first; unread only, or red ones not yet handled."""
    show = request.GET.get("show", "")
    rows = Notice.objects.visible_to(request.user)
    if show == "unread":
        rows = rows.unread()
    elif show == "red":
        rows = rows.filter(level=Level.RED, settled_at=None)
    else:
        show = ""
    ordered = rows.order_by("-created_at", "-id")
    return page(
        request,
        "outbox/inbox.html",
        {"page": number_page(request, ordered), "show": show},
    )


@require_POST
def read(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Mark one notice read and go where it points."""
    notice = get_visible(Notice.objects.all(), request, public_id)
    services.mark_read(by=request.user, notice=notice)
    return redirect(notice.url if notice.url.startswith("/") else "inbox")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all read."""
    done = services.mark_all_read(by=request.user)
    messages.success(request, f"{done} 条已标为已读。" if done else "没有未读的。")
    return redirect("inbox")


@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """What waits or failed on its way to the outside."""
    access(request).require(Right.VIEW_JOBS)
    rows = Delivery.objects.exclude(status=DeliveryStatus.SENT).order_by("-created_at", "-id")
    return page(
        request,
        "outbox/deliveries.html",
        {"page": number_page(request, rows)},
    )


@require_POST
def retry(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Try a failed delivery again."""
    access(request).require(Right.VIEW_JOBS)
    delivery = Delivery.objects.filter(public_id=public_id).first()
    if delivery is None:
        raise Missing("没有这一封。")
    services.retry(delivery=delivery, by=request.user)
    messages.success(request, "已重新排队。")
    return redirect("deliveries")
