"""责任清单."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "responsibility.duties"
    label = "duties"
    verbose_name = "责任清单"

    def ready(self) -> None:
        from responsibility.common import daily, menu, panels
        from responsibility.common.rights import Right
        from responsibility.duties import timing
        from responsibility.duties.panels import (
            counties_of_article,
            law_of_article,
            on_article,
            on_division,
            standing_of_assignment,
        )
        from responsibility.duties.services.assigning import open_year

        timing.register()
        daily.register("duties.open_year", lambda day: open_year(today=day), order=5)
        menu.register(
            "", "责任清单", "duty_list", icon="list", right=Right.VIEW, order=20, tab=True
        )
        menu.register("依据", "责任目录", "duty_catalogue", icon="doc", right=Right.VIEW, order=15)
        panels.register("article.law", law_of_article)
        panels.register("article.detail", on_article, order=10)
        panels.register("article.wide", counties_of_article)
        panels.register("division.detail", on_division, order=10)
        panels.register("assignment.detail", standing_of_assignment, order=30)
