"""The nightly check that the history of every place is one chain without a gap."""

from django.db import connection

from responsibility.jobs import services as jobs

CHECK = "divisions.check_versions"
GAPS = """
WITH chain AS (
    SELECT division_id, validity,
           lag(upper(validity)) OVER w AS before,
           row_number() OVER (PARTITION BY division_id ORDER BY lower(validity) DESC) AS place
    FROM divisions_divisionversion
    WINDOW w AS (PARTITION BY division_id ORDER BY lower(validity))
)
SELECT d.code, 'gap' AS kind, c.before::text AS at
FROM chain c JOIN divisions_division d ON d.id = c.division_id
WHERE c.before IS DISTINCT FROM lower(c.validity) AND c.before IS NOT NULL
UNION ALL
SELECT d.code, 'end', coalesce(upper(c.validity)::text, '')
FROM divisions_division d LEFT JOIN chain c ON c.division_id = d.id AND c.place = 1
WHERE c.division_id IS NULL
   OR (d.abolished_on IS NULL AND NOT upper_inf(c.validity))
   OR (d.abolished_on IS NOT NULL AND upper_inf(c.validity))
UNION ALL
SELECT d.code, 'today', v.name
FROM divisions_division d JOIN divisions_divisionversion v ON v.division_id = d.id
WHERE upper_inf(v.validity) AND lower(v.validity) <= CURRENT_DATE
  AND (v.code, v.name, v.parent_id) IS DISTINCT FROM (d.code, d.name, d.parent_id)
ORDER BY 1, 2
LIMIT 200
"""
WORDS = {
    "gap": "两段沿革之间缺了一段（从 {at} 起）",
    "end": "沿革的末尾与是否撤销不符",
    "today": "沿革最后一段与现名、现码、现上级不符",
}


class BrokenChain(Exception):  # noqa: N818
    """The history of a place has a gap."""


def gaps() -> list[tuple[str, str]]:
    """Return the code of each place whose history is no chain, and what is wrong (at most 200)."""
    with connection.cursor() as cursor:
        cursor.execute(GAPS)
        return [(code, WORDS[kind].format(at=at)) for code, kind, at in cursor.fetchall()]


def check_versions() -> int:
    """Check every place; what is wrong becomes one dead letter for the system administrator."""
    found = gaps()
    if found:
        first = "；".join(f"{code}：{words}" for code, words in found[:5])
        text = f"{len(found)} 处区划沿革不连续：{first}"
        jobs.bury(task=CHECK, arguments=[], error=BrokenChain(text))
    return len(found)
