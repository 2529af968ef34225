"""Who sees which rows: written once.

``visible_to(user)`` on a QuerySet is the only door to rows of business. It asks a provider (the
``postings`` app registers one) for the user's grants, collapses them to ranges over materialised
paths, and filters by an OR of those ranges with literal bounds. Without provider, grant or active
account it is ``none()``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Coalesce

from responsibility.common.errors import Forbidden, Missing
from responsibility.common.rights import Right

Somebody = AbstractBaseUser | AnonymousUser
M = TypeVar("M", bound=models.Model)
Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


@dataclass(frozen=True)
class Grant:
    """One reason why a user sees or may do something.

    ``prefix`` is a path (``1/37/``) whose whole subtree is granted; with ``body_id`` only the rows
    of that body are, and ``prefix`` is the body's division for what has no body of its own.
    ``code`` and ``territory`` are the division's code and name.
    """

    role: str
    tier: str
    prefix: str
    rights: frozenset[Right]
    source: str
    body_id: int | None = None
    division_id: int | None = None
    programme_id: int | None = None
    until: date | None = None
    code: str = ""
    territory: str = ""


@dataclass(frozen=True)
class ScopeBy:
    """Where a model keeps the path and, if it has one, the body by which it is scoped."""

    path: str = "scope_path"
    body: str | None = None


def upper_bound(prefix: str) -> str:
    """Return the first text after every path below ``prefix`` (which ends in a slash)."""
    return prefix[:-1] + "0"


def collapse(prefixes: Iterable[str]) -> tuple[str, ...]:
    """Return the prefixes in order, without those that lie below another."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not (kept and prefix.startswith(kept[-1])):
            kept.append(prefix)
    return tuple(kept)


@dataclass(frozen=True)
class Scope:
    """A territory: subtrees, and single bodies outside them."""

    prefixes: tuple[str, ...] = ()
    bodies: tuple[int, ...] = ()
    exact: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Say whether anything at all lies inside."""
        return bool(self.prefixes or self.bodies)

    def covers(self, path: str, body_id: int | None = None) -> bool:
        """Say whether a row with this path (and body) lies inside."""
        if any(path.startswith(prefix) for prefix in self.prefixes):
            return True
        return body_id in self.bodies if body_id is not None else path in self.exact

    def q(self, by: ScopeBy) -> Q:
        """Return the predicate: an OR of ranges with literal bounds."""
        condition = Q()
        for prefix in self.prefixes:
            condition |= Q(**{f"{by.path}__gte": prefix, f"{by.path}__lt": upper_bound(prefix)})
        if by.body and self.bodies:
            condition |= Q(**{f"{by.body}__in": self.bodies})
        elif not by.body and self.exact:
            condition |= Q(**{f"{by.path}__in": self.exact})
        return condition


@dataclass
class Access:
    """All that a user may see and do today; made once per request."""

    user: Any
    grants: tuple[Grant, ...] = ()
    territories: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    chosen_name: str = ""
    whole: "Access | None" = None
    _scopes: dict[Right, Scope] = field(default_factory=dict, repr=False)

    @property
    def roles(self) -> list[str]:
        """Return the distinct roles, in the order of the grants."""
        return list(dict.fromkeys(grant.role for grant in self.grants))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the distinct (role, tier) pairs."""
        return list(dict.fromkeys((grant.role, grant.tier) for grant in self.grants))

    def has(self, right: Right) -> bool:
        """Say whether the right is held anywhere."""
        return any(right in grant.rights for grant in self.grants)

    def with_right(self, right: Right) -> list[Grant]:
        """Return the grants that carry the right."""
        return [grant for grant in self.grants if right in grant.rights]

    def scope(self, right: Right = Right.VIEW) -> Scope:
        """Return where the right is held."""
        if right not in self._scopes:
            held = self.with_right(right)
            whole = collapse(grant.prefix for grant in held if grant.body_id is None)
            narrow = [grant for grant in held if grant.body_id is not None]
            self._scopes[right] = Scope(
                whole,
                tuple(sorted({grant.body_id for grant in narrow if grant.body_id})),
                tuple(sorted({grant.prefix for grant in narrow})),
            )
        return self._scopes[right]

    def allows(self, right: Right, obj: models.Model) -> bool:
        """Say whether the right is held over this object."""
        return self.scope(right).covers(*place_of(obj))

    def require(self, right: Right, obj: models.Model | None = None) -> None:
        """Raise Missing outside the territory, Forbidden inside without the right."""
        if obj is None:
            if not self.has(right):
                raise Forbidden("您没有办理此事的权限。如需办理，请联系本单位管理员。")
            return
        if self.allows(right, obj):
            return
        if self.scope(Right.VIEW).covers(*place_of(obj)):
            raise Forbidden("您可以查看，但没有办理此事的权限。")
        raise Missing("没有找到，或不在您的管理范围内。")


