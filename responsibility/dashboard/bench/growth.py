"""What grows: a worker's memory over long lists, a first page over ten times the rows."""

import gc
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from responsibility.dashboard.bench import data
from responsibility.dashboard.bench.measure import call, measure

FEW, MANY = 30_000, 300_000
LISTS = ("progress", "assignments", "deadlines")


def _megabytes() -> float:
    """Return the memory of this process that is really there, in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _walk(application: Callable[..., Any], name: str, header: dict[str, str], most: int) -> int:
    """Read a list of the API to its end; return its rows."""
    path, rows = f"/api/v1/{name}/?page_size=500", 0
    while path and rows < most:
        body = orjson.loads(call(application, path, header))
        rows += len(body["results"])
        following = urlsplit(body["next"] or "")
        path = f"{following.path}?{following.query}" if following.path else ""
    return rows


def _memory(name: str, rows: int, grown: float) -> str:
    return json.dumps(
        {
            "measure": f"memory {name}, {rows:,} rows",
            "value": round(grown, 1),
            "unit": "MB",
            "floor": None,
            "ratio": None,
            "queries": None,
        }
    )


def memory(
    application: Callable[..., Any], token: Callable[[], str], cookie: dict[str, str]
) -> Iterator[str]:
    """Measure how much a worker grows over whole lists, after one page to warm up.

    Each list is read with a token of its own: one alone may ask 600 times a minute.
    """
    for name in LISTS:
        header = {"Authorization": f"Bearer {token()}"}
        _walk(application, name, header, 1)
        before = _megabytes()
        rows = _walk(application, name, header, 10**9)
        yield _memory(f"api {name}", rows, _megabytes() - before)
    call(application, "/duties/export/?tier=county", cookie)
    before = _megabytes()
    call(application, "/duties/export/", cookie)
    yield _memory("duty list as xlsx, written to a body", 43_000, _megabytes() - before)


def rows(
    application: Callable[..., Any], header: dict[str, str], cookie: dict[str, str]
) -> Iterator[str]:
    """Measure first pages at 30,000 and at 300,000 progress entries; leave the usual number."""
    addresses = {
        "api progress": ("/api/v1/progress/?page_size=50", header),
        "page progress": ("/progress/", cookie),
        "page review": ("/review/", cookie),
    }
    found: dict[str, list[float]] = {name: [] for name in addresses}
    counts = []
    try:
        for size in (FEW, MANY):
            counts.append(data.settle(size))
            for name, (path, headers) in addresses.items():
                found[name].append(measure(application, path, headers).milliseconds)
    finally:
        data.settle(data.TARGET)
    for name, (few, many) in found.items():
        yield json.dumps(
            {
                "measure": f"first page {name}, {counts[0]:,} to {counts[1]:,} rows",
                "value": round(many, 2),
                "unit": "ms",
                "floor": round(few, 2),
                "ratio": round(many / few, 2),
                "queries": None,
            }
        )
