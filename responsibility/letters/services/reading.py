"""What others read of letters: signed or not, and the settled lines."""

from responsibility.divisions.models import Body
from responsibility.letters.models import Letter, LetterLine
from responsibility.letters.rules import State


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
