"""后台任务."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "responsibility.jobs"
    label = "jobs"
    verbose_name = "后台任务"

    def ready(self) -> None:
        from responsibility.common import idempotency, menu
        from responsibility.common.rights import Right
        from responsibility.jobs import runs
        from responsibility.jobs.idempotency import TableStore

        idempotency.register(TableStore())
        runs.register("jobs.day", "jobs.day")

        menu.register("管理", "运行", "system", icon="list", right=Right.VIEW_JOBS, order=50)
        menu.register("办理", "后台任务", "run_list", icon="clock", right=Right.VIEW, order=95)
        menu.register(
            "管理", "导入回执", "receipt_list", icon="list", order=60, roles=("office", "admin")
        )
