"""Who sees a record, and why; what a user sees, and why."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from responsibility.common.errors import Invalid, Missing
from responsibility.common.rights import RIGHT_LABELS, Right
from responsibility.common.scoping import Access, Grant, access_of, place_of
from responsibility.divisions.models import Division
from responsibility.postings.models import DivisionGrant, Posting
from responsibility.postings.rules import ROLE_LABELS, Role, last_day, rights_of

SHOWN = 200


@dataclass(frozen=True)
class Reason:
    """One reason: somebody holds something, somewhere, until a day, hence these rights."""

    user: Any
    source: str
    where: str
    rights: tuple[str, ...]
    until: date | None = None


def labels(rights: frozenset[Right]) -> tuple[str, ...]:
    """Return the rights in Chinese, in the table's order."""
    return tuple(RIGHT_LABELS[right] for right in Right if right in rights)


def role_label(role: str) -> str:
    """Return a grant's role in Chinese."""
    known = {"exception": "例外授权", "api": "接口账号"}
    return known.get(role) or ROLE_LABELS[Role(role)]


def of_user(user: Any) -> list[Reason]:
    """Return every reason why a user sees or may do something today."""
    access = access_of(user)
    ids = {grant.division_id for grant in access.grants if grant.division_id}
    names = dict(Division.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        Reason(
            user,
            grant.source,
            _where(grant, names.get(grant.division_id or 0, "")),
            labels(grant.rights),
            last_day(grant.until),
        )
        for grant in access.grants
    ]


def _where(grant: Grant, name: str) -> str:
    return f"{name}的一个单位" if grant.body_id is not None else f"{name}及下级"


def why(access: Access, obj: models.Model) -> list[Grant]:
    """Return the grants by which an access covers an object, with the right to view."""
    path, body_id = place_of(obj)
    return [
        grant
        for grant in access.with_right(Right.VIEW)
        if (
            path.startswith(grant.prefix)
            if grant.body_id is None
            else (body_id == grant.body_id if body_id is not None else path == grant.prefix)
        )
    ]


def of_object(obj: models.Model, today: date) -> list[Reason]:
    """Return who sees an object today, and by what; two queries, at most 200 of each kind.

    Only those above or at its place are read: a path's own prefixes are known.
    """
    path, body_id = place_of(obj)
    parts = [part for part in path.split("/") if part]
    above = ["/".join(parts[: number + 1]) + "/" for number in range(len(parts))]
    postings = (
        Posting.objects.current(today)
        .filter(scope_path__in=above, user__is_active=True)
        .select_related("user", "division", "body")
        .order_by("scope_path", "role", "id")[:SHOWN]
    )
    found = [
        Reason(
            row.user,
            str(row),
            row.division.name,
            labels(rights_of(row.role, row.division.tier)),
            row.last_day,
        )
        for row in postings
        if Right.VIEW in rights_of(row.role, row.division.tier) and _covers(row, path, body_id)
    ]
    exceptions = (
        DivisionGrant.objects.filter(
            content_object__path__in=above,
            validity__contains=today,
            user__is_active=True,
            permission__codename=Right.VIEW,
        )
        .select_related("user", "content_object", "permission")
        .order_by("id")[:SHOWN]
    )
    return found + [
        Reason(
            row.user,
            f"例外授权：{row.reason}",
            row.content_object.name,
            (row.right_label,),
            row.last_day,
        )
        for row in exceptions
    ]


def _covers(row: Posting, path: str, body_id: int | None) -> bool:
    if row.body_id is None:
        return True
    return body_id == row.body_id if body_id is not None else path == row.scope_path


def find_object(text: str) -> models.Model:
    """Return the scoped object that ``app.model:public-id`` names; raise Invalid or Missing."""
    label, _, key = text.strip().partition(":")
    try:
        model = apps.get_model(label)
        manager: Any = model._default_manager
        scoped = hasattr(manager.all(), "within") and hasattr(model, "public_id")
    except (LookupError, ValueError):
        scoped = False
    if not scoped:
        raise Invalid("记录应写成“应用.模型:编号”，例如 duties.assignment:…。", where="object")
    try:
        found: models.Model | None = manager.filter(public_id=key).first()
    except (ValidationError, ValueError):
        found = None
    if found is None:
        raise Missing("没有这条记录，请核对编号。", where="object")
    return found
