"""Every form of every page, filled with what nobody should type: an answer, never a crash.

The forms are read from the pages themselves, so a new form is covered without a line here.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.meta.test_pages import plain_pages
from tests.meta.test_scope import Objects, objects

__all__ = ["objects"]
PEOPLE = (
    "office-3715",
    "recorder-371502011",
    "reviewer-3715Z3",
    "secretary-371525",
    "security-3715",
    "system-3715",
    "audit-3715",
    "admin-371525",
)
NASTY = (
    "",
    "' OR 1=1; DROP TABLE duties_duty --",
    "<script>alert(1)</script>{{ 7|add:1 }}{% now %}",
    "字" * 10_000,
    "2020-02-31",
    "-1",
    "1e999",
    "NaN",
    "９９９９９９９９９９９９９９９９９９９９",
    "00000000-0000-0000-0000-000000000000",
    "a\0b\x1f\u202e\U0001f600",
    "../../etc/passwd",
)
LEAVE = ("/logout", "/login", "/password", "/me/password", "/setup")


class Forms(HTMLParser):
    """Collects the forms of a page: method, action, {name: value} and the file fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, str], set[str]]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.inside = True
            self.found.append(
                (given.get("method", "get").lower(), given.get("action", ""), {}, set())
            )
        name = given.get("name", "")
        if not self.inside or not name or tag not in ("input", "select", "textarea", "button"):
            return
        _, _, values, files = self.found[-1]
        if given.get("type") == "file":
            files.add(name)
        values.setdefault(name, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


def forms_of(client: Client, path: str) -> Iterator[tuple[str, str, dict[str, str], set[str]]]:
    """Yield the distinct forms of a page that stay inside the product."""
    answer = client.get(path)
    if answer.streaming:
        b"".join(answer)  # read to its end, which closes the file
    if answer.status_code != 200 or answer.streaming or "html" not in answer["Content-Type"]:
        return
    parser = Forms()
    parser.feed(answer.content.decode())
    for method, action, values, files in parser.found:
        target = action or path
        if target.startswith("/") and not target.startswith(LEAVE):
            yield method, target.split("?")[0], values, files


def filled(values: dict[str, str], files: set[str], nasty: str) -> Iterator[dict[str, Any]]:
    """Yield the form with everything nasty, and with one field nasty at a time."""
    for keep in (None, *values):
        data: dict[str, Any] = {}
        for name, value in values.items():
            hit = keep is None or keep == name
            if name in files:
                if hit and nasty:
                    data[name] = SimpleUploadedFile("表.xlsx", nasty.encode("utf-8", "replace"))
            else:
                data[name] = nasty if hit and name != "csrfmiddlewaretoken" else value
        yield data


def try_one(client: Client, method: str, path: str, data: dict[str, Any]) -> str | None:
    """Send one form and take it back; return what went wrong, or None."""
    send = client.post if method == "post" else client.get
    try:
        with transaction.atomic():
            status = send(path, data).status_code
            transaction.set_rollback(True)
    except Exception as error:
        return f"{method} {path} {data!r:.300}: {type(error).__name__} {error!s:.200}"
    return f"{method} {path} {data!r:.300}: {status}" if status >= 500 else None


@pytest.mark.slow
@pytest.mark.parametrize("name", PEOPLE)
def test_no_form_crashes(cast: Cast, objects: Objects, name: str) -> None:
    client = cast.client(name)
    pages = plain_pages() + [
        reverse(address, args=arguments)
        for address, arguments in objects.by_name.items()
        if not address.startswith("api-")
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    wrong: list[str] = []
    for page in pages:
        for method, path, values, files in forms_of(client, page):
            shape = (path, frozenset(values))
            if shape in seen or not values:
                continue
            seen.add(shape)
            for number, nasty in enumerate(NASTY):
                for data in list(filled(values, files, nasty))[: None if number < 4 else 1]:
                    if problem := try_one(client, method, path, data):
                        wrong.append(problem)
    assert wrong == [], "\n".join(wrong[:40])
    assert len(seen) > 2
