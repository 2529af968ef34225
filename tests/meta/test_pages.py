"""Every page that needs no object opens for whoever may open it, and says 403 to others."""

import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from tests.cast import Cast

PEOPLE = (
    "office-3715",
    "recorder-371502011",
    "reviewer-3715Z3",
    "secretary-371525",
    "member-3715",
    "system-3715",
    "security-3715",
    "audit-3715",
    "admin-371525",
)
SKIP = {"account_logout", "metrics", "setup", "readyz"}


def plain_pages() -> list[str]:
    """Return the addresses without arguments."""
    found: list[str] = []

    def walk(resolver: URLResolver, prefix: str) -> None:
        for item in resolver.url_patterns:
            route = prefix + str(item.pattern)
            if isinstance(item, URLResolver):
                walk(item, route)
            elif isinstance(item, URLPattern) and "<" not in route and item.name not in SKIP:
                found.append("/" + route.lstrip("/"))

    walk(get_resolver(), "")
    return [path for path in found if not path.startswith(("/api/", "/accounts/"))]


@pytest.mark.parametrize("name", PEOPLE)
def test_plain_pages_open_or_refuse(cast: Cast, name: str) -> None:
    client = cast.client(name)
    for path in plain_pages():
        status = client.get(path).status_code
        assert status in (200, 204, 302, 400, 403, 404, 405), f"{name} {path}: {status}"
