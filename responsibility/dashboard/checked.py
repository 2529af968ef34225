"""系统已核对，不用填: what the ledgers say already of the user's own bodies, and from where."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from responsibility.common import clock
from responsibility.common.panels import count_together
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines.models import Deadline
from responsibility.deadlines.rules import Status as Clock
from responsibility.duties.models import Assignment
from responsibility.duties.rules import Standing, Status
from responsibility.figures.models import FigureValue, RollupCheck
from responsibility.figures.rules import SourceKind
from responsibility.flow.rules import State
from responsibility.progress.models import ProgressEntry

SHOWN = 5


@dataclass(frozen=True)
class Line:
    """One thing that needs nothing from the user: its words, a number, its source and rows."""

    words: str
    number: str = ""
    source: str = ""
    url: str = ""
    link: str = ""


def own_of(request: HttpRequest) -> Q | None:
    """Return the condition for rows of the user's own divisions and bodies; None without any."""
    grants = access_of(request.user).with_right(Right.LOG_PROGRESS)
    places = [grant.division_id for grant in grants if grant.body_id is None]
    bodies = [grant.body_id for grant in grants if grant.body_id]
    if not places and not bodies:
        return None
    return Q(division__in=places) | Q(body__in=bodies) if bodies else Q(division__in=places)


def own_duties(request: HttpRequest, obj: Any) -> "QuerySet[Any] | None":
    """Return the user's own duties of this year: without them there is nothing to check."""
    own = own_of(request)
    return None if own is None else _duties(own, clock.today())


def _duties(own: Q, today: date) -> "QuerySet[Assignment]":
    return Assignment.objects.filter(own, year=today.year, standing=Standing.ACTIVE)


def block(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """Say what is settled by itself: from ledgers, on time, sums that agree, nothing owed."""
    own, today = own_of(request), clock.today()
    if own is None:
        return None
    lines = [*_from_ledgers(own, today), *_counted(own, today)]
    return ("dashboard/_checked.html", {"lines": lines}) if lines else None


def _from_ledgers(own: Q, today: date) -> list[Line]:
    """Duties that a signed letter, an issued plan or a passed report settled: nobody logs them."""
    rows = (
        _duties(own, today)
        .filter(status=Status.DONE)
        .exclude(duty__check_key="")
        .select_related("duty", "body")
        .order_by("duty__position", "id")[:SHOWN]
    )
    return [
        Line(
            f"{row.duty.title}：",
            "已落实",
            f"{row.body.name}，由台账自动认定",
            reverse("duty_assignment", args=[row.public_id]),
            "看来源",
        )
        for row in rows
    ]


def _counted(own: Q, today: date) -> list[Line]:
    mine = Deadline.objects.filter(own)
    due = mine.filter(due_on__gte=date(today.year, 1, 1), due_on__lte=today)
    sums = FigureValue.objects.current().filter(
        own, source_kind=SourceKind.ROLLUP, period__startswith=str(today.year)
    )
    met, late, returned, summed, agreed = count_together(
        [
            due.filter(status=Clock.MET),
            mine.filter(status=Clock.OPEN, due_on__lt=today),
            ProgressEntry.objects.living().filter(own, status=State.RETURNED),
            sums.filter(reported__gte=F("expected")),
            _last_check().filter(differing=0),
        ]
    )
    lines = []
    if met:
        url = f"{reverse('deadline_list')}?state=done"
        lines.append(Line("今年按期办结的时限：", f"{met} 项", "按报送日期核对", url, "看这些"))
    if summed:
        night = "，夜间逐项复核与下级一致" if agreed else ""
        words, url = "本级由下级汇总、已报齐的数：", reverse("indicator_list")
        lines.append(Line(words, f"{summed} 个", f"随审核通过自动汇总{night}", url, "看指标"))
    if not late and not returned:
        lines.append(Line("没有逾期的，也没有退回没改的", "", "按今天的时限和审核情况核对"))
    return lines


def _last_check() -> "QuerySet[RollupCheck]":
    """Return the last nightly recomputation of every sum."""
    last = RollupCheck.objects.order_by("-id").values("pk")[:1]
    return RollupCheck.objects.filter(pk__in=last)
