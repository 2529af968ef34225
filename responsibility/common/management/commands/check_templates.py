"""Compile every template of ours: a broken tag is found before a page is opened."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateSyntaxError
from django.template.loader import get_template


def template_names() -> list[str]:
    """Return the names of the project's templates."""
    folders = [Path(settings.BASE_DIR) / "templates"]
    folders += [
        Path(config.path) / "templates"
        for config in apps.get_app_configs()
        if Path(config.path).is_relative_to(settings.BASE_DIR) and ".venv" not in config.path
    ]
    return sorted(
        {
            str(path.relative_to(folder))
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }
    )


class Command(BaseCommand):
    help = "Compiles every template of the project."

    def handle(self, *args: Any, **options: Any) -> None:
        names = template_names()
        broken = []
        for name in names:
            try:
                get_template(name)
            except (TemplateSyntaxError, UnicodeDecodeError) as error:
                broken.append(f"{name}: {error}")
        if broken:
            raise CommandError("\n".join(broken))
        self.stdout.write(f"{len(names)} templates compile")
