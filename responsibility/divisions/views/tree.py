"""The tree, lazily expanded; search; and the place picker of every form."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from responsibility.common.rights import Right
from responsibility.common.views import access, get_visible, number_page, page
from responsibility.divisions.models import Division, DivisionQuerySet
from responsibility.divisions.places import choice_text
from responsibility.divisions.rules import Tier, clean_query

PICKED = 20
LIVING_CHILDREN = Count("children", filter=Q(children__abolished_on=None))


@dataclass
class Node:
    """A place in the tree as shown."""

    division: Division
    below: int
    is_open: bool = False
    children: list["Node"] = field(default_factory=list)


@require_GET
def division_list(request: HttpRequest) -> HttpResponse:
    """The tree of the user's territory, or what a search found in it."""
    access(request).require(Right.VIEW)
    query = clean_query(request.GET.get("q", ""))
    context: dict[str, Any] = {
        "q": query,
        "may_change": access(request).has(Right.MANAGE_DIVISIONS),
    }
    if query:
        found = Division.objects.visible_to(request.user).search(query).in_order()
        context["page"] = number_page(request, found)
        name_ancestors(context["page"].rows)
    else:
        context["nodes"] = _tree(request)
    return page(request, "divisions/list.html", context)


def roots(request: HttpRequest) -> DivisionQuerySet:
    """Return the tops of the user's territory."""
    scope = access(request).scope(Right.VIEW)
    found = Division.objects.visible_to(request.user).living()
    return found.filter(path__in=[*scope.prefixes, *scope.exact]).in_order()


def _counted(found: DivisionQuerySet) -> Any:
    return found.annotate(below=LIVING_CHILDREN)


def _tree(request: HttpRequest) -> list[Node]:
    """Return the roots, expanded down to the place that ``?at=`` names (at least one level)."""
    tops = [Node(item, item.below) for item in _counted(roots(request))]
    at = _asked(request)
    opened = set(at.ancestor_ids) if at else {node.division.pk for node in tops[:1]}
    shown = {node.division.pk for node in tops}
    inside = Division.objects.visible_to(request.user).living()
    below = _counted(inside.filter(parent__in=opened).in_order()) if opened else []
    by_parent: dict[int, list[Node]] = {}
    for item in below:
        if item.pk not in shown and item.parent_id:
            by_parent.setdefault(item.parent_id, []).append(Node(item, item.below))
    for nodes in (tops, *by_parent.values()):
        for one in nodes:
            one.is_open = one.division.pk in opened
            one.children = by_parent.get(one.division.pk, [])
    return tops


def _asked(request: HttpRequest) -> Division | None:
    try:
        key = UUID(request.GET.get("at", ""))
    except ValueError:
        return None
    return Division.objects.visible_to(request.user).filter(public_id=key).first()


@require_GET
def node(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One place of the tree, opened or closed: a fragment for the page that is there already."""
    found = get_visible(Division.objects.living(), request, public_id)
    is_open = request.GET.get("open") != "0"
    if not request.headers.get("HX-Request"):
        at = found.public_id if is_open or found.parent is None else found.parent.public_id
        return redirect(f"{reverse('division_list')}?at={at}")
    inside = Division.objects.visible_to(request.user).living().filter(parent=found).in_order()
    children = [Node(item, item.below) for item in _counted(inside)]
    shown = Node(found, len(children), is_open, children if is_open else [])
    return page(request, "divisions/_node.html", {"node": shown})


def name_ancestors(rows: list[Division]) -> None:
    """Give each row ``above``: the names of its ancestors from the top (one query for all)."""
    ids = {pk for row in rows for pk in row.ancestor_ids[:-1]}
    names = dict(Division.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    for row in rows:
        row.above = " › ".join(names[pk] for pk in row.ancestor_ids[:-1] if pk in names)  # type: ignore[attr-defined]


@require_GET
def pick(request: HttpRequest) -> HttpResponse:
    """Suggest places for what is typed: options of a datalist, or JSON with ``format=json``.

    ``field`` names the parameter that holds the text (default ``q``); ``tier`` (repeatable) and
    ``right`` limit the choice. Always within the user's own scope.
    """
    query = clean_query(request.GET.get(request.GET.get("field", "q"), "").rsplit(" ", 1)[-1])
    asked = request.GET.get("right", Right.VIEW.value)
    right = Right(asked) if asked in set(Right) else Right.VIEW
    tiers = [tier for tier in request.GET.getlist("tier") if tier in set(Tier)]
    found = Division.objects.visible_to(request.user, right).living().search(query).in_order()
    if tiers:
        found = found.filter(tier__in=tiers)
    as_json = request.GET.get("format") == "json"
    if not as_json and not request.headers.get("HX-Request"):
        return redirect(f"{reverse('division_list')}?{urlencode({'q': query})}")
    rows = list(found.select_related("parent")[:PICKED])
    if not as_json:
        options = [(choice_text(row), row.parent.name if row.parent else "") for row in rows]
        return page(request, "divisions/_options.html", {"options": options})
    results = [
        {
            "id": str(row.public_id),
            "code": row.code,
            "name": row.name,
            "tier": row.tier,
            "parent": row.parent.name if row.parent else "",
            "text": choice_text(row),
        }
        for row in rows
    ]
    return JsonResponse({"results": results})
