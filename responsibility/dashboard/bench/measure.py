"""Timing WSGI applications in one process: ours and a bare one with the same SQL."""

import io
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

REPEAT = 9


@dataclass(frozen=True)
class Seen:
    """What one measure gave: median milliseconds, statements, bytes."""

    milliseconds: float
    queries: int
    size: int


def line(name: str, seen: Seen, floor: float | None) -> str:
    """Return one JSON line of the table."""
    return json.dumps(
        {
            "measure": name,
            "value": round(seen.milliseconds, 2),
            "unit": "ms",
            "floor": None if floor is None else round(floor, 2),
            "ratio": None if not floor else round(seen.milliseconds / floor, 2),
            "queries": seen.queries,
            "bytes": seen.size,
        }
    )


def environ(path: str, headers: dict[str, str]) -> dict[str, Any]:
    """Return a WSGI environ of a GET."""
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b""),
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }


def call(application: Callable[..., Any], path: str, headers: dict[str, str]) -> bytes:
    """Call an application and return the whole body; raise for anything but 200."""
    seen: list[str] = []

    def start(status: str, _headers: Any, _error: Any = None) -> None:
        seen.append(status)

    answer = application(environ(path, headers), start)
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    if not seen[0].startswith("200"):
        raise RuntimeError(f"{path}: {seen[0]}")
    return body


def measure(application: Callable[..., Any], path: str, headers: dict[str, str]) -> Seen:
    """Return the median of several calls, after two to warm up."""
    call(application, path, headers)
    counted: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counted.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        size = len(call(application, path, headers))
    times = []
    for _ in range(REPEAT):
        begun = time.perf_counter()
        call(application, path, headers)
        times.append((time.perf_counter() - begun) * 1000)
    return Seen(statistics.median(times), len(counted), size)


def ours() -> Callable[..., Any]:
    """Return the product's WSGI application, as its workers load it."""
    application: Callable[..., Any] = import_string(settings.WSGI_APPLICATION)
    return application
