#!/usr/bin/env python
"""Django's commands; without DATABASE_URL they run on the embedded services."""

import os
import sys
from urllib.parse import urlsplit

OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "flush", "grant_app_role", "sqlflush"}

# these need settings but no servers
ALONE = {"", "help", "--help", "-h", "version", "--version", "check", "check_templates"}
ALONE |= {"collectstatic", "spectacular"}


def become_owner(command: str) -> str:
    """Connect as the owning role for commands that change tables; return the app's role."""
    role = urlsplit(os.environ.get("DATABASE_URL", "")).username or "app"
    if command in OWNER_COMMANDS and os.environ.get("DATABASE_ADMIN_URL"):
        os.environ["DATABASE_URL"] = os.environ["DATABASE_ADMIN_URL"]
    return role


def main() -> None:
    """Run a command; a migration ends with the grants of the application's role."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "liaocheng_poverty.settings")
    from liaocheng_poverty import embedded

    command = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        embedded.ensure(start=command not in ALONE, migrated=command not in ALONE | OWNER_COMMANDS)
    except RuntimeError as error:
        sys.exit(f"embedded services: {error}")
    role = become_owner(command)
    from django.core.management import call_command, execute_from_command_line

    if command != "makemigrations":  # reads the models only: needs no configuration
        from liaocheng_poverty import checks  # noqa: F401 - they register themselves

    execute_from_command_line(sys.argv)
    if command == "migrate" and os.environ.get("DATABASE_ADMIN_URL") and "--check" not in sys.argv:
        call_command("grant_app_role", role=role, verbosity=0)


if __name__ == "__main__":
    main()
