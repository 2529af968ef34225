"""Many numbers at once: one COPY, one comparison, one recomputation of the sums above.

The sums are worked out level by level from what was typed, in one statement for a period, and
only those that differ become new versions.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, models, transaction

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict
from responsibility.divisions.models import Body
from responsibility.figures.models import Indicator
from responsibility.figures.services.ledger import as_of

LOCK = 7_201_105
"""The advisory lock that lets one bulk writer in at a time."""


@dataclass(frozen=True)
class Entry:
    """One number to enter: whose, of which indicator and period."""

    body: Body
    indicator: Indicator
    period: str
    value: Decimal


@dataclass(frozen=True)
class Written:
    """What a batch did."""

    created: int
    updated: int
    unchanged: int

    @property
    def written(self) -> int:
        """Return how many new versions there are."""
        return self.created + self.updated


@dataclass(frozen=True)
class Difference:
    """A sum that is not what its parts add up to (None: there is none, or none is due)."""

    indicator: str
    division: str
    period: str
    stored: Decimal | None
    found: Decimal | None
    stored_counts: tuple[int, int]
    found_counts: tuple[int, int]

    @property
    def is_only_expected(self) -> bool:
        """Say whether just the number of places below differs (the tree changed meanwhile)."""
        same = self.stored == self.found and self.stored_counts[0] == self.found_counts[0]
        return same and self.stored is not None


@transaction.atomic
def set_many(*, by: Any, entries: Sequence[Entry], source: models.Model) -> Written:
    """Enter typed numbers of many bodies; equal ones make no new version; sums follow.

    Each (body, indicator, period) stands once among the entries, each indicator is entered at its
    body's tier: whoever calls has checked. Raises Conflict when somebody writes the same just now.
    """
    lock_above(entry.body.scope_path for entry in entries)
    _copy(entries)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_SUPERSEDE)
            updated = cursor.rowcount
            cursor.execute(
                _INSERT, {"by": by.pk, "model": source._meta.label_lower, "id": _public(source)}
            )
            written = cursor.rowcount
            cursor.execute("DROP TABLE figures_incoming")
    except IntegrityError:
        raise Conflict("同一数据正由别人写入，请稍后重试。") from None
    if written:
        periods = {entry.period for entry in entries}
        for period in sorted(periods):
            ids = {entry.indicator.pk for entry in entries if entry.period == period}
            recompute(period=period, indicator_ids=sorted(ids))
        audit.record(
            by=by,
            verb="figures.set_many",
            target=source,
            new={"values": written, "periods": sorted(periods)},
        )
    return Written(written - updated, updated, len(entries) - written)


def _public(source: models.Model) -> str:
    return str(getattr(source, "public_id", source.pk))


def lock_above(paths: Iterable[str]) -> None:
    """Take the lock of bulk writers, and the bodies above, the lower first (as single writers)."""
    above = {int(part) for path in set(paths) for part in path.split("/")[:-2] if part}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(
            "SELECT b.id FROM divisions_body b JOIN divisions_division d ON d.id = b.division_id "
            "WHERE b.is_main AND b.ended_on IS NULL AND d.id = ANY(%s) "
            "ORDER BY length(d.path) - length(replace(d.path, '/', '')) DESC, b.id "
            "FOR UPDATE OF b",
            [sorted(above)],
        )


def _copy(entries: Sequence[Entry]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for entry in entries:
        body = entry.body
        writer.writerow(
            [
                entry.indicator.pk,
                body.pk,
                body.division_id,
                body.scope_path,
                "" if body.county_id is None else body.county_id,
                entry.period,
                entry.value,
            ]
        )
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE figures_incoming (indicator_id bigint, body_id bigint, "
            "division_id bigint, scope_path text, county_id bigint, period text, "
            "value numeric(24,6)) ON COMMIT DROP"
        )
        cursor.copy_expert(
            "COPY figures_incoming FROM STDIN WITH (FORMAT csv, FORCE_NULL (county_id))", buffer
        )


_STANDING = """figures_figurevalue v
    WHERE v.indicator_id = n.indicator_id AND v.body_id = n.body_id AND v.period = n.period
      AND v.dimension = '' AND v.superseded_at IS NULL"""
_SUPERSEDE = """
UPDATE figures_figurevalue AS v SET superseded_at = statement_timestamp()
  FROM figures_incoming AS n
 WHERE v.indicator_id = n.indicator_id AND v.body_id = n.body_id AND v.period = n.period
   AND v.dimension = '' AND v.superseded_at IS NULL AND v.value <> n.value"""
_INSERT = f"""
INSERT INTO figures_figurevalue (indicator_id, body_id, division_id, scope_path, county_id, period,
    dimension, value, source_kind, source_model, source_id, reported, expected, recorded_by_id)
