"""A nation of cities: 聊城 beside 259 copies of its tree, 2 million assignments, 665,000 divisions.

The copies lie below one root of their own, so 聊城 keeps its path. The last copy is *stale*: all of
its rows are years old, which a planner that bets on even spread in time does not expect.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings

from accounts.models import User
from responsibility.common import clock
from responsibility.dashboard.bench.measure import line, measure
from responsibility.dashboard.bench.owner import owner
from responsibility.divisions.models import Division
from responsibility.postings.models import Posting
from responsibility.regulations.models import Programme

COPIES = 259
TOP = 10_000_000
STEP = 10_000
ROOT = "N00000000000"
STATEMENTS = (
    # the root
    """
INSERT INTO divisions_division (id, code, name, tier, kind, path, pinyin, initials, sort_key)
OVERRIDING SYSTEM VALUE VALUES
 (%(top)s, %(root)s, '全国', 'city', 'statutory', %(top)s || '/', '', '', 'a' || %(root)s)
""",
    # the trees: each id moved by a fixed step, the path rewritten part by part
    """
CREATE TEMPORARY TABLE tree AS
SELECT id, code, name, tier, kind, parent_id, county_id, sort_key,
       string_to_array(trim(trailing '/' FROM path), '/')::bigint[] AS ids
FROM divisions_division WHERE path >= '1/' AND path < '10' AND abolished_on IS NULL
""",
    """
INSERT INTO divisions_division
 (id, code, name, tier, kind, path, county_id, pinyin, initials, sort_key, parent_id)
OVERRIDING SYSTEM VALUE
SELECT t.id + b.base, 'C' || lpad(upper(to_hex(n)), 3, '0') || substr(t.code, 5), t.name, t.tier,
       t.kind, %(top)s || '/' || (SELECT string_agg((one + b.base)::text, '/' ORDER BY place)
         FROM unnest(t.ids) WITH ORDINALITY AS part(one, place)) || '/',
       t.county_id + b.base, '', '', t.sort_key, coalesce(t.parent_id + b.base, %(top)s)
FROM generate_series(1, %(copies)s) n
CROSS JOIN LATERAL (SELECT %(top)s + n * %(step)s AS base) b CROSS JOIN tree t
""",
    # one main body at each place
    """
INSERT INTO divisions_body (id, division_id, scope_path, county_id, kind_id, name, is_main, is_demo)
OVERRIDING SYSTEM VALUE
SELECT d.id, d.id, d.path, d.county_id, k.kind_id, d.name, true, true
FROM divisions_division d
JOIN LATERAL (SELECT kind_id FROM divisions_body b JOIN divisions_division o ON o.id = b.division_id
 WHERE b.is_main AND o.tier = d.tier AND o.id < %(top)s LIMIT 1) k ON true
WHERE d.id > %(top)s
""",
    # three duties each: 2 million
    """
INSERT INTO duties_assignment (duty_id, body_id, division_id, scope_path, county_id, year, standing,
 standing_reason, status, due_on, created_at)
SELECT y.id, d.id, d.id, d.path, d.county_id, %(year)s, 'active', '',
 CASE WHEN (d.id + y.id) %% 3 = 0 THEN 'done' ELSE 'in_progress' END,
 make_date(%(year)s, 1 + ((d.id + y.id) %% 12)::int, 28),
 now() - ((d.id * 7 + y.id) %% 300) * interval '1 day'
   - CASE WHEN d.id >= %(stale)s THEN interval '3 years' ELSE interval '0' END
FROM divisions_division d
CROSS JOIN (SELECT id FROM duties_duty ORDER BY id LIMIT 3) y
WHERE d.id > %(top)s
""",
    # a deadline each, one in twelve late, as 聊城's are
    """
INSERT INTO deadlines_deadline (subject_type, subject_id, title, body_id, rule_id, rule_key, period,
 division_id, scope_path, county_id, starts_on, base_due_on, due_on, uncertain, moved_reason,
 status, colour, step, paused_days, close_reason, created_at, settled_on)
