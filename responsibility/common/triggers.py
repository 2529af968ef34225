"""What the database keeps by itself; (re)installed after every migrate."""

from typing import Any

from django.apps import apps
from django.db import connections

from responsibility.common.models import Recorded

TOUCH = """
CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END $$;
"""
REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""


def create_extensions(using: str = "default", **kwargs: Any) -> None:
    """Create the extensions our indexes need (pre_migrate, as the owner)."""
    with connections[using].cursor() as cursor:
        for name in ("btree_gist", "pg_trgm"):
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")


def touch_sql(table: str) -> str:
    """Return the statements that keep ``updated_at`` of one table."""
    return (
        f'DROP TRIGGER IF EXISTS touch_updated_at ON "{table}";'
        f'CREATE TRIGGER touch_updated_at BEFORE UPDATE ON "{table}" FOR EACH ROW '
        "WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();"
    )


def append_only_sql(table: str) -> str:
    """Return the statements that refuse every change of one table's rows."""
    return (
        f'DROP TRIGGER IF EXISTS refuse_change ON "{table}";'
        f'DROP TRIGGER IF EXISTS refuse_truncate ON "{table}";'
        f'CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
        f'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
    )


def insert_only_tables() -> list[str]:
    """Return the tables that apps declare insert-only (``insert_only_tables`` of their config)."""
    return [
        table
        for config in apps.get_app_configs()
        for table in getattr(config, "insert_only_tables", ())
    ]


def recorded_tables() -> list[str]:
    """Return the tables of every concrete Recorded model."""
    return [
        model._meta.db_table
        for model in apps.get_models()
        if issubclass(model, Recorded) and not model._meta.proxy
    ]


def install(using: str = "default", **kwargs: Any) -> None:
    """Install the triggers on the tables that exist (post_migrate, as the owner)."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute(TOUCH)
        cursor.execute(REFUSE)
        for table in recorded_tables():
            if table in existing:
                cursor.execute(touch_sql(table))
        for table in insert_only_tables():
            if table in existing:
                cursor.execute(append_only_sql(table))
