"""Who hears of a reminder: functions over a whole batch, so that each asks once.

A provider gets the batch and the day and returns {deadline id: user ids}; what several return is
united. The one that ships goes by current postings.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from responsibility.deadlines.models import Deadline
from responsibility.deadlines.rules import Step
from responsibility.postings.models import Posting
from responsibility.postings.rules import Role


@dataclass(frozen=True)
class Addressed:
    """One deadline and the step that it has reached (its division is loaded)."""

    deadline: Deadline
    step: Step

    @property
    def own(self) -> int:
        """Return the id of the division that bears it."""
        return self.deadline.division_id

    @property
    def up(self) -> int:
        """Return the id of the division one tier up (the city stands for itself)."""
        return self.deadline.division.parent_id or self.deadline.division_id


Recipients = Mapping[int, Iterable[int]]
Provider = Callable[[Sequence[Addressed], date], Recipients]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a provider (once)."""
    if provider not in _providers:
        _providers.append(provider)


def of_batch(batch: Sequence[Addressed], today: date) -> dict[int, set[int]]:
    """Return the users to tell, by deadline id."""
    found: dict[int, set[int]] = defaultdict(set)
    for provider in _providers:
        for key, users in provider(batch, today).items():
            found[key].update(users)
    return found


def _posted(
    batch: Sequence[Addressed], today: date
) -> dict[int, list[tuple[int, int | None, str]]]:
    own, up = {item.own for item in batch}, {item.up for item in batch if item.step.escalate}
    own_roles = {role for item in batch for role in item.step.to}
    up_roles = {role for item in batch if item.step.escalate for role in item.step.up}
    rows = (
        Posting.objects.current(today)
        .filter(user__is_active=True)
        .filter(
            Q(division_id__in=own, role__in=own_roles) | Q(division_id__in=up, role__in=up_roles)
        )
        .values_list("division_id", "user_id", "body_id", "role")
    )
    at: dict[int, list[tuple[int, int | None, str]]] = defaultdict(list)
    for division_id, user_id, body_id, role in rows:
        at[division_id].append((user_id, body_id, role))
    return at


def by_posting(batch: Sequence[Addressed], today: date) -> Recipients:
    """Return the users with a current posting for the body or its division, in one query.

    A posting at one body hears only of that body; member units only ever of their own. Escalation
    goes to postings for the whole division one administrative tier up.
    """
    at = _posted(batch, today)
    found: dict[int, set[int]] = {}
    for item in batch:
        body = item.deadline.body_id
        users = {
            user
            for user, at_body, role in at[item.own]
            if role in item.step.to
            and (at_body == body if at_body or role == Role.MEMBER else True)
        }
        if item.step.escalate:
            users |= {
                user
                for user, at_body, role in at[item.up]
                if role in item.step.up and at_body is None
            }
        found[item.deadline.pk] = users
    return found
