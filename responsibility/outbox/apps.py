"""通知与投递."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "responsibility.outbox"
    label = "outbox"
    verbose_name = "通知与投递"

    def ready(self) -> None:
        from responsibility.audit.signals import recorded
        from responsibility.common import context, daily, menu
        from responsibility.common.rights import Right
        from responsibility.jobs.signals import run_ended
        from responsibility.outbox import services, webhooks
        from responsibility.outbox.rules import Channel
        from responsibility.outbox.shell import unread

        daily.register("outbox.digest", lambda day: services.digest(today=day), order=80)
        daily.register("outbox.deliver", lambda day: services.deliver(), order=90)
        context.register_unread(unread)
        services.register_sender(Channel.WEBHOOK, webhooks.send)
        recorded.connect(webhooks.tell_act, dispatch_uid="outbox.tell_act")
        run_ended.connect(services.tell_run_ended, dispatch_uid="outbox.run_ended")
        menu.register("", "提醒", "inbox", icon="bell", order=90)
        menu.register("管理", "外发", "deliveries", icon="up", right=Right.VIEW_JOBS, order=60)
