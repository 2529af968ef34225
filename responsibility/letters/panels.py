"""What letters show elsewhere: the workbench, the duty that asks for a signature."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines import subjects
from responsibility.duties.checks import Found
from responsibility.duties.models import Assignment
from responsibility.figures.models import Indicator
from responsibility.figures.readers import Use
from responsibility.letters.models import Confirmation, Letter, LetterLine
from responsibility.letters.rules import State
from responsibility.letters.services.reading import letter_of, unsigned_by

OPEN = 10


def _to_confirm(user: Any) -> "QuerySet[Confirmation]":
    return Confirmation.objects.filter(confirmed_at=None, tenure__person__user_id=user.pk)


def waiting(request: HttpRequest, obj: Any) -> "QuerySet[Letter] | None":
    """Return the letters that wait for the user's own signature or confirmation."""
    user: Any = request.user
    if not access_of(user).has(Right.SIGN):
        return None
    confirm = _to_confirm(user).values("letter")
    unsigned = unsigned_by(user).order_by().values("pk")
    return Letter.objects.filter(Q(pk__in=unsigned) | Q(pk__in=confirm))


def on_workbench(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """Letters that wait for the user's own signature or confirmation."""
    user: Any = request.user
    confirm = _to_confirm(user).select_related("letter__kind", "letter__body")
    letters = list(unsigned_by(user).with_names()[: OPEN + 1])
    found = list(confirm[:OPEN])
    if not letters and not found:
        return None
    context = {"letters": letters[:OPEN], "more": len(letters) > OPEN, "confirmations": found}
    return "letters/_on_workbench.html", context


def signed(assignment: Assignment) -> Found | None:
    """Say whether the letter that a duty asks for is signed by all."""
    row = letter_of(assignment.body, assignment.year, assignment.duty_id)
    done = int(row is not None and row.status in (State.SIGNED, State.SETTLED))
    words = row.get_status_display() if row else "还没有起草"
    url = reverse("letter", args=[row.public_id]) if row else ""
    return Found(done, 1, f"责任书：{words}", url)


def timing() -> None:
    """Tell the deadlines where a letter's page is."""
    subjects.register(
        "letters.letter",
        subjects.Kind(
            address=lambda public_id: f"/letters/{public_id}/",
            rows=Letter.objects.with_names,
            title=str,
        ),
    )


def reading_indicator(request: HttpRequest, indicator: Indicator) -> list[Use]:
    """The letters of the user's territory that promise a number of this indicator, by year."""
    lines = LetterLine.objects.filter(
        indicator=indicator, letter__in=Letter.objects.visible_to(request.user)
    )
    years = lines.values("letter__year").annotate(count=Count("letter", distinct=True))
    return [
        Use("责任书", f"{row['letter__year']}年度 {row['count']} 份", reverse("letter_list"))
        for row in years.order_by("-letter__year")[:10]
    ]
