"""What duties show on an article's and a division's page."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest

from responsibility.common import clock
from responsibility.divisions.models import Division
from responsibility.duties.models import Assignment, ClauseWithoutDuty, DutyClause
from responsibility.regulations.models import Article

ACTIVE = Q(duty__assignments__standing="active")


def on_article(request: HttpRequest, article: Article) -> tuple[str, dict[str, Any]]:
    """The duties that the article's words create, with how they stand in the user's scope."""
    year = clock.today().year
    rows = list(
        DutyClause.objects.filter(clause__article=article)
        .select_related("duty")
        .order_by("duty__position")
    )
    counts = {
        item["duty_id"]: item
        for item in Assignment.objects.visible_to(request.user)
        .filter(duty_id__in=[row.duty_id for row in rows], year=year, standing="active")
        .values("duty_id")
        .annotate(total=Count("id"), done=Count("id", filter=Q(status="done")))
    }
    reasons = ClauseWithoutDuty.objects.filter(clause__article=article)
    context = {
        "year": year,
        "rows": [(row, counts.get(row.duty_id)) for row in rows],
        "reasons": [item.reason for item in reasons],
    }
    return "duties/_on_article.html", context


def on_division(request: HttpRequest, division: Division) -> tuple[str, dict[str, Any]]:
    """How the division's own duties of the year stand."""
    year = clock.today().year
    rows = Assignment.objects.visible_to(request.user).filter(division=division, year=year)
    counts = rows.aggregate(
        total=Count("id", filter=Q(standing="active")),
        done=Count("id", filter=Q(standing="active", status="done")),
        unlisted=Count("id", filter=Q(standing="unlisted")),
        undetermined=Count("id", filter=Q(standing="undetermined")),
    )
    return "duties/_on_division.html", {"year": year, "division": division, **counts}
