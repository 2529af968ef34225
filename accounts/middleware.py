"""Idle sign-out, and the forced change of an initial or too old password."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.models import User

SEEN = "seen_at"
STEP = 60
FREE = ("/password/", "/logout/", "/static/", "/healthz", "/readyz", "/display/")
Handler = Callable[[HttpRequest], HttpResponse]


class IdleSignOutMiddleware:
    """Sign out a session that was idle too long; what was typed stays in the browser's draft."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the last time the session was used; write it at most once a minute."""
        if request.user.is_authenticated:
            now, seen = int(time.time()), request.session.get(SEEN)
            if seen and now - seen > settings.IDLE_MINUTES * 60:
                logout(request)
                messages.info(
                    request, "长时间未操作，已自动退出。请重新登录，没报送的内容仍在本机。"
                )
            elif not seen or now - seen >= STEP:
                request.session[SEEN] = now
        return self.get_response(request)


def password_is_due(user: User) -> bool:
    """Say whether the user has to choose a new password first."""
    if user.must_change_password:
        return True
    oldest = timezone.now() - timedelta(days=settings.PASSWORD_DAYS)
    return bool(settings.PASSWORD_DAYS) and not user.is_demo and user.password_changed_at < oldest


class PasswordChangeMiddleware:
    """Lead to the password page whoever still has the initial password."""

    def __init__(self, get_response: Handler) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Redirect, except on the pages needed for the change itself."""
        user = request.user
        if isinstance(user, User) and not request.path.startswith(FREE) and password_is_due(user):
            return redirect("password_change")
        return self.get_response(request)
