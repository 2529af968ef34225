"""行政区划."""

from django.apps import AppConfig


class DivisionsConfig(AppConfig):
    name = "responsibility.divisions"
    label = "divisions"
    verbose_name = "行政区划"

    def ready(self) -> None:
        from responsibility.common import menu, places
        from responsibility.common.rights import Right
        from responsibility.divisions.lookup import moved_out_of, path_of
        from responsibility.jobs import runs

        runs.register("divisions.import", "divisions.import")
        places.register_division_lookup(path_of)
        places.register_moved_out(moved_out_of)

        menu.register(
            "资料", "区划与单位", "division_list", icon="tree", right=Right.VIEW, order=60
        )
