"""Give the application's role what it needs and nothing more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from psycopg2 import sql

from responsibility.common.triggers import insert_only_tables

READ_ONLY = {"django_migrations"}


def rights_of(table: str, insert_only: list[str]) -> str:
    """Return the privileges of the application on one table."""
    if table in READ_ONLY:
        return "SELECT"
    return "SELECT, INSERT" if table in insert_only else "SELECT, INSERT, UPDATE, DELETE"


class Command(BaseCommand):
    help = "Grants the application's role its rights; audit tables get SELECT and INSERT only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", default="app")

    def handle(self, *args: Any, **options: Any) -> None:
        role = str(options["role"])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_user, EXISTS (SELECT 1 FROM pg_roles WHERE rolname=%s)", [role]
            )
            current, exists = cursor.fetchone()
            if current == role:
                self.stderr.write(
                    f"{role} owns the tables: audit rows are protected by triggers only"
                )
                return
            if not exists:
                raise CommandError(f"the role {role} does not exist")
            tables = connection.introspection.table_names(cursor, include_views=True)
            unknown = set(insert_only_tables()) - set(tables)
            if unknown:
                raise CommandError(f"insert_only_tables names unknown tables: {sorted(unknown)}")
            for table in tables:
                self._grant(cursor, role, table)
            name = sql.Identifier(role)
            cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
            cursor.execute(
                sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(name)
            )
        if options["verbosity"]:
            self.stdout.write(f"{role}: {len(tables)} tables")

    def _grant(self, cursor: Any, role: str, table: str) -> None:
        names = {"table": sql.Identifier(table), "role": sql.Identifier(role)}
        cursor.execute(sql.SQL("REVOKE ALL ON {table} FROM {role}").format(**names))
        rights = sql.SQL(rights_of(table, insert_only_tables()))
        cursor.execute(
            sql.SQL("GRANT {rights} ON {table} TO {role}").format(rights=rights, **names)
        )
