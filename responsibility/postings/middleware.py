"""Put what the user may see and do on the request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from responsibility.common.errors import Missing
from responsibility.common.scoping import Access, access_of, choose
from responsibility.divisions.models import Division

ELSEWHERE = Missing("没有找到，或不在您的管理范围内。")
TERRITORY = "territory"
API = "/api/"


class AccessMiddleware:
    """Set ``request.access``, read once per request.

    On pages (not in the API) a territory narrows it: the one that the address names
    (``?territory=371525000000``, so that a link means the same to whoever opens it), else the one
    that the user chose in the top bar.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read the user's access and pass on."""
        access = access_of(request.user)
        found = True
        if access.grants and not request.path.startswith(API):
            found = _look_at(request, access)
            access = access_of(request.user)
        request.access = access  # type: ignore[attr-defined]
        if not found:
            return render(request, "404.html", {"error": ELSEWHERE}, status=404)
        return self.get_response(request)


def _look_at(request: HttpRequest, whole: Access) -> bool:
    """Narrow to the territory that is asked for; return whether the address' one may be seen."""
    named = request.GET.get(TERRITORY, "") if request.method == "GET" else ""
    code = named or request.session.get(TERRITORY, "")
    if not code and len(whole.grants) < 2:
        return True
    path, name = "", ""
    if code and all(grant.code != code for grant in whole.grants):
        rows = Division.objects.living().visible_to(request.user).filter(code=str(code)[:20])
        path, name = rows.values_list("path", "name").first() or ("", "")
        if named and not path:
            return False
    if named:
        request.session[TERRITORY] = code
    choose(request.user, code, path, name)
    return True
