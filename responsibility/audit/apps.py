"""审计."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "responsibility.audit"
    label = "audit"
    verbose_name = "审计"
    insert_only_tables = ("audit_event", "audit_link", "audit_seal")

    def ready(self) -> None:
        from responsibility.audit import signing
        from responsibility.common import api_views, menu
        from responsibility.common.rights import Right

        api_views.register_hook(signing.record_call)
        menu.register("管理", "操作记录", "audit_log", icon="doc", right=Right.VIEW_AUDIT, order=60)
