"""What duties show on an article's and a division's page."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest

from responsibility.common import clock
from responsibility.divisions.models import Division
from responsibility.duties import history, limits
from responsibility.duties.models import Assignment, ClauseWithoutDuty, DutyClause
from responsibility.duties.rules import cell_state, pieces
from responsibility.regulations.models import Article


def _duties_of(article: Article) -> list[DutyClause]:
    """Return the article's duties in their order, read once for all blocks of a page."""
    known: list[DutyClause] | None = article.__dict__.get("_duties")
    if known is None:
        known = list(
            DutyClause.objects.filter(clause__article=article)
            .select_related("duty")
            .order_by("duty__position", "id")
        )
        article.__dict__["_duties"] = known
    return known


def _cells_of(
    request: HttpRequest, article: Article
) -> dict[tuple[int, int | None], dict[str, Any]]:
    """Return this year's counts by (duty, county), read once for all blocks of a page."""
    known: dict[tuple[int, int | None], dict[str, Any]] | None = article.__dict__.get("_cells")
    if known is None:
        late = limits.late(clock.today())
        known = {
            (item["duty_id"], item["county_id"]): dict(item)
            for item in Assignment.objects.visible_to(request.user)
            .filter(
                duty_id__in=[row.duty_id for row in _duties_of(article)], year=clock.today().year
            )
            .values("duty_id", "county_id")
            .annotate(
                total=Count("id", filter=Q(standing="active")),
                done=Count("id", filter=Q(standing="active", status="done")),
                returned=Count("id", filter=Q(standing="active", status="returned")),
                late=Count("id", filter=late),
                unlisted=Count("id", filter=Q(standing="unlisted")),
                undetermined=Count("id", filter=Q(standing="undetermined")),
            )
        }
        article.__dict__["_cells"] = known
    return known


def on_article(request: HttpRequest, article: Article) -> tuple[str, dict[str, Any]]:
    """The duties that the article's words create, with how they stand in the user's scope."""
    rows = _duties_of(article)
    counts: dict[int, dict[str, int]] = {}
    for (duty_id, _), cell in _cells_of(request, article).items():
        sums = counts.setdefault(duty_id, {"total": 0, "done": 0})
        sums["total"] += cell["total"]
        sums["done"] += cell["done"]
    bare = {clause.pk for clause in article.clauses.all()} - {row.clause_id for row in rows}
    reasons = ClauseWithoutDuty.objects.filter(clause_id__in=bare) if bare else ()
    context = {
        "year": clock.today().year,
        "rows": [(number, row, counts.get(row.duty_id)) for number, row in enumerate(rows, 1)],
        "reasons": [item.reason for item in reasons],
    }
    return "duties/_on_article.html", context


def law_of_article(request: HttpRequest, article: Article) -> tuple[str, dict[str, Any]] | None:
    """The article's words with the numbers of its duties set into them, and each duty marked."""
    quotes: dict[int, dict[int, str]] = {}
    links: dict[int, DutyClause] = {}
    for number, row in enumerate(_duties_of(article), 1):
        quotes.setdefault(row.clause_id, {})[number] = row.quote
        links[number] = row
    if not links:
        return None
    clauses = [
        (
            [
                (piece, [(number, links[number].duty) for number in piece.numbers])
                for piece in pieces(clause.text, quotes.get(clause.pk, {}))
            ],
            clause,
        )
        for clause in sorted(article.clauses.all(), key=lambda clause: clause.number)
    ]
    return "duties/_law.html", {"clauses": clauses}


def counties_of_article(
    request: HttpRequest, article: Article
) -> tuple[str, dict[str, Any]] | None:
    """Each duty across the counties and zones of the user's scope, in the order of codes."""
    year = clock.today().year
    duties = {row.duty_id: row.duty for row in _duties_of(article)}
    cells = {key: cell for key, cell in _cells_of(request, article).items() if key[1] is not None}
    counties = list(Division.objects.filter(pk__in={key[1] for key in cells}).in_order())
    if len(counties) < 2:
        return None
    rows = [
        (duty, [(place, cell_state(cells.get((pk, place.pk)))) for place in counties])
        for pk, duty in duties.items()
        if any((pk, place.pk) in cells for place in counties)
    ]
    context = {"year": year, "article": article, "counties": counties, "rows": rows}
    return "duties/_matrix.html", context


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


def standing_of_assignment(
    request: HttpRequest, assignment: Assignment
) -> tuple[str, dict[str, Any]] | None:
    """How the assignment came to stand as it does."""
    return "duties/_history.html", {"steps": history.of(assignment)}
