"""Telling administrators what concerns them alone."""

from typing import Any

from responsibility.common import clock
from responsibility.outbox import services as outbox
from responsibility.outbox.rules import Level
from responsibility.postings.models import Posting
from responsibility.postings.rules import Role


def users_in(*roles: Role) -> list[int]:
    """Return the ids of the active users who hold one of the roles today."""
    held = Posting.objects.current(clock.today()).filter(role__in=roles, user__is_active=True)
    return sorted(set(held.values_list("user_id", flat=True)))


def tell_broken_chain(sender: Any = None, *, problem: Any, event: Any, **kwargs: Any) -> None:
    """Tell the audit and the system administrators, once a day, that the log has been tampered."""
    outbox.notify(
        users=users_in(Role.AUDIT, Role.SYSTEM),
        key=f"audit-broken:{clock.today().isoformat()}",
        title="操作记录核验不通过",
        text=problem.message,
        url="/audit/",
        level=Level.RED,
    )
