"""What others read of letters: signed or not, the settled lines, what waits for a signature."""

from typing import Any

from django.db.models import Q

from responsibility.common import clock
from responsibility.divisions.models import Body
from responsibility.letters.models import Letter, LetterLine
from responsibility.letters.rules import State
from responsibility.postings.models import Tenure

OPEN = 100


def unsigned_by(user: Any) -> Any:
    """Return the issued letters that wait for this user's own signature, in the standard order."""
    held = Tenure.objects.current(clock.today()).filter(person__user_id=user.pk)
    posts, bodies = held.values("post"), held.values("post__body")
    return (
        Letter.objects.visible_to(user)
        .filter(status=State.ISSUED)
        .filter(Q(body__in=bodies) | Q(counter__in=bodies))
        .exclude(signatures__post__in=posts)
        .order_by("scope_path", "id")
    )


def waiting_for(user: Any) -> list[Any]:
    """Return the public ids of the letters that wait for this user (100 at most)."""
    return list(unsigned_by(user).values_list("public_id", flat=True)[:OPEN])


def settled_lines(body: Body, year: int) -> list[LetterLine]:
    """Return the frozen lines of a body's settled letters of a year."""
    rows = LetterLine.objects.filter(
        letter__body=body, letter__year=year, letter__status=State.SETTLED
    )
    return list(rows.select_related("indicator", "letter__kind").order_by("letter_id", "position"))


def letter_of(body: Body, year: int, duty_id: int | None = None) -> Letter | None:
    """Return the letter of a body and year that is nearest to being in force."""
    rows = Letter.objects.living().filter(body=body, year=year)
    if duty_id is not None:
        rows = rows.filter(kind__duty_id=duty_id)
    order = [State.SETTLED, State.SIGNED, State.ISSUED, State.CONSULTING, State.DRAFT]
    found = sorted(rows.select_related("kind"), key=lambda row: order.index(State(row.status)))
    return found[0] if found else None
