"""What the shell of every page asks the outbox."""

from django.db import connection
from django.http import HttpRequest

# The user's own inbox only; asked by every page, so not composed anew each time.
UNREAD = """
SELECT count(*) FROM (
  SELECT 1 FROM outbox_notice WHERE user_id = %s AND read_at IS NULL LIMIT 99
) AS unread
"""


def unread(request: HttpRequest) -> int:
    """Return how many unread notices the user has, up to 99."""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [request.user.pk])
        (count,) = cursor.fetchone()
    return int(count)
