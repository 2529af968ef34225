"""Put what the user may see and do on the request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from responsibility.common.scoping import access_of


class AccessMiddleware:
    """Set ``request.access``, read once per request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read the user's access and pass on."""
        request.access = access_of(request.user)  # type: ignore[attr-defined]
        return self.get_response(request)
