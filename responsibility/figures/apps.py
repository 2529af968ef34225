"""指标与数据."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "responsibility.figures"
    label = "figures"
    verbose_name = "指标与数据"

    def ready(self) -> None:
        from responsibility.common import menu
        from responsibility.common.rights import Right

        menu.register("资料", "指标", "indicator_list", icon="chart", right=Right.VIEW, order=20)