SELECT 'bench', gen_random_uuid(), '测量', d.id, r.id, r.key, '', d.id, d.path, d.county_id,
 make_date(%(year)s, 1, 1), x.due, x.due, false, '', x.status,
 CASE WHEN x.status = 'met' THEN 'none' WHEN d.id %% 24 = 0 THEN 'red' WHEN d.id %% 24 = 12
  THEN 'yellow' ELSE 'none' END, 0, 0, '',
 now() - (d.id %% 300) * interval '1 day'
   - CASE WHEN d.id >= %(stale)s THEN interval '3 years' ELSE interval '0' END,
 CASE WHEN x.status = 'met' THEN x.due END
FROM divisions_division d
CROSS JOIN (SELECT id, key FROM deadlines_deadlinerule ORDER BY id LIMIT 1) r
CROSS JOIN LATERAL (SELECT make_date(%(year)s, 1 + (d.id %% 12)::int, 28) AS due,
 CASE WHEN d.id %% 12 IN (0, 3, 6) THEN 'open' ELSE 'met' END AS status) x
WHERE d.id > %(top)s
""",
)
TABLES = (
    "divisions_division",
    "divisions_body",
    "duties_assignment",
    "deadlines_deadline",
    "postings_posting",
)
PAGES = {
    "workbench": "/",
    "duties": "/duties/",
    "deadlines": "/deadlines/",
    "overview": "/overview/",
}
FEEDS = ("assignments", "deadlines", "divisions")


def load() -> int:
    """Make the nation if it is not there yet; return its divisions."""
    if not Division.objects.filter(code=ROOT).exists():
        values = {
            "top": TOP,
            "step": STEP,
            "copies": COPIES,
            "root": ROOT,
            "year": clock.today().year,
            "stale": TOP + COPIES * STEP,
        }
        with owner() as cursor:
            for statement in STATEMENTS:
                cursor.execute(statement, values)
            for table in TABLES:
                cursor.execute(f"VACUUM ANALYZE {table}")
    return Division.objects.count()


def _office(code: str) -> User:
    """Return an account that sees one division as 聊城's office sees its city."""
    place = Division.objects.get(code=code)
    user, made = User.objects.get_or_create(
        username=f"bench-{code}", defaults={"label": "测量", "is_demo": True}
    )
    if made:
        row = Posting(user=user, role="office", validity=(clock.today(), None))
        row.programme = Programme.objects.order_by("id").first()
        row.place(place)
        row.save()
    return user


def lines(
    application: Callable[..., Any],
    session_of: Callable[[User], str],
    token_of: Callable[[str], str],
) -> Iterator[str]:
    """Measure the city inside the nation, an even and a stale copy, and the nation itself."""
    first, last = (f"C{number:03X}00000000" for number in (1, COPIES))
    viewers = {
        "city": User.objects.get(username="office-3715"),
        "copy": _office(first),
        "stale city": _office(last),
        "nation": _office(ROOT),
    }
    usual: dict[str, float] = {}
    for viewer, user in viewers.items():
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(user)}"}
        for name, path in PAGES.items():
            seen = measure(application, path, headers)
            floor = usual.setdefault(name, seen.milliseconds)
            yield line(f"national page {name} {viewer}", seen, floor)
    # 聊城's own token sees a whole tree here; a nation's city lies below the root, as a copy does
    codes = {"city": first, "stale city": last, "nation": ROOT}
    for viewer, code in codes.items():
        headers = {"Authorization": f"Bearer {token_of(code)}"}
        for name in FEEDS:
            seen = measure(application, f"/api/v1/{name}/?page_size=50", headers)
            floor = usual.setdefault(f"api {name}", seen.milliseconds)
            yield line(f"national api {name} 50 {viewer}", seen, floor)
