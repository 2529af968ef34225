"""``manage.py check``: mistakes of configuration, said before they are met in service."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

SHORTEST_SECRET = 50


def _field_keys() -> list[CheckMessage]:
    if not settings.FIELD_KEYS:
        return [
            Error("FIELD_KEYS is not set.", hint="docs/operations.md, keys", id="liaocheng.E002")
        ]
    for key in settings.FIELD_KEYS:
        try:
            good = len(base64.urlsafe_b64decode(key)) == 32
        except (binascii.Error, ValueError):
            good = False
        if not good:
            return [Error("FIELD_KEYS: 32 bytes each, urlsafe base64.", id="liaocheng.E003")]
    return []


def _secret_key() -> list[CheckMessage]:
    if settings.SECRET_KEY.startswith(settings.UNSET):
        return [Error("SECRET_KEY is not set.", id="liaocheng.E001")]
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        return [Error(f"SECRET_KEY is shorter than {SHORTEST_SECRET}.", id="liaocheng.E004")]
    return []


def _addresses() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS is not set.", id="liaocheng.E005"))
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS must name the hosts, not '*'.", id="liaocheng.E006"))
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        if not origin.startswith("https://"):
            found.append(
                Warning(f"CSRF_TRUSTED_ORIGINS: {origin} is not https.", id="liaocheng.W001")
            )
    return found


def _roles() -> list[CheckMessage]:
    """The application must not be the owner: it could then change the audit's rows."""
    if settings.DATABASE_ADMIN_URL:
        return []
    return [
        Warning(
            "DATABASE_ADMIN_URL is not set: if the application's role owns the tables, "
            "the audit is protected by triggers only.",
            id="liaocheng.W002",
        )
    ]


def _demo() -> list[CheckMessage]:
    if settings.DEMO and not settings.EMBEDDED:
        return [Error("DEMO is for the embedded default only.", id="liaocheng.E007")]
    return []


@register()
def configuration(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Check the production shape; the embedded default makes its own secrets."""
    if settings.EMBEDDED or settings.DEBUG:
        return []
    return [*_secret_key(), *_field_keys(), *_addresses(), *_roles(), *_demo()]
