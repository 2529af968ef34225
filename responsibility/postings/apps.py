"""岗位与权限."""

from django.apps import AppConfig


class PostingsConfig(AppConfig):
    name = "responsibility.postings"
    label = "postings"
    verbose_name = "岗位与权限"

    def ready(self) -> None:
        from responsibility.audit.signals import broken
        from responsibility.common import menu, panels, scoping
        from responsibility.common.rights import Right
        from responsibility.divisions.signals import division_changed
        from responsibility.jobs import runs
        from responsibility.postings.access import grants_of
        from responsibility.postings.panels import on_division, to_confirm, unconfirmed
        from responsibility.postings.services.following import on_division_changed
        from responsibility.postings.services.telling import tell_broken_chain

        division_changed.connect(on_division_changed, dispatch_uid="postings.division_changed")
        broken.connect(tell_broken_chain, dispatch_uid="postings.tell_broken_chain")
        runs.register("accounts.import", "accounts.import")
        scoping.register_provider(grants_of)
        panels.register("division.detail", on_division, order=20)
        panels.register("workbench", to_confirm, order=10, probe=unconfirmed)
        for section, label, name, icon, right, order in (
            ("资料", "岗位", "post_list", "seal", Right.VIEW, 70),
            ("管理", "账号", "account_list", "people", Right.MANAGE_ACCOUNTS, 10),
            ("管理", "岗位授权", "posting_list", "pen", Right.MANAGE_POSTINGS, 20),
            ("管理", "例外授权", "exception_list", "clock", Right.MANAGE_EXCEPTIONS, 30),
            ("管理", "接口令牌", "token_list", "lock", Right.MANAGE_TOKENS, 40),
            ("管理", "接口推送", "webhook_list", "up", Right.MANAGE_TOKENS, 45),
            ("管理", "权限来由", "explain_scope", "search", Right.EXPLAIN_SCOPE, 50),
        ):
            tab = name in ("account_list", "token_list", "explain_scope")
            menu.register(section, label, name, icon=icon, right=right, order=order, tab=tab)
