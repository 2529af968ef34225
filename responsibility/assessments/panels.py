"""What assessments show elsewhere: the workbench, and an article's scores."""

from typing import Any

from django.http import HttpRequest

from responsibility.assessments.models import Rectification, Subject
from responsibility.assessments.rules.running import Mending, Stage
from responsibility.assessments.services import reading
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of

SHOWN = 5


def on_workbench(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """What a unit owes: a self-assessment, a look at its first result, things to mend."""
    held = access_of(request.user)
    scope = held.scope(Right.LOG_PROGRESS)
    owing = (Mending.OPEN, Mending.RETURNED)
    if not scope.prefixes and not scope.bodies:
        return None
    bodies = [grant.body_id for grant in held.grants if grant.body_id]
    places = [grant.division_id for grant in held.grants if grant.body_id is None]
    mine = Subject.objects.visible_to(request.user).living().with_names()
    mine = mine.filter(body__in=bodies) | mine.filter(body__is_main=True, division__in=places)
    asked = list(
        mine.filter(run__status__in=(Stage.SELF, Stage.NOTICED)).order_by("-run__year")[:SHOWN]
    )
    rows = Rectification.objects.visible_to(request.user).filter(status__in=owing)
    rows = rows.filter(body__in=bodies) | rows.filter(body__is_main=True, division__in=places)
    mend = list(rows.select_related("body").order_by("due_on")[:SHOWN])
    if not asked and not mend:
        return None
    return "assessments/_on_workbench.html", {"asked": asked, "mend": mend}


def on_article(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """The scores that rest on an article, of the units that the user sees."""
    rows = list(reading.scores_of_article(request.user, obj.number)[: SHOWN * 4])
    return ("assessments/_on_article.html", {"scores": _named(rows)}) if rows else None


def _named(rows: list[Any]) -> list[tuple[Any, str]]:
    return [(row, row.subject.run.scheme.scheme.leaf(row.leaf).name) for row in rows]
