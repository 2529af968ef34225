"""Finding a division by its code, in scope."""

from datetime import datetime
from typing import Any

from django.db.models import Max

from responsibility.common.places import Moves
from responsibility.common.scoping import Scope, ScopeBy
from responsibility.divisions.models import Division, DivisionVersion


def path_of(code: str, user: Any) -> str | None:
    """Return the path of a division in the user's scope (by code or its beginning)."""
    if not code.isalnum() or not code.isascii():
        return None
    row = Division.objects.visible_to(user).filter(code=code.ljust(12, "0")).first()
    return row.path if row else None


def moved_out_of(scope: Scope, since: datetime) -> Moves:
    """Return places once subordinate to the scope and no longer: path today, recorded when."""
    left = (
        DivisionVersion.objects.filter(validity__upper_inf=False)
        .filter(scope.q(ScopeBy(path="parent__path")))
        .exclude(scope.q(ScopeBy(path="division__path")))
        .annotate(moved_at=Max("division__changes__change__created_at"))
        .filter(moved_at__gt=since)
    )
    return list(left.values_list("division__path", "moved_at"))
