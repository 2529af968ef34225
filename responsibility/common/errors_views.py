"""Error pages that say what happened and how to go on."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a number to quote (the beginning of the log's request id); needs no database."""
    number = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:8].upper()
    return HttpResponse(loader.render_to_string("500.html", {"number": number}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 when the form's token is missing or old."""
    return render(request, "403_csrf.html", status=403)
