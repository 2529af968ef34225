"""细则."""

from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    name = "responsibility.regulations"
    label = "regulations"
    verbose_name = "细则"

    def ready(self) -> None:
        from responsibility.common import context, menu
        from responsibility.regulations.shell import product_names

        menu.register("依据", "规则条文", "regulations", icon="book", order=10)
        context.register_names(product_names)
