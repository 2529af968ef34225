"""Health probes of the containers: ``python -m liaocheng_poverty.probe web|worker|beat``."""

import os
import sys
import time
import urllib.error
import urllib.request

import redis

OLDEST = 90.0  # seconds


def web() -> bool:
    """Say whether the web process answers on its own port."""
    port = os.environ.get("BIND", "0.0.0.0:8000").rpartition(":")[2]
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz")
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - our own http
            return True
    except OSError:
        return False


def heard(kind: str) -> bool:
    """Say whether worker or beat left a sign of life lately."""
    client = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5)
    try:
        value = client.get(f"heartbeat:{kind}")
    except redis.RedisError:
        return False
    return value is not None and time.time() - float(value) <= OLDEST


def main(kind: str) -> int:
    """Return 0 when the process of that kind is well."""
    return 0 if (web() if kind == "web" else heard(kind)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "web"))
