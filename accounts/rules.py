"""Password rules and token secrets."""

import hashlib
import secrets
import string
from typing import Any

from django.core.exceptions import ValidationError

TOKEN_PREFIX = "lp_"  # noqa: S105 - a marker, not a secret
CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits)

SCOPES = {
    "divisions:read": "区划与单位",
    "regulations:read": "规则条文",
    "duties:read": "责任清单",
    "deadlines:read": "时限",
    "figures:read": "指标数值",
    "figures:write": "报指标数值",
    "progress:read": "进展",
    "progress:write": "报进展",
    "reports:read": "报告",
    "reports:write": "报报告",
    "letters:read": "责任书",
    "plans:read": "计划",
    "plans:write": "报计划",
    "assessment:read": "考核数据",
    "events:read": "变更通知",
}
"""What a token may be for; nothing else can be issued."""


class CharacterClassesValidator:
    """Ask for several of: lower case, upper case, digits, other characters."""

    def __init__(self, classes: int = 3) -> None:
        """Keep how many classes are asked for."""
        self.classes = classes

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError when too few classes occur."""
        found = sum(any(char in group for char in password) for group in CLASSES)
        found += any(not char.isalnum() for char in password)
        if found < self.classes:
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        """Say the rule in Chinese."""
        return f"密码须含大写字母、小写字母、数字、符号中的 {self.classes} 类。"


def new_password() -> str:
    """Return a one-time initial password that is easy to type and meets the rules."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    head = secrets.choice(letters).upper() + "".join(secrets.choice(letters) for _ in range(5))
    return f"{head}-{''.join(secrets.choice('23456789') for _ in range(4))}"


def new_token() -> tuple[str, str, str]:
    """Return (the whole token, its visible prefix, its digest)."""
    secret = secrets.token_urlsafe(32)
    token = TOKEN_PREFIX + secret
    return token, token[:11], token_digest(token)


def token_digest(token: str) -> str:
    """Return the SHA-256 of a token; its secret has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
