"""Turn a service's refusal into a page, so that no view needs to."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from responsibility.common.errors import DomainError
from responsibility.common.inputs import HIDDEN, tidy_request


class ErrorMiddleware:
    """Answer a DomainError that no view caught with its page and status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Render the refusal; anything else goes on to Django."""
        if not isinstance(error, DomainError):
            return None
        template = {403: "403.html", 404: "404.html"}.get(error.status, "refused.html")
        return render(request, template, {"error": error}, status=error.status)


class TidyMiddleware:
    """Take hidden characters out of what comes in; an address with some is no address of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Clean, then pass on."""
        if HIDDEN.search(request.path_info):
            return render(request, "404.html", status=404)
        tidy_request(request)
        return self.get_response(request)