SELECT n.indicator_id, n.body_id, n.division_id, n.scope_path, n.county_id, n.period, '', n.value,
    'typed', %(model)s, %(id)s, 1, 1, %(by)s
  FROM figures_incoming AS n WHERE NOT EXISTS (SELECT 1 FROM {_STANDING})"""  # noqa: S608


_SUMS = """
WITH tree AS (
    SELECT division_id, parent_id, tier FROM divisions_divisionversion
     WHERE validity @> %(day)s::date AND parent_id IS NOT NULL
), leaf AS (
    SELECT v.indicator_id, v.division_id, v.value
      FROM figures_figurevalue v
      JOIN divisions_body b ON b.id = v.body_id AND b.is_main
      JOIN figures_indicator i ON i.id = v.indicator_id AND i.nature <> 'ratio'
     WHERE v.superseded_at IS NULL AND v.source_kind = 'typed' AND v.dimension = ''
       AND v.period = %(period)s AND (%(all)s OR v.indicator_id = ANY(%(ids)s))
), l1 AS (
    SELECT l.indicator_id, t.parent_id AS division_id, sum(l.value) AS value, count(*) AS reported
      FROM leaf l JOIN tree t USING (division_id) GROUP BY 1, 2
), l2 AS (
    SELECT l.indicator_id, t.parent_id AS division_id, sum(l.value) AS value,
           sum(l.reported) AS reported FROM l1 l JOIN tree t USING (division_id) GROUP BY 1, 2
), l3 AS (
    SELECT l.indicator_id, t.parent_id AS division_id, sum(l.value) AS value,
           sum(l.reported) AS reported FROM l2 l JOIN tree t USING (division_id) GROUP BY 1, 2
), l4 AS (
    SELECT l.indicator_id, t.parent_id AS division_id, sum(l.value) AS value,
           sum(l.reported) AS reported FROM l3 l JOIN tree t USING (division_id) GROUP BY 1, 2
), sums AS (
    SELECT indicator_id, division_id, sum(value) AS value, sum(reported)::int AS reported FROM (
        SELECT * FROM l1 UNION ALL SELECT * FROM l2 UNION ALL SELECT * FROM l3
        UNION ALL SELECT * FROM l4) AS every GROUP BY 1, 2
), e1 AS (
    SELECT parent_id AS division_id, tier, count(*) AS n FROM tree GROUP BY 1, 2
), e2 AS (
    SELECT t.parent_id AS division_id, e.tier, sum(e.n) AS n
      FROM e1 e JOIN tree t USING (division_id) GROUP BY 1, 2
), e3 AS (
    SELECT t.parent_id AS division_id, e.tier, sum(e.n) AS n
      FROM e2 e JOIN tree t USING (division_id) GROUP BY 1, 2
), e4 AS (
    SELECT t.parent_id AS division_id, e.tier, sum(e.n) AS n
      FROM e3 e JOIN tree t USING (division_id) GROUP BY 1, 2
), due AS (
    SELECT division_id, tier, sum(n)::int AS n FROM (
        SELECT * FROM e1 UNION ALL SELECT * FROM e2 UNION ALL SELECT * FROM e3
        UNION ALL SELECT * FROM e4) AS every GROUP BY 1, 2
), fresh AS (
    SELECT s.indicator_id, b.id AS body_id, b.division_id, b.scope_path, b.county_id, s.value,
           s.reported, greatest(s.reported, coalesce(d.n, 0)) AS expected
      FROM sums s JOIN figures_indicator i ON i.id = s.indicator_id
      JOIN divisions_body b ON b.division_id = s.division_id AND b.is_main AND b.ended_on IS NULL
      LEFT JOIN due d ON d.division_id = s.division_id AND d.tier = i.tier
), stored AS (
    SELECT v.id, v.indicator_id, v.body_id, v.division_id, v.value, v.reported, v.expected
      FROM figures_figurevalue v
      JOIN divisions_body b ON b.id = v.body_id AND b.ended_on IS NULL
     WHERE v.superseded_at IS NULL AND v.source_kind = 'rollup' AND v.dimension = ''
       AND v.period = %(period)s AND (%(all)s OR v.indicator_id = ANY(%(ids)s))
)
"""
_DIFFER = f"""
CREATE TEMPORARY TABLE figures_differing ON COMMIT DROP AS {_SUMS}
SELECT v.id AS old_id, coalesce(f.indicator_id, v.indicator_id) AS indicator_id,
       coalesce(f.body_id, v.body_id) AS body_id,
       coalesce(f.division_id, v.division_id) AS division_id,
       v.value AS old_value, v.reported AS old_reported, v.expected AS old_expected,
       f.value, f.reported, f.expected
  FROM fresh f FULL JOIN stored v ON v.indicator_id = f.indicator_id AND v.body_id = f.body_id
 WHERE (f.value, f.reported, f.expected) IS DISTINCT FROM (v.value, v.reported, v.expected)
   AND NOT (f.body_id IS NULL AND v.value = 0 AND v.reported = 0)"""  # noqa: S608
_LIST = """
SELECT i.key, d.code, x.old_value, x.value, coalesce(x.old_reported, 0),
       coalesce(x.old_expected, 0), coalesce(x.reported, 0), coalesce(x.expected, 0)
  FROM figures_differing x JOIN figures_indicator i ON i.id = x.indicator_id
  JOIN divisions_division d ON d.id = x.division_id ORDER BY d.sort_key, i.key"""
_REPLACE = """
INSERT INTO figures_figurevalue (indicator_id, body_id, division_id, scope_path, county_id, period,
    dimension, value, source_kind, source_model, source_id, reported, expected)
