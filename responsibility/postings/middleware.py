"""Put what the user may see and do on the request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from responsibility.common.scoping import access_of, choose

TERRITORY = "territory"
API = "/api/"


class AccessMiddleware:
    """Set ``request.access``, read once per request.

    On pages (not in the API) the territory that the user chose in the top bar narrows it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read the user's access and pass on."""
        access = access_of(request.user)
        if len(access.grants) > 1 and not request.path.startswith(API):
            access = choose(request.user, request.session.get(TERRITORY, ""))
        request.access = access  # type: ignore[attr-defined]
        return self.get_response(request)
