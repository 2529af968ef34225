"""Finding a division by its code, in scope."""

from typing import Any

from responsibility.divisions.models import Division


def path_of(code: str, user: Any) -> str | None:
    """Return the path of a division in the user's scope (by code or its beginning)."""
    if not code.isalnum() or not code.isascii():
        return None
    row = Division.objects.visible_to(user).filter(code=code.ljust(12, "0")).first()
    return row.path if row else None
