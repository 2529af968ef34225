"""行政区划."""

from django.apps import AppConfig


class DivisionsConfig(AppConfig):
    name = "responsibility.divisions"
    label = "divisions"
    verbose_name = "行政区划"

    def ready(self) -> None:
        from responsibility.common import menu
        from responsibility.common.rights import Right

        menu.register(
            "资料", "区划与单位", "division_list", icon="tree", right=Right.VIEW, order=60
        )
