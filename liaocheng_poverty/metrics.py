"""What Prometheus is told: requests by page, and how the queue and the processes stand."""

import os
import time
from collections.abc import Callable, Iterator

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily

from responsibility.jobs import heartbeats

REQUESTS = Counter(
    "http_requests_total", "Answers by page and status", ["method", "page", "status"]
)
SECONDS = Histogram(
    "http_request_seconds",
    "Time to answer, by page",
    ["page"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)


class MetricsMiddleware:
    """Count each answer under the name of its route (never its address: that may name people)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Time the request."""
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        page = match.view_name if match and match.view_name else "unknown"
        REQUESTS.labels(request.method, page, response.status_code).inc()
        SECONDS.labels(page).observe(time.perf_counter() - began)
        return response


class _Now:
    """Gauges read at the moment of the question."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the queue's length and the ages of the heartbeats; nothing when Redis is away."""
        queue = GaugeMetricFamily("celery_queue_length", "Tasks waiting")
        ages = GaugeMetricFamily("heartbeat_age_seconds", "Last sign of life", labels=["process"])
        try:
            client = heartbeats.client()
            queue.add_metric([], float(client.llen(settings.CELERY_TASK_DEFAULT_QUEUE)))
            for kind in heartbeats.KINDS:
                age = heartbeats.age(kind, now=time.time())
                if age is not None:
                    ages.add_metric([kind], age)
        except redis.RedisError:
            return
        yield queue
        yield ages


def exposition() -> tuple[bytes, str]:
    """Return the metrics text of all web processes, and its content type."""
    now = CollectorRegistry()
    now.register(_Now())
    counted = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    return generate_latest(counted) + generate_latest(now), CONTENT_TYPE_LATEST
