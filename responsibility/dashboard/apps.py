"""工作台."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "responsibility.dashboard"
    label = "dashboard"
    verbose_name = "工作台"

    def ready(self) -> None:
        from responsibility.common import menu, panels
        from responsibility.common.rights import Right
        from responsibility.dashboard import checked, marks_page, open_items

        panels.register("workbench.checked", checked.block, probe=checked.own_duties)
        panels.register("assessment.run", marks_page.link)
        open_items.register_shipped()
        menu.register("", "工作台", "workbench", icon="home", order=1, tab=True)
        menu.register(
            "",
            "红黄事项",
            "principal",
            icon="octagon",
            order=5,
            tab=True,
            roles=("secretary", "head"),
        )
        menu.register(
            "资料", "数据字典", "data_dictionary", icon="book", right=Right.VIEW, order=90
        )
        menu.register("", "总览", "overview", icon="map", right=Right.VIEW, order=10)
