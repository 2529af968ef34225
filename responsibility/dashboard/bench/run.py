"""What is measured, and against what."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Permission
from django.contrib.sessions.backends.cached_db import SessionStore
from django.db import connection

from accounts.models import User
from accounts.services import create_service_account, issue_token
from responsibility.common import clock
from responsibility.common.rights import Right
from responsibility.common.scoping import upper_bound
from responsibility.dashboard.bench import figures, growth, nation, records
from responsibility.dashboard.bench.measure import line, measure, ours
from responsibility.divisions.models import Division
from responsibility.duties.models import Assignment
from responsibility.postings.models import DivisionGrant

TIERS = {
    "village": ("recorder", "371502011001"),
    "township": ("recorder", "371502011"),
    "county": ("office", "371525"),
    "city": ("office", "3715"),
}
ASSIGNMENTS = """
SELECT a.public_id::text AS id, d.key AS duty, d.title, b.public_id::text AS body,
       b.name AS body_name, v.code AS division, v.name AS division_name, a.year, a.standing,
       a.status, a.due_on::text, a.created_at::text, a.updated_at::text
FROM duties_assignment a JOIN duties_duty d ON d.id = a.duty_id
JOIN divisions_body b ON b.id = a.body_id JOIN divisions_division v ON v.id = a.division_id
WHERE a.scope_path >= %s AND a.scope_path < %s ORDER BY a.created_at, a.id LIMIT %s
"""
PROGRESS = """
SELECT p.public_id::text AS id, a.public_id::text AS assignment, d.key AS duty, v.code AS division,
       b.name AS body_name, p.period, p.done_on::text, p.text, p.status, p.reason, p.content_hash,
       p.submitted_at::text, p.reviewed_at::text, p.voided_at::text, p.updated_at::text
FROM progress_progressentry p JOIN duties_assignment a ON a.id = p.assignment_id
JOIN duties_duty d ON d.id = a.duty_id JOIN divisions_body b ON b.id = p.body_id
JOIN divisions_division v ON v.id = p.division_id
WHERE p.scope_path >= %s AND p.scope_path < %s ORDER BY p.created_at, p.id LIMIT %s
"""
FLOORS = {"assignments": ASSIGNMENTS, "progress": PROGRESS}


def bare(sql: str, prefix: str, rows: int) -> Callable[..., Any]:
    """Return a WSGI application that runs the SQL by psycopg2 and writes it by orjson."""

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        with connection.cursor() as wrapped:
            cursor = wrapped.cursor
            cursor.execute(sql, [prefix, upper_bound(prefix), rows])
            names = [column.name for column in cursor.description]
            body = orjson.dumps(
                {"results": [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]}
            )
        start("200 OK", [("Content-Type", "application/json")])
        return [body]

    return application


def _division(code: str) -> Division:
    return Division.objects.get(code=code.ljust(12, "0"))


def session_of(user: User) -> str:
    """Return a session key of a signed-in user."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def token_of(code: str) -> str:
    """Return a token that reads one division's subtree."""
    user = create_service_account(username=f"bench-{secrets.token_hex(4)}", label="测量")
    for right in (Right.VIEW, Right.API_READ):
        permission = Permission.objects.get(
            codename=right.value, content_type__app_label="divisions"
        )
        DivisionGrant.objects.create(
            user=user,
            permission=permission,
            content_object=_division(code),
            validity=(clock.today(), None),
            reason="测量",
        )
    scopes = ["duties:read", "progress:read", "divisions:read", "figures:read"]
    return issue_token(user=user, name="bench", scopes=scopes, by=None)[1]


def pages(application: Callable[..., Any]) -> Iterator[str]:
    """Measure the pages of each tier, against the sign-in page."""
    sign_in = measure(application, "/login/", {})
    yield line("page login", sign_in, None)
    for tier, (role, code) in TIERS.items():
        user = User.objects.get(username=f"{role}-{code}")
        cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(user)}"}
        place = _division(code)
        row = Assignment.objects.filter(division=place, standing="active").order_by("id").first()
        addresses = {"workbench": "/", "duties": "/duties/", "overview": "/overview/"}
        if row is not None:
            addresses["assignment"] = f"/duties/{row.public_id}/"
        for name, path in addresses.items():
            seen = measure(application, path, cookie)
            yield line(f"page {name} {tier}", seen, sign_in.milliseconds)


def lists(application: Callable[..., Any]) -> Iterator[str]:
    """Measure the API's lists of each tier, against the same SQL without a framework."""
    for tier, (_, code) in TIERS.items():
        header = {"Authorization": f"Bearer {token_of(code)}"}
        prefix = _division(code).path
        for rows in (50, 500):
            for name, sql in FLOORS.items():
                floor = measure(bare(sql, prefix, rows), "/", {})
                seen = measure(application, f"/api/v1/{name}/?page_size={rows}", header)
                yield line(f"api {name} {tier} {rows}", seen, floor.milliseconds)
    header = {"Authorization": f"Bearer {token_of('3715')}"}
    for name in ("divisions", "bodies", "duties", "deadlines", "figures"):
        yield line(f"api {name} city 50", measure(application, f"/api/v1/{name}/", header), None)


def _office() -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers of the city's office: of its token, of its session."""
    user = User.objects.get(username="office-3715")
    token = {"Authorization": f"Bearer {token_of('3715')}"}
    return token, {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(user)}"}


def sizes(application: Callable[..., Any]) -> Iterator[str]:
    """Measure what grows, single records, and imports."""
    header, cookie = _office()
    yield from records.one(application, header)
    yield from records.imports()
    yield from growth.memory(application, lambda: token_of("3715"), cookie)
    yield from growth.rows(application, header, cookie)


def table(national: bool = False) -> Iterator[str]:
    """Return every line; with ``national`` those of the nation only."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": {"token": None},
    }
    application = ours()
    if national:
        yield from nation.lines(application, session_of, token_of)
        return
    yield from pages(application)
    yield from lists(application)
    yield from sizes(application)
    yield from figures.lines()
