"""What the shell of every page needs."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from responsibility.common import clock, menu
from responsibility.common.scoping import access_of

Names = Callable[[], dict[str, str]]
_names: list[Names] = []
_unread: list[Callable[[HttpRequest], int]] = []
PRODUCT = {"product_name": "责任制管理系统", "office_name": "领导小组办公室"}


def register_names(function: Names) -> None:
    """Set who knows the product's and the office's names (the programme)."""
    _names[:] = [function]


def register_unread(function: Callable[[HttpRequest], int]) -> None:
    """Set who counts the user's unread notices."""
    _unread[:] = [function]


def names() -> dict[str, str]:
    """Return the product's and the office's names."""
    return _names[0]() if _names else PRODUCT


def _who(request: HttpRequest) -> str:
    grants = access_of(request.user).grants
    return grants[0].source if grants else str(request.user)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the page shell; what costs a query is lazy."""
    user = getattr(request, "user", None)
    common = {"demo": settings.DEMO, "business_date": clock.overridden()}
    if user is None or not user.is_authenticated:
        return {**common, "names": SimpleLazyObject(names)}
    shown = SimpleLazyObject(lambda: menu.for_request(request))
    return {
        **common,
        "access": access_of(user),
        "names": SimpleLazyObject(names),
        "who": SimpleLazyObject(lambda: _who(request)),
        "menu": shown,
        "unread": SimpleLazyObject(lambda: _unread[0](request) if _unread else 0),
        "today": clock.today(),
        "idle_minutes": settings.IDLE_MINUTES,
    }
