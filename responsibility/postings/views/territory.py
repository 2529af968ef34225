"""The territory that a user looks at: one of his own, or a place inside them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from responsibility.common.errors import Missing
from responsibility.common.rights import Right
from responsibility.common.views import access
from responsibility.divisions.models import Division, DivisionQuerySet
from responsibility.postings.middleware import TERRITORY

SHOWN = 20


@require_http_methods(["GET", "POST"])
def choose_territory(request: HttpRequest) -> HttpResponse:
    """Search for a place to look at; keep the chosen one (a division's code) for the session.

    Empty is the whole again. The next page carries the choice in its address.
    """
    if request.method == "GET":
        return _search(request)
    code = request.POST.get("territory", "")
    if not code:
        request.session.pop(TERRITORY, None)
        messages.success(request, "现在看全部管理范围。")
        return HttpResponseRedirect("/")
    name = dict(access(request).territories).get(code) or _name_of(request, code)
    if not name:
        raise Missing("没有找到，或不在您的管理范围内。")
    request.session[TERRITORY] = code
    messages.success(request, f"现在只看{name}。")
    return HttpResponseRedirect(f"/?{TERRITORY}={code}")


def _inside(request: HttpRequest) -> DivisionQuerySet:
    """Return the living places of the user's whole territory, whatever he looks at now."""
    now = access(request)
    return Division.objects.living().within((now.whole or now).scope(Right.VIEW))


def _name_of(request: HttpRequest, code: str) -> str:
    rows = _inside(request).filter(code=code[:20])
    return rows.values_list("name", flat=True).first() or ""


def _search(request: HttpRequest) -> HttpResponse:
    access(request).require(Right.VIEW)
    text = request.GET.get("q", "").strip()[:60]
    found = _inside(request).search(text).select_related("parent").in_order()[: SHOWN + 1]
    rows = list(found) if text else []
    context = {"q": text, "rows": rows[:SHOWN], "more": len(rows) > SHOWN}
    return render(request, "postings/territory.html", context)
