"""Signs of life of worker and beat, kept in Redis where the readiness probe reads them."""

import time
from functools import lru_cache

import redis
from django.conf import settings

KINDS = ("worker", "beat")
LIFETIME = 24 * 3600  # seconds; an older one is no news


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3)


def client() -> redis.Redis:
    """Return the Redis client of this process."""
    return _client(settings.REDIS_URL)


def record(kind: str) -> None:
    """Note that ``worker`` or ``beat`` is alive now."""
    client().set(f"heartbeat:{kind}", f"{time.time():.3f}", ex=LIFETIME)


def age(kind: str, *, now: float) -> float | None:
    """Return the seconds since the last sign of life, or None if there is none."""
    value = client().get(f"heartbeat:{kind}")
    return None if value is None else max(0.0, now - float(value))
