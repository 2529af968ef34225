"""Bearer tokens of service accounts."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.rules import token_digest

STEP = timedelta(minutes=1)
# Asked at every call: as raw queries they need not be composed anew each time.
BY_DIGEST = "SELECT * FROM accounts_apitoken WHERE digest = %s"
ACCOUNT = "SELECT * FROM accounts_user WHERE id = %s"
REFUSED = "令牌无效、已吊销或已过期。"


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer TOKEN``; the user is the service account behind the token."""

    keyword = b"bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the account and the token, or None without a header."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword:
            return None
        if len(parts) != 2:
            raise AuthenticationFailed(REFUSED)
        try:
            digest = token_digest(parts[1].decode("ascii"))
        except UnicodeDecodeError:
            raise AuthenticationFailed(REFUSED) from None
        return self._check(digest)

    def _check(self, digest: str) -> tuple[User, ApiToken]:
        token = next(iter(ApiToken.objects.raw(BY_DIGEST, [digest])), None)
        now = timezone.now()
        if (
            token is None
            or token.revoked_at is not None
            or (token.expires_at is not None and token.expires_at <= now)
        ):
            raise AuthenticationFailed(REFUSED)
        token.user = next(iter(User.objects.raw(ACCOUNT, [token.user_id])))
        if not token.user.is_active:
            raise AuthenticationFailed(REFUSED)
        if token.last_used_at is None or now - token.last_used_at > STEP:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Say how to authenticate (so that refusals are 401)."""
        return "Bearer"


def scopes_of(auth: Any) -> frozenset[str]:
    """Return the scopes of a request's token."""
    return frozenset(auth.scopes) if isinstance(auth, ApiToken) else frozenset()
