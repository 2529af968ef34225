"""责任书."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "responsibility.letters"
    label = "letters"
    verbose_name = "责任书"
    insert_only_tables = ("letters_signature",)

    def ready(self) -> None:
        from responsibility.common import daily, menu, panels
        from responsibility.common.rights import Right
        from responsibility.divisions.signals import division_changed
        from responsibility.duties import checks
        from responsibility.figures import readers
        from responsibility.jobs import runs
        from responsibility.letters.panels import (
            on_workbench,
            reading_indicator,
            signed,
            timing,
            waiting,
        )
        from responsibility.letters.services import following, yearly
        from responsibility.letters.services.places import on_division_changed

        menu.register("", "责任书", "letter_list", icon="doc", right=Right.VIEW, order=50)
        panels.register("workbench", on_workbench, order=15, probe=waiting)
        daily.register(
            "letters.ask_confirmations",
            lambda day: following.ask_confirmations(today=day),
            order=40,
        )
        daily.register(
            "letters.open_settlements",
            lambda day: yearly.open_settlements(today=day),
            order=41,
        )
        daily.register(
            "letters.announce_overdue",
            lambda day: yearly.announce_overdue(today=day),
            order=90,
        )
        runs.register("letters.draft", "letters.draft_all")
        runs.register("letters.issue", "letters.issue_all")
        checks.register("letters.signed", signed)
        timing()
        division_changed.connect(on_division_changed, dispatch_uid="letters.division_changed")
        readers.register(reading_indicator)
