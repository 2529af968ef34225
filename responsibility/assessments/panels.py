"""What assessments show elsewhere: the workbench, and an article's scores."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from responsibility.assessments.models import Rectification, Subject
from responsibility.assessments.models.running import SubjectQuerySet
from responsibility.assessments.rules.running import Mending, Stage
from responsibility.assessments.services import reading
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Body

SHOWN = 5


def _own(request: HttpRequest) -> Q | None:
    """Return the condition for rows of the user's own units; None for who writes for none."""
    held = access_of(request.user)
    scope = held.scope(Right.LOG_PROGRESS)
    if not scope.prefixes and not scope.bodies:
        return None
    bodies = [grant.body_id for grant in held.grants if grant.body_id]
    places = [grant.division_id for grant in held.grants if grant.body_id is None]
    return Q(body__in=bodies) | Q(body__is_main=True, division__in=places)


def _asked(request: HttpRequest, own: Q) -> SubjectQuerySet:
    mine = Subject.objects.visible_to(request.user).living().filter(own)
    return mine.filter(run__status__in=(Stage.SELF, Stage.NOTICED))


def _to_mend(request: HttpRequest, own: Q) -> "QuerySet[Rectification]":
    owing = (Mending.OPEN, Mending.RETURNED)
    return Rectification.objects.visible_to(request.user).filter(own, status__in=owing)


def owes(request: HttpRequest, obj: Any) -> "QuerySet[Any] | None":
    """Return the user's own units that are asked something, or have something to mend."""
    own = _own(request)
    if own is None:
        return None
    asked = _asked(request, own).values("body_id")
    mend = _to_mend(request, own).values("body_id")
    return Body.objects.filter(Q(pk__in=asked) | Q(pk__in=mend))


def on_workbench(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """What a unit owes: a self-assessment, a look at its first result, things to mend."""
    own = _own(request)
    if own is None:
        return None
    asked = list(_asked(request, own).with_names().order_by("-run__year")[:SHOWN])
    mend = list(_to_mend(request, own).select_related("body").order_by("due_on")[:SHOWN])
    if not asked and not mend:
        return None
    return "assessments/_on_workbench.html", {"asked": asked, "mend": mend}


def on_article(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """The scores that rest on an article, of the units that the user sees."""
    rows = list(reading.scores_of_article(request.user, obj.number)[: SHOWN * 4])
    return ("assessments/_on_article.html", {"scores": _named(rows)}) if rows else None


def _named(rows: list[Any]) -> list[tuple[Any, str]]:
    return [(row, row.subject.run.scheme.scheme.leaf(row.leaf).name) for row in rows]
