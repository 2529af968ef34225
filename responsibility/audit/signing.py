"""Events of coming in and going out, and of each call of an API client."""

from typing import Any

from axes.helpers import get_client_ip_address
from axes.signals import user_locked_out
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from accounts.signals import password_changed
from responsibility.audit.services import record

TARGET = "accounts.user"
UNKNOWN = "（不存在的账号）"


def _address(request: Any) -> str:
    return str(get_client_ip_address(request) or "")[:45] if request is not None else ""


def known_name(typed: Any) -> str:
    """Return a typed user name if an account has it: it may as well be somebody's password."""
    text = str(typed or "").replace("\0", "")[:60]
    exists = get_user_model().objects.filter(username=text).exists()
    return text if exists else UNKNOWN


@receiver(user_logged_in, dispatch_uid="audit.in")
def _came_in(sender: Any, request: Any, user: Any, **rest: Any) -> None:
    record(
        by=user, verb="accounts.sign_in", target=TARGET, target_id=user.pk, note=_address(request)
    )


@receiver(user_logged_out, dispatch_uid="audit.out")
def _went_out(sender: Any, request: Any, user: Any, **rest: Any) -> None:
    if user is not None:
        record(by=user, verb="accounts.sign_out", target=TARGET, target_id=user.pk)


@receiver(user_login_failed, dispatch_uid="audit.failed")
def _failed(sender: Any, credentials: Any, request: Any = None, **rest: Any) -> None:
    name = known_name(credentials.get("username"))
    record(
        by=None,
        verb="accounts.sign_in_failed",
        target=TARGET,
        target_id=name,
        note=_address(request),
    )


@receiver(user_locked_out, dispatch_uid="audit.locked")
def _locked(sender: Any, request: Any = None, username: Any = "", **rest: Any) -> None:
    name = known_name(username)
    record(by=None, verb="accounts.locked", target=TARGET, target_id=name, note=_address(request))


@receiver(password_changed, dispatch_uid="audit.password")
def _password(sender: Any, user: Any, **rest: Any) -> None:
    record(by=user, verb="accounts.password_changed", target=TARGET, target_id=user.pk)


def record_call(request: Any, response: Any, view: Any) -> None:
    """Note one call of a token: method, address with its filters, answer."""
    if getattr(request, "auth", None) is None:
        return
    query = request.META.get("QUERY_STRING", "").replace("\0", "")
    new = {"status": response.status_code, "token": str(request.auth.public_id)}
    note = f"{request.method} {request.path}{'?' if query else ''}{query}"[:300]
    record(by=request.user, verb="api.call", target="api", note=note, new=new)
