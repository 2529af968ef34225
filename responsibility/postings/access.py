"""What a user holds today: postings by the rights table, plus the named exceptions."""

from typing import Any, NamedTuple

from django.db import connection

from responsibility.common import clock
from responsibility.common.rights import Right
from responsibility.common.scoping import Grant
from responsibility.postings.rules import ROLE_LABELS, Role, rights_of

# Every request asks this first. By the ORM the two halves cost more to compose than to run.
# The places are looked up one by one (OFFSET 0 keeps it so): a planner whose statistics are older
# than the newest places would else merge with the whole table of divisions (270 ms for a nation).
HELD = """
SELECT p.id, p.role, d.tier, d.path, p.body_id, p.division_id, p.programme_id,
       upper(p.validity) AS until, coalesce(b.name, d.name) AS place,
       '' AS permission, '' AS reason, d.code, d.name AS territory
FROM postings_posting p
CROSS JOIN LATERAL (SELECT * FROM divisions_division WHERE id = p.division_id OFFSET 0) d
LEFT JOIN divisions_body b ON b.id = p.body_id
WHERE p.user_id = %(user)s AND p.voided_at IS NULL AND p.validity @> %(today)s::date
UNION ALL
SELECT g.id, '', d.tier, d.path, NULL, d.id, NULL, upper(g.validity), d.name, m.codename, g.reason,
       d.code, d.name
FROM postings_divisiongrant g
CROSS JOIN LATERAL (SELECT * FROM divisions_division WHERE id = g.content_object_id OFFSET 0) d
JOIN auth_permission m ON m.id = g.permission_id
WHERE g.user_id = %(user)s AND g.validity @> %(today)s::date
ORDER BY permission, id
"""


class Held(NamedTuple):
    """One row of the question above; ``role`` is empty for an exception."""

    id: int
    role: str
    tier: str
    path: str
    body_id: int | None
    division_id: int
    programme_id: int | None
    until: Any
    place: str
    permission: str
    reason: str
    code: str
    territory: str


def grants_of(user: Any) -> tuple[Grant, ...]:
    """Return the grants in force today, postings before exceptions, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"user": user.pk, "today": clock.today()})
        rows = [Held(*row) for row in cursor.fetchall()]
    return tuple(_posting(row) if row.role else _exception(row, user) for row in rows)


def _posting(row: Held) -> Grant:
    return Grant(
        role=row.role,
        tier=row.tier,
        prefix=row.path,
        rights=rights_of(row.role, row.tier),
        source=f"{row.place}{ROLE_LABELS[Role(row.role)]}",
        body_id=row.body_id,
        division_id=row.division_id,
        programme_id=row.programme_id,
        until=row.until,
        code=row.code,
        territory=row.territory,
    )


def _exception(row: Held, user: Any) -> Grant:
    return Grant(
        role="api" if user.is_service else "exception",
        tier=row.tier,
        prefix=row.path,
        rights=frozenset({Right(row.permission)}),
        source=f"例外授权：{row.place}（{row.reason}）",
        division_id=row.division_id,
        until=row.until,
        code=row.code,
        territory=row.territory,
    )
