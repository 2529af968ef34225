"""One record read and written with its audit, and lists loaded with receipt and audit."""

import json
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from responsibility.common.scoping import forget
from responsibility.dashboard.bench.measure import measure
from responsibility.divisions.services.importing import load_divisions
from responsibility.duties.models import Assignment
from responsibility.progress.models import ProgressEntry
from responsibility.progress.services import entries

READ = """
SELECT a.*, d.*, b.*, v.* FROM duties_assignment a JOIN duties_duty d ON d.id = a.duty_id
JOIN divisions_body b ON b.id = a.body_id JOIN divisions_division v ON v.id = a.division_id
WHERE a.public_id = %s AND a.scope_path >= %s AND a.scope_path < %s
"""
LOCK = "SELECT * FROM progress_progressentry WHERE id = %s FOR UPDATE"
WRITE = "UPDATE progress_progressentry SET text = %s, revision = revision + 1 WHERE id = %s"
AUDIT = """
INSERT INTO audit_event (at, actor_id, actor, role, verb, target, target_id, scope_path, body,
 digest) SELECT statement_timestamp(), actor_id, actor, role, verb, target, target_id, scope_path,
 body, digest FROM audit_event ORDER BY id DESC LIMIT 1
"""
REPEAT = 25
ROWS = 20_000


def _line(name: str, value: float, unit: str, floor: float | None, statements: int | None) -> str:
    return json.dumps(
        {
            "measure": name,
            "value": round(value, 2),
            "unit": unit,
            "floor": None if floor is None else round(floor, 2),
            "ratio": round(value / floor, 2) if floor else None,
            "queries": statements,
        }
    )


def _median(act: Callable[[int], Any]) -> float:
    """Return the median milliseconds of an act; the first two only warm up."""
    times = []
    for number in range(REPEAT):
        begun = perf_counter()
        act(number)
        times.append((perf_counter() - begun) * 1000)
    return sorted(times[2:])[(REPEAT - 2) // 2]


def _plain(number: int, key: int) -> None:
    """Write one entry and its event by SQL alone, in a transaction of their own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, [key])
        cursor.fetchone()
        cursor.execute(WRITE, [f"底线 {number}", key])
        cursor.execute(AUDIT)


def _read(row: Assignment) -> float:
    """Return the milliseconds of one assignment read by SQL and its reading recorded."""
    arguments = [str(row.public_id), "1/", "10"]

    def act(_: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(READ, arguments)
            cursor.fetchall()
            cursor.execute(AUDIT)

    return _median(act)


def one(application: Callable[..., Any], header: dict[str, str]) -> Iterator[str]:
    """Measure one record over the API, and one saved by its service; nothing is left behind."""
    row = Assignment.objects.filter(standing="active", division__tier="village").first()
    if row is None:
        return
    seen = measure(application, f"/api/v1/assignments/{row.public_id}/", header)
    found = []
    with transaction.atomic():
        plain = _read(row)
        found.append(
            _line("one record read, audited", seen.milliseconds, "ms", plain, seen.queries)
        )
        user = User.objects.get(username=f"recorder-{row.division.code}")
        entry = entries.start(by=user, assignment=row)

        def write(number: int) -> None:
            forget(user)
            fresh = ProgressEntry.objects.get(pk=entry.pk)
            content = entries.Content(text=f"第 {number} 次修改")
            entries.save_draft(by=user, entry=fresh, content=content)

        ours = _median(write)
        plain = _median(lambda number: _plain(number, entry.pk))
        found.append(_line("one record written, audited", ours, "ms", plain, None))
        transaction.set_rollback(True)
    yield from found


def imports() -> Iterator[str]:
    """Measure a list of 20,000 new divisions, receipt and audit included; leave nothing."""
    head = "code,name,tier,parent_code,kind"
    lines = [f"9{number:011d},测量村{number},village,371502011000," for number in range(ROWS)]
    sheet = "\n".join([head, *lines]).encode()
    with transaction.atomic():
        begun = perf_counter()
        load_divisions(data=sheet, file_name="bench.csv")
        seconds = perf_counter() - begun
        transaction.set_rollback(True)
    yield _line(f"import of {ROWS:,} divisions", ROWS / seconds, "rows/s", None, None)
