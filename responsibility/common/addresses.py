"""Addresses looked up once: a page has hundreds of links."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.urls import get_script_prefix, get_urlconf, reverse

STANDIN = UUID("00000000-0000-4000-8000-000000000000")
STANDIN_TEXT = str(STANDIN)


@lru_cache(maxsize=1024)
def _known(name: str, args: tuple[Any, ...], urlconf: str | None, prefix: str) -> str:
    return reverse(name, args=args, urlconf=urlconf)


def address(name: str, *args: Any) -> str:
    """Return the address of a named page, as ``reverse`` would; raise NoReverseMatch likewise.

    A public id is put in after the look-up: every id of a page shares one entry.

    >>> address("duty_list")
    '/duties/'
    """
    where = (get_urlconf(), get_script_prefix())
    if not args:
        return _known(name, (), *where)
    if len(args) == 1 and isinstance(args[0], UUID):
        return _known(name, (STANDIN,), *where).replace(STANDIN_TEXT, str(args[0]))
    return reverse(name, args=args)
