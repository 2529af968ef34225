"""What only the owner of the bench's own tables may do: vacuum, and take copies away again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
import psycopg2
from django.conf import settings


@contextmanager
def owner() -> Iterator[Any]:
    """Give a cursor of the owning role, each statement committed by itself."""
    given = environ.Env.db_url_config(settings.DATABASE_ADMIN_URL)
    connection = psycopg2.connect(
        dbname=given["NAME"],
        user=given["USER"] or None,
        password=given["PASSWORD"] or None,
        host=given["HOST"] or None,
        port=given["PORT"] or None,
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