SELECT x.indicator_id, x.body_id, x.division_id, b.scope_path, b.county_id, %(period)s, '',
       coalesce(x.value, 0), 'rollup', '', '', coalesce(x.reported, 0), coalesce(x.expected, 0)
  FROM figures_differing x JOIN divisions_body b ON b.id = x.body_id"""


@transaction.atomic
def recompute(
    *, period: str, indicator_ids: Sequence[int] | None = None, write: bool = True
) -> list[Difference]:
    """Work every sum of a period out anew from what was typed, and return those that differed.

    With ``write`` they become new versions. None of ``indicator_ids`` means all. The tree is that
    of the period's last day.
    """
    arguments: dict[str, Any] = {
        "day": as_of(period),
        "period": period,
        "all": indicator_ids is None,
        "ids": list(indicator_ids or []),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DIFFER, arguments)
        cursor.execute(_LIST)
        found = [
            Difference(key, code, period, old, new, (was, was_due), (now, due))
            for key, code, old, new, was, was_due, now, due in cursor.fetchall()
        ]
        if found and write:
            cursor.execute(
                "UPDATE figures_figurevalue SET superseded_at = statement_timestamp() "
                "WHERE id IN (SELECT old_id FROM figures_differing)"
            )
            cursor.execute(_REPLACE, {"period": period})
        cursor.execute("DROP TABLE figures_differing")
    return found


def count_sums() -> int:
    """Return how many sums stand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM figures_figurevalue "
            "WHERE superseded_at IS NULL AND source_kind = 'rollup'"
        )
        return int(cursor.fetchone()[0])


def typed_periods() -> list[str]:
    """Return the periods in which anything was typed or summed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT period FROM figures_figurevalue WHERE superseded_at IS NULL ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]
