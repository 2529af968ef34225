"""Webhooks, for the security administrator: who hears of what, whether it arrived, again."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from responsibility.common.errors import DomainError, Invalid, Missing
from responsibility.common.rights import Right
from responsibility.common.views import access, number_page, page
from responsibility.divisions.models import Division
from responsibility.outbox import webhooks
from responsibility.outbox.models import Delivery, Webhook
from responsibility.outbox.rules import EVENTS, HookStatus
from responsibility.postings.forms import WebhookForm
from responsibility.postings.views.base import PlainFormView, shown_once

STATUS = {"pause": HookStatus.PAUSED, "resume": HookStatus.ACTIVE, "end": HookStatus.ENDED}
DONE = {"pause": "已暂停，期间的事件留着待发。", "resume": "已恢复。", "end": "已停用。"}


def _names(hooks: Iterable[Webhook]) -> dict[int, str]:
    """Return the names of the divisions of these webhooks."""
    ids = {place for hook in hooks for place in hook.places}
    return dict(Division.objects.filter(pk__in=ids).values_list("pk", "name"))


@require_GET
def webhook_list(request: HttpRequest) -> HttpResponse:
    """Every webhook: where to, which events, which divisions; never the secret."""
    access(request).require(Right.MANAGE_TOKENS)
    found = Webhook.objects.defer("secret", "old_secret").order_by("-created_at", "-id")
    shown = number_page(request, found)
    names = _names(shown.rows)
    rows = [
        (hook, [names.get(place, "") for place in hook.places], _words(hook)) for hook in shown.rows
    ]
    return page(request, "postings/webhooks.html", {"page": shown, "rows": rows})


def _words(hook: Webhook) -> list[str]:
    return [EVENTS.get(event, event) for event in hook.events]


class NewWebhookView(PlainFormView[WebhookForm]):
    """Register a receiver; its secret is shown on the next page only."""

    right = Right.MANAGE_TOKENS
    form_class = WebhookForm
    heading = "登记接口推送"
    lede = "事件发生后，系统向这个地址发一条签名的消息。密钥只在下一页显示一次。"
    verb = "登记"
    back = ("webhook_list", "接口推送")

    def form_valid(self, form: WebhookForm) -> HttpResponse:
        """Register it and show its secret once."""
        data = form.cleaned_data
        try:
            hook, secret = webhooks.add(
                name=data["name"],
                url=data["url"],
                events=data["events"],
                places=[place.pk for place in data["divisions"]],
                by=self.request.user,
            )
        except DomainError as error:
            if error.status in (403, 404):
                raise
            return self.refused(form, error)
        return _secret_page(self.request, hook, secret)


def _secret_page(request: HttpRequest, hook: Webhook, secret: str) -> HttpResponse:
    return shown_once(request, "postings/webhook_secret.html", {"hook": hook, "secret": secret})


def _hook(request: HttpRequest, public_id: UUID) -> Webhook:
    access(request).require(Right.MANAGE_TOKENS)
    hook = Webhook.objects.defer("secret", "old_secret").filter(public_id=public_id).first()
    if hook is None:
        raise Missing("没有找到这个推送。")
    return hook


@require_GET
def webhook_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The delivery log: what was sent when, how often, what was answered; not the content."""
    hook = _hook(request, public_id)
    names = _names([hook])
    context = {
        "hook": hook,
        "places": [names.get(place, "") for place in hook.places],
        "events": _words(hook),
        "page": number_page(request, hook.deliveries.order_by("-created_at", "-id")),
    }
    return page(request, "postings/webhook.html", context)


@require_POST
def webhook_act(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Pause, resume, end, or change the secret."""
    hook, act = _hook(request, public_id), request.POST.get("act", "")
    if act == "rotate":
        return _secret_page(request, hook, webhooks.rotate(hook=hook, by=request.user))
    if act not in STATUS:
        raise Invalid("没有这种操作，请从页面上的按钮办理。")
    webhooks.set_status(hook=hook, status=STATUS[act], by=request.user)
    messages.success(request, DONE[act])
    return redirect("webhook", hook.public_id)


@require_POST
def replay(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send one event again, marked as a replay."""
    access(request).require(Right.MANAGE_TOKENS)
    delivery = Delivery.objects.filter(public_id=public_id, webhook__isnull=False).first()
    if delivery is None or delivery.webhook is None:
        raise Missing("没有找到这一条。")
    webhooks.replay(delivery=delivery, by=request.user)
    messages.success(request, "已排队重放，消息里标明是重放。")
    return redirect("webhook", delivery.webhook.public_id)
