"""Who reads an indicator: upper apps register here, and its page lists them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from responsibility.figures.models import Indicator


@dataclass(frozen=True)
class Use:
    """One place that reads an indicator: what kind (报告, 计划 …), its title, where it is."""

    kind: str
    title: str
    url: str = ""


Reader = Callable[[HttpRequest, Indicator], Sequence[Use]]
_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Let a function name the places that read an indicator: at most one scoped query."""
    if reader not in _readers:
        _readers.append(reader)


def of(request: HttpRequest, indicator: Indicator) -> list[Use]:
    """Return everything that reads an indicator, as this user may know it."""
    return [use for reader in _readers for use in reader(request, indicator)]
