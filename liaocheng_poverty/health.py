"""Probes for whoever runs the system: alive, ready, and numbers for Prometheus."""

import hmac
import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from liaocheng_poverty import metrics
from responsibility.jobs import heartbeats

OLDEST_HEARTBEAT = 90.0  # seconds; one is written every 20


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _redis() -> str:
    try:
        heartbeats.client().ping()
    except redis.RedisError:
        return "unreachable"
    return "ok"


def _heartbeat(kind: str) -> str:
    try:
        age = heartbeats.age(kind, now=time.time())
    except redis.RedisError:
        return "unknown"
    if age is None:
        return "never"
    return "ok" if age <= OLDEST_HEARTBEAT else f"late: {age:.0f} s"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "redis": _redis,
    "worker": lambda: _heartbeat("worker"),
    "beat": lambda: _heartbeat("beat"),
}


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process lives; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database, Redis, worker and schedule are well, else 503 and what is not."""
    found = {name: check() for name, check in CHECKS.items()}
    well = all(state == "ok" for state in found.values())
    return JsonResponse({"ready": well, **found}, status=200 if well else 503)


def may_read_metrics(request: HttpRequest) -> bool:
    """Say whether the caller has the token, or is this machine on the embedded default."""
    token: str = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    return settings.EMBEDDED and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")


@login_not_required
@never_cache
@require_safe
def metrics_view(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus; 404 for everyone else."""
    if not may_read_metrics(request):
        return HttpResponseNotFound("not found\n", content_type="text/plain")
    body, content_type = metrics.exposition()
    return HttpResponse(body, content_type=content_type)