Provider = Callable[[Any], tuple[Grant, ...]]
_provider: list[Provider] = []


def register_provider(provider: Provider) -> None:
    """Set the function that knows a user's grants (``postings`` calls this once)."""
    _provider[:] = [provider]


def access_of(user: Somebody) -> Access:
    """Return the user's access, read once for the life of the user instance."""
    if not user.is_authenticated or not user.is_active:
        return Access(user)
    known: Access | None = getattr(user, "_access", None)
    if known is None:
        grants = _provider[0](user) if _provider else ()
        known = Access(user, grants)
        user._access = known  # type: ignore[attr-defined]
    return known


def territories_of(grants: Iterable[Grant]) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of the distinct places at which grants are held, in code order."""
    return tuple(sorted({(grant.code, grant.territory) for grant in grants if grant.code}))


def choose(user: Somebody, code: str, path: str = "", name: str = "") -> Access:
    """Let the user look at one territory until the end of the request.

    What is held at that place or below it stays; what is held above is cut down to it. So the
    choice can narrow and never widen. ``path`` and ``name`` are those of a place (inside the
    user's own) at which he is not posted himself; a code without either leaves the whole.
    """
    whole = access_of(user)
    places = territories_of(whole.grants)
    own = next((grant for grant in whole.grants if grant.code == code and code), None)
    top, called = (own.prefix, own.territory) if own else (path, name)
    held = tuple(_narrowed(whole.grants, top)) if top else whole.grants
    if not held:
        top, held = "", whole.grants
    access = Access(user, held, places, code if top else "", called if top else "", whole)
    user._access = access  # type: ignore[union-attr]
    return access


def _narrowed(grants: Iterable[Grant], top: str) -> Iterator[Grant]:
    """Yield what is left of the grants at one place: those above it lose their own seat."""
    for grant in grants:
        if grant.prefix.startswith(top):
            yield grant
        elif grant.body_id is None and top.startswith(grant.prefix):
            yield replace(grant, prefix=top, division_id=None)


def forget(user: Somebody) -> None:
    """Read the user's grants anew at the next question (after they changed)."""
    if hasattr(user, "_access"):
        del user._access


def place_of(obj: Any) -> tuple[str, int | None]:
    """Return the path and the body by which an object is scoped."""
    by: ScopeBy = getattr(type(obj), "SCOPE", ScopeBy())
    return _reach(obj, by.path), _reach(obj, by.body) if by.body else None


def _reach(obj: Any, lookup: str) -> Any:
    for part in lookup.split("__"):
        obj = getattr(obj, part)
    return obj


class ScopedQuerySet(models.QuerySet[M]):
    """Rows that lie in a territory; the model's ``SCOPE`` says by which columns."""

    def visible_to(self, user: Somebody, right: Right = Right.VIEW) -> Self:
        """Return the rows over which the user holds the right (by default: may see)."""
        return self.within(access_of(user).scope(right))

    def within(self, scope: Scope) -> Self:
        """Return the rows inside a scope."""
        by: ScopeBy = getattr(self.model, "SCOPE", ScopeBy())
        condition = scope.q(by)
        return self.filter(condition) if condition else self.none()

    def under(self, path: str) -> Self:
        """Return the rows of one subtree (a filter, not a permission)."""
        by: ScopeBy = getattr(self.model, "SCOPE", ScopeBy())
        return self.filter(**{f"{by.path}__gte": path, f"{by.path}__lt": upper_bound(path)})


class OpenQuerySet(models.QuerySet[M]):
    """Reference rows that everybody with any current posting reads (regulations, indicators)."""

    def visible_to(self, user: Somebody, right: Right = Right.VIEW) -> Self:
        """Return all rows to whoever holds the right anywhere, else none."""
        return self.all() if access_of(user).has(right) else self.none()


def newest(queryset: Rows, n: int, *, key: str = "created_at") -> Rows:
    """Return the ``n`` newest rows, by scope first.

    The inner query sorts by an expression that no index serves, so the planner cannot walk the
    whole table newest-first looking for a territory whose rows are all old.
    """
    masked = ExpressionWrapper(
        Coalesce(F(key), Value(None, output_field=DateTimeField())), output_field=DateTimeField()
    )
    inner = list(queryset.order_by(masked.desc(), "-pk").values_list("pk", flat=True)[:n])
    return queryset.filter(pk__in=inner).order_by(f"-{key}", "-pk")


def check_inside(obj: models.Model, by: Somebody, right: Right = Right.VIEW) -> None:
    """After a write: raise Forbidden when the row is not inside the writer's scope."""
    if not access_of(by).scope(right).covers(*place_of(obj)):
        raise Forbidden("该记录不在您的管理范围内，未保存。")
