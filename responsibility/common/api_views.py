"""The base of every endpoint: a list and a detail over rows in scope."""

import builtins
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db.models import F, Q
from django.http import Http404
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from responsibility.common.api import as_text, moment
from responsibility.common.clock import SHANGHAI
from responsibility.common.errors import Invalid
from responsibility.common.places import division_path, moved_out
from responsibility.common.scoping import access_of, upper_bound

GONE_LIMIT = 100_000
SHARED = frozenset({"cursor", "page_size", "updated_since", "division", "as_of", "format"})


class ReadViewSet(GenericViewSet[Any]):
    """A list and a detail over rows in scope.

    Subclasses give ``queryset`` (with joins), ``serializer_class``, ``scope``, ``filters`` (query
    name → lookup) and, where the rows have a place, ``path_lookup``.
    """

    scope = ""
    write_scope: str | None = None
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    filters: Mapping[str, str] = {}
    integers: frozenset[str] = frozenset({"year"})
    path_lookup: str | None = None

    queryset: Any = None

    def get_queryset(self) -> Any:
        """Return the rows that the token may see, with the filters of the address."""
        queryset: Any = self.queryset
        rows = queryset.visible_to(self.request.user)
        if self.action != "list":
            return rows
        params = self.request.query_params
        for name in params:
            if name not in self.filters and name not in SHARED:
                raise Invalid(f"不认识的参数“{name[:30]}”。", where=name[:30])
        if "as_of" in params:
            rows = self.known_at(rows, moment(params["as_of"], "as_of"))
        for name, lookup in self.filters.items():
            if name in params:
                rows = rows.filter(**{lookup: self._value(name, params[name])})
        if "division" in params:
            rows = self._under(rows, params["division"])
        return rows

    def known_at(self, rows: Any, when: datetime) -> Any:
        """Return the versions that stood at a moment; raise Invalid where no history is kept."""
        raise Invalid("这个接口没有历史，不支持 as_of。", where="as_of")

    def _value(self, name: str, text: str) -> Any:
        if "\0" in text or len(text) > 200:
            raise Invalid(f"参数“{name}”的值不对。", where=name)
        if name in self.integers:
            if not (text.isascii() and text.isdigit() and len(text) < 6):
                raise Invalid(f"参数“{name}”应为整数。", where=name)
            return int(text)
        return text

    def _under(self, rows: Any, code: str) -> Any:
        if self.path_lookup is None:
            raise Invalid("这个接口不按区划筛选。", where="division")
        path = division_path(code, self.request.user)
        return rows.filter(
            **{f"{self.path_lookup}__gte": path, f"{self.path_lookup}__lt": upper_bound(path)}
        )

    def list(self, request: Request) -> Response:
        """Return one page, or 304 when the client already has it."""
        lookups = flat_lookups(self.get_serializer_class())  # type: ignore[arg-type]
        if lookups is None:
            page = self.paginate_queryset(self.get_queryset())
            data = self.get_serializer(page, many=True).data
        else:
            data = self._flat(lookups)
        answer = self.get_paginated_response(data)
        if "next_since" in answer.data and (gone := self._gone(request)):
            answer.data["gone"] = gone
        return tagged(request, answer)

    def _gone(self, request: Request) -> builtins.list[str]:
        """Return the ids of rows whose places left the token's territory since."""
        window = getattr(self.paginator, "window", None)
        if window is None or self.path_lookup is None:
            return []
        condition = Q()
        for path, left_at in moved_out(access_of(request.user).scope(), window[0]):
            below = {f"{self.path_lookup}__gte": path, f"{self.path_lookup}__lt": upper_bound(path)}
            condition |= Q(**below, created_at__lt=left_at)
        if not condition:
            return []
        rows = self.queryset.filter(condition).order_by("id")
        return [str(key) for key in rows.values_list("public_id", flat=True)[:GONE_LIMIT]]

    def _flat(self, lookups: Mapping[str, str]) -> builtins.list[dict[str, Any]]:
        """Return a page without making model objects: one SELECT of just these columns."""
        if self.paginator is not None:
            self.paginator.shape = lambda rows: self._values(rows, lookups)  # type: ignore[attr-defined]
        page = self.paginate_queryset(self.get_queryset())
        return [_row(row, lookups) for row in page or []]

    def _values(self, rows: Any, lookups: Mapping[str, str]) -> Any:
        outputs = {f"out_{name}": F(lookup) for name, lookup in lookups.items()}
        return rows.values("id", "created_at", "updated_at", **outputs)

    def retrieve(self, request: Request, public_id: UUID) -> Response:
        """Return one row, or 304 when the client already has it."""
        lookups = flat_lookups(self.get_serializer_class())  # type: ignore[arg-type]
        if lookups is None:
            return tagged(request, Response(self.get_serializer(self.get_object()).data))
        found = self._values(self.get_queryset().filter(public_id=public_id), lookups).first()
        if found is None:
            raise Http404
        return tagged(request, Response(_row(found, lookups)))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Never let a shared cache keep a scoped answer; note who asked."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "private, no-cache"
        answer["Vary"] = "Authorization, Accept"
        if isinstance(answer, Response):  # a file is an answer of its own
            answer.add_post_render_callback(_let_go)
        for hook in _hooks:
            hook(request, answer, self)
        return answer


endpoints: dict[str, type[ReadViewSet]] = {}
"""Every endpoint by its name; the API's addresses fill it, the data dictionary reads it."""


def _let_go(answer: Any) -> None:
    """Break the circle of answer, view and request: a page's rows are freed at once."""
    context = getattr(answer, "renderer_context", {})
    context.pop("response", None)
    if "view" in context:
        context["view"].response = None


_hooks: list[Any] = []


def register_hook(hook: Any) -> None:
    """Call ``hook(request, response, view)`` after each answer (the audit of calls)."""
    if hook not in _hooks:
        _hooks.append(hook)


def _row(row: Mapping[str, Any], lookups: Mapping[str, str]) -> dict[str, Any]:
    """Return a row of values under the names of its serializer."""
    return {name: _shown(row[f"out_{name}"]) for name in lookups}


def _shown(value: Any) -> Any:
    """Return a value as serializers show it: times in Asia/Shanghai."""
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) else value


@cache
def flat_lookups(serializer: type[serializers.Serializer[Any]]) -> dict[str, str] | None:
    """Return {name: lookup} of a serializer of plain fields; None where one needs an object."""
    found = {}
    for name, field in serializer().fields.items():
        plain = not isinstance(
            field,
            serializers.SerializerMethodField
            | serializers.BaseSerializer
            | serializers.ListField
            | serializers.DecimalField,
        )
        if not plain or field.source == "*":
            return None
        found[name] = (field.source or name).replace(".", "__")
    return found


def tagged(request: Request, response: Response) -> Response:
    """Add a strong ETag; answer 304 when the client's copy is the same."""
    content = orjson.dumps(response.data, default=as_text)
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if tag in [part.strip() for part in request.headers.get("If-None-Match", "").split(",")]:
        response = Response(status=status.HTTP_304_NOT_MODIFIED)
    response["ETag"] = tag
    return response
