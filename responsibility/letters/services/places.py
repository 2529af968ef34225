"""What a change of the tree does to letters: a promise is not ended by itself, it is listed."""

from typing import Any

from django.db.models import Q
from django.urls import reverse

from responsibility.divisions.rules import Fate
from responsibility.divisions.services.effects import Effect, Outcome, by_division
from responsibility.letters.models import Letter
from responsibility.letters.rules import State


def on_division_changed(sender: Any, *, outcome: Outcome, by: Any, **kwargs: Any) -> list[Effect]:
    """Name the letters that a place which is gone still has to sign or to settle."""
    if not outcome.ended:
        return []
    gone = Q(division__in=outcome.ended) | Q(counter__division__in=outcome.ended)
    rows = Letter.objects.living().filter(gone).exclude(status=State.SETTLED)
    found = rows.select_related("kind", "body", "counter").order_by("id")
    return by_division(
        [
            (
                row.division_id if row.division_id in outcome.ended else row.counter.division_id,
                str(row),
                reverse("letter", args=[row.public_id]),
            )
            for row in found
        ],
        what="责任书",
        fate=Fate.LEFT,
        note="没有签署的请撤回；已签的与继受单位另签替换书或对账",
    )
