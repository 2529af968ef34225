"""履责记录."""

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    name = "responsibility.progress"
    label = "progress"
    verbose_name = "履责记录"

    def ready(self) -> None:
        from responsibility.common import menu, panels
        from responsibility.common.rights import Right
        from responsibility.figures import origins
        from responsibility.progress import timing
        from responsibility.progress.panels import on_assignment, waiting

        timing.connect()
        origins.register("progress.progressentry", "看这条进展", lambda key: f"/progress/{key}/")
        menu.register(
            "",
            "待审",
            "review_queue",
            icon="tick",
            right=Right.REVIEW,
            order=15,
            badge=waiting,
            tab=True,
        )
        menu.register(
            "", "进展填报", "progress_list", icon="pen", right=Right.VIEW, order=30, tab=True
        )
        panels.register("assignment.detail", on_assignment, order=20)
