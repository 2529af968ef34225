"""The application's role: what it may do with ordinary rows and with the audit's."""

import psycopg2
import pytest
from django.apps import apps
from django.db import DatabaseError, connection

pytestmark = pytest.mark.django_db

INSERT_ONLY = sorted(
    table
    for config in apps.get_app_configs()
    for table in getattr(config, "insert_only_tables", ())
)


def privileges(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p FROM unnest(%s) p WHERE has_table_privilege(current_user, %s, p)",
            [["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"], f'"{table}"'],
        )
        return {row[0] for row in cursor.fetchall()}


def test_tests_run_as_the_application_and_not_as_the_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user")
        assert cursor.fetchone() == ("app", False)
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == (0,)


def test_audit_declares_its_tables() -> None:
    assert INSERT_ONLY


@pytest.mark.parametrize("table", INSERT_ONLY)
def test_insert_only_tables_take_rows_and_nothing_else(table: str) -> None:
    assert privileges(table) == {"SELECT", "INSERT"}
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}"')


def test_ordinary_tables_can_be_written_but_not_truncated() -> None:
    assert privileges("accounts_user") == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert privileges("django_migrations") == {"SELECT"}


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_leaves_nothing_behind(number: int, django_user_model: type) -> None:
    assert not django_user_model.objects.filter(username="left-over").exists()
    django_user_model.objects.create(username="left-over")


def test_the_owner_sees_the_same_database(
    owner_connection: "psycopg2.extensions.connection",
) -> None:
    with owner_connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == ("owner", connection.settings_dict["NAME"])
