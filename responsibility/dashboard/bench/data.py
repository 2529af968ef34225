"""The city at full size: its assignments and 100,000 progress entries."""

from django.db import connection

from responsibility.dashboard.bench.owner import owner
from responsibility.progress.models import ProgressEntry

TARGET = 100_000
OWN = {"id", "public_id", "created_at", "updated_at"}
# The newest copies go first: nothing hangs on a copy.
FEWER = """
DELETE FROM progress_progressentry WHERE id IN
 (SELECT id FROM progress_progressentry ORDER BY id DESC LIMIT %s)
"""


def top_up(target: int = TARGET) -> int:
    """Copy passed entries back in time until there are ``target``; return how many there are."""
    have = ProgressEntry.objects.count()
    passed = ProgressEntry.objects.filter(status="passed").count()
    if have >= target or not passed:
        return have
    names = [
        field.column for field in ProgressEntry._meta.concrete_fields if field.column not in OWN
    ]
    columns = ", ".join(f'"{name}"' for name in names)
    copies = (target - have) // passed + 1
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO progress_progressentry ({columns}, created_at) "  # noqa: S608
            f"SELECT {columns}, created_at - n * interval '11 hours' "
            "FROM progress_progressentry, generate_series(1, %s) n "
            "WHERE status = 'passed' ORDER BY n, id LIMIT %s",
            [copies, target - have],
        )
        cursor.execute("ANALYZE")
    return ProgressEntry.objects.count()


def settle(target: int) -> int:
    """Have as many progress entries as asked, copies added or taken away, and no dead rows."""
    have = top_up(target)
    with owner() as cursor:
        if have > target:
            cursor.execute(FEWER, [have - target])
        cursor.execute("VACUUM ANALYZE progress_progressentry")
    return ProgressEntry.objects.count()
