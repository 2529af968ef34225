"""How allauth behaves here: nobody signs up by himself."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed; accounts come from unit administrators."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse open sign-up."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing: resets go through the unit administrator."""

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Say it on the sign-in page (only to somebody who knew the password)."""
        messages.error(request, "账号已停用，请找本单位管理员启用。")
        return redirect("account_login")
