"""The tree itself: paths, and the copies of paths that rows carry."""

from datetime import date
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from responsibility.common.models import Scoped
from responsibility.common.scoping import upper_bound
from responsibility.divisions.models import Division, DivisionVersion
from responsibility.divisions.rules import DivisionKind, Tier, pinyin_of, standard_order

TREE_LOCK = 7_201_102
BEGINNING = date(1949, 10, 1)


def lock_tree() -> None:
    """Let one change of the tree go at a time (held until the transaction ends)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])


@transaction.atomic
def create_division(
    *,
    code: str,
    name: str,
    tier: str,
    parent: Division | None,
    kind: str = DivisionKind.STATUTORY,
    since: date = BEGINNING,
) -> Division:
    """Create one division with its first version; the caller audits."""
    pinyin, initials = pinyin_of(name)
    division = Division(
        code=code,
        name=name,
        tier=tier,
        kind=kind,
        parent=parent,
        pinyin=pinyin,
        initials=initials,
        sort_key=standard_order(code, kind),
    )
    division.path = "?"
    division.save()
    division.path = f"{parent.path if parent else ''}{division.pk}/"
    above = parent.county_id if parent else None
    division.county_id = division.pk if tier == Tier.COUNTY else above
    division.save(update_fields=["path", "county_id"])
    DivisionVersion.objects.create(
        division=division,
        validity=(since, None),
        code=code,
        name=name,
        tier=tier,
        kind=kind,
        parent=parent,
    )
    return division


def move_subtree(division: Division, parent: Division) -> int:
    """Put a division and all below it under another parent; return how many copies changed.

    The caller holds the lock of the tree. Rewrites the paths and counties of the subtree, and
    their copies on every scoped row, in the caller's transaction.
    """
    old, new = division.path, f"{parent.path}{division.pk}/"
    county = division.pk if division.tier == Tier.COUNTY else parent.county_id
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE divisions_division SET path = %s || substr(path, %s), "
            "county_id = CASE WHEN county_id IS NOT DISTINCT FROM %s AND tier IN ('township', "
            "'village') THEN %s ELSE county_id END WHERE path >= %s AND path < %s",
            [new, len(old) + 1, division.county_id, county, old, upper_bound(old)],
        )
    division.parent, division.path, division.county_id = parent, new, county
    return rewrite_copies(new)


def scoped_models() -> list[type[Any]]:
    """Return every concrete model that carries a copy of its division's path."""
    return [model for model in apps.get_models() if issubclass(model, Scoped)]


def rewrite_copies(path: str) -> int:
    """Rewrite the copied paths of all rows whose division lies under ``path``; return how many."""
    changed = 0
    with connection.cursor() as cursor:
        for model in scoped_models():
            table = model._meta.db_table
            cursor.execute(
                f'UPDATE "{table}" t SET scope_path = d.path, county_id = d.county_id '  # noqa: S608
                "FROM divisions_division d WHERE t.division_id = d.id "
                "AND d.path >= %s AND d.path < %s "
                "AND (t.scope_path, t.county_id) IS DISTINCT FROM (d.path, d.county_id)",
                [path, upper_bound(path)],
            )
            changed += cursor.rowcount
    return changed
