"""What every API endpoint shares: scope, paging, filters, ETag, errors, idempotency."""

import base64
import binascii
import csv
import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import connection
from django.db.models import DateTimeField, F, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils.dateparse import parse_datetime
from rest_framework import exceptions
from rest_framework.pagination import BasePagination
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from responsibility.common.errors import DomainError, Invalid
from responsibility.common.scoping import access_of

if TYPE_CHECKING:
    from rest_framework.views import APIView

DEFAULT_SIZE, MAX_SIZE = 50, 500
MARGIN = timedelta(seconds=2)
LARGE = 500_000
PROBLEM = "application/problem+json"


def as_text(value: Any) -> str:
    """Return what orjson does not know as text."""
    return str(value)


class OrjsonRenderer(BaseRenderer):
    """JSON by orjson: decimals as text, times as ISO 8601."""

    media_type = "application/json"
    format = "json"
    charset: str | None = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the bytes of an answer."""
        return b"" if data is None else orjson.dumps(data, default=as_text)


class NdjsonRenderer(OrjsonRenderer):
    """One row a line, for bulk; the address of the next page is in the header ``Link``."""

    media_type = "application/x-ndjson"
    format = "ndjson"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the rows of a page, or a single row; a problem stays JSON."""
        if _is_problem(renderer_context):
            return super().render(data, accepted_media_type, renderer_context)
        rows = _bulk(data, renderer_context)
        lines = (orjson.dumps(row, default=as_text) for row in rows)
        # no row is an empty line: an empty body would lose its type
        return b"" if data is None else b"\n".join(lines) + b"\n"


class CsvRenderer(OrjsonRenderer):
    """A page as CSV with a head (UTF-8 with its mark, as spreadsheets expect)."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the rows; what is nested is JSON in its cell, and no text runs as a formula."""
        if _is_problem(renderer_context):
            return super().render(data, accepted_media_type, renderer_context)
        rows = _bulk(data, renderer_context)
        out = io.StringIO()
        if rows:
            writer = csv.DictWriter(out, fieldnames=list(rows[0]), extrasaction="ignore")
            writer.writeheader()
            writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
        return out.getvalue().encode("utf-8-sig")


def _is_problem(context: Mapping[str, Any] | None) -> bool:
    return bool(context and context["response"].status_code >= 400)


def _bulk(data: Any, context: Mapping[str, Any] | None) -> list[Any]:
    """Return the rows of an answer; tell of the next page in a header."""
    if data is None:
        return []
    if "results" not in data:
        return [data]
    if data.get("next") and context:
        context["response"]["Link"] = f'<{data["next"]}>; rel="next"'
    return list(data["results"])


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return orjson.dumps(value, default=as_text).decode()
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


# --- errors --------------------------------------------------------------------------------------
TITLES = {
    400: "请求有误",
    401: "未认证",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这个方法",
    406: "不支持这种格式",
    409: "有冲突",
    412: "内容已变动",
    413: "内容太大",
    415: "不支持这种内容类型",
    429: "请求太频繁",
}


def _flat(detail: Any, where: str = "") -> list[dict[str, str]]:
    if isinstance(detail, Mapping):
        return [
            row
            for key, value in detail.items()
            for row in _flat(value, f"{where}.{key}" if where else str(key))
        ]
    if isinstance(detail, list | tuple):
        rows: list[dict[str, str]] = []
        for number, value in enumerate(detail):
            nested = isinstance(value, Mapping | list | tuple)
            rows += _flat(value, f"{where}[{number}]" if nested else where)
        return rows
    code = getattr(detail, "code", None) or "invalid"
    return [{"where": where, "code": str(code), "message": str(detail)}]


def _problem(code: int, detail: str, errors: list[dict[str, str]], kind: str) -> Response:
    body = {
        "type": f"about:blank#{kind}",
        "title": TITLES.get(code, "请求未完成"),
        "status": code,
        "detail": detail,
        "errors": errors,
    }
    return Response(body, status=code, content_type=PROBLEM)


def problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer every refusal in one shape (application/problem+json); None is a real fault."""
    if isinstance(error, DomainError):
        row = {"where": error.where, "code": error.code, "message": error.message}
        return _problem(error.status, error.message, [row], error.code)
    if isinstance(error, Http404):
        error = exceptions.NotFound("没有找到，或不在令牌的范围内。")
    if isinstance(error, DjangoValidationError):
        error = exceptions.ValidationError(error.messages)
    if not isinstance(error, exceptions.APIException):
        return None
    rows = _flat(error.detail)
    answer = _problem(
        error.status_code, rows[0]["message"] if rows else "", rows, rows[0]["code"] if rows else ""
    )
    if wait := getattr(error, "wait", None):
        answer["Retry-After"] = str(int(wait) + 1)
    if header := getattr(error, "auth_header", None):
        answer["WWW-Authenticate"] = header
    return answer


# --- who may ------------------------------------------------------------------------------------
class HasScope(BasePermission):
    """The token must carry the scope that the view names for reading or writing."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Say whether the token's scopes cover the request."""
        if request.user is None or not request.user.is_authenticated:
            raise exceptions.NotAuthenticated("请在 Authorization 头里给出 Bearer 令牌。")
        reading = request.method in ("GET", "HEAD", "OPTIONS")
        wanted = getattr(view, "scope" if reading else "write_scope", None)
        if wanted is None or wanted not in getattr(request.auth, "scopes", ()):
            raise exceptions.PermissionDenied(f"令牌没有“{wanted}”权限范围。")
        return True


class TokenThrottle(SimpleRateThrottle):
    """So many requests a minute for each token."""

    scope = "token"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        """Return the key of the token's counter."""
        token = getattr(request.auth, "pk", None)
        return f"throttle:{token}" if token else None


# --- paging --------------------------------------------------------------------------------------
def _encode(moment: datetime, pk: int) -> str:
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{pk}".encode()).decode().rstrip("=")


def _place(row: Any, key: str) -> tuple[datetime, int]:
    """Return (moment, id) of a model instance or of a row of values."""
    if isinstance(row, dict):
        return row[key], row["id"]
    return getattr(row, key), row.pk


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None or not 1900 < moment.year < 9000:
        raise ValueError("no moment of ours")
    return moment.astimezone(UTC)


def _decode(text: str) -> tuple[datetime, int]:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        moment, _, pk = raw.partition("|")
        number = int(pk)
        if not 0 <= number < 2**63:
            raise ValueError
        return _in_utc(datetime.fromisoformat(moment)), number
    except (ValueError, binascii.Error, UnicodeDecodeError, OverflowError):
        raise Invalid("cursor 无效，请用上一页 next 里的地址。", where="cursor") from None


def safe_horizon() -> datetime:
    """Return the time before which no row can still appear: nothing uncommitted is older."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least(clock_timestamp(), coalesce(min(xact_start), clock_timestamp())) "
            "FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
        )
        found: datetime = cursor.fetchone()[0]
    return found - MARGIN


class FeedPagination(BasePagination):
    """Cursor pages by (created, id); with ``updated_since`` by (updated, id) up to a horizon."""

    shape: Callable[[Any], Any] = staticmethod(lambda rows: rows)

    def paginate_queryset(
        self, queryset: Any, request: Request, view: "APIView | None" = None
    ) -> list[Any]:
        """Return one page; remember what the next address needs."""
        self.request = request
        size = _size(request)
        since = request.query_params.get("updated_since")
        self.next_since: str | None = None
        self.window: tuple[datetime, datetime] | None = None
        key = "updated_at" if since is not None else "created_at"
        if since is not None:
            horizon = safe_horizon()
            self.next_since = horizon.isoformat()
            self.window = (moment(since), horizon)
            queryset = queryset.filter(updated_at__gt=self.window[0], updated_at__lte=horizon)
        if cursor := request.query_params.get("cursor"):
            queryset = queryset.filter(TupleGreaterThan(Tuple(F(key), F("id")), _decode(cursor)))
        rows = list(self.shape(_oldest(queryset, key, size + 1, request.user))[: size + 1])
        self.next_cursor = _encode(*_place(rows[size - 1], key)) if len(rows) > size else None
        return rows[:size]

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the address of the next."""
        body: dict[str, Any] = {"results": data, "next": None}
        if self.next_cursor:
            params = self.request.query_params.copy()
            params["cursor"] = self.next_cursor
            base = self.request.build_absolute_uri(self.request.path)
            body["next"] = f"{base}?{params.urlencode()}"
        elif self.next_since:
            body["next_since"] = self.next_since
        return Response(body)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page for the API's documentation."""
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": ["string", "null"], "format": "uri"},
                "next_since": {"type": "string", "format": "date-time"},
                "gone": {
                    "type": "array",
                    "items": {"type": "string", "format": "uuid"},
                    "description": "已移出令牌范围的记录（区划划转）；只在最后一页",
                },
            },
        }

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        """Describe the parameters for the API's documentation."""
        return [
            _parameter("cursor", "string", "上一页 next 里的游标"),
            {
                **_parameter("page_size", "integer", f"每页条数，默认 {DEFAULT_SIZE}"),
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_SIZE},
            },
            {
                **_parameter("updated_since", "string", "只取此时刻之后变动的"),
                "schema": {"type": "string", "format": "date-time"},
            },
        ]


def _is_large(table: str) -> bool:
    """Say by the database's own estimate whether walking a table would be felt."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [f'"{table}"'])
        return bool(cursor.fetchone()[0] > LARGE)


def _oldest(queryset: Any, key: str, n: int, user: Any) -> Any:
    """Return the rows by (key, id) of which the caller takes ``n``, by scope first.

    Whoever sees a whole tree is served by the index on the time, and so is everybody while a
    table is small. For a part of a large one the order is by an expression that no index serves:
    a planner that expects the part's rows spread evenly in time would else walk through all
    others' to find them (a city in a nation of 2 million rows: two seconds).
    """
    whole = any(prefix.count("/") == 1 for prefix in access_of(user).scope().prefixes)
    if whole or not _is_large(queryset.model._meta.db_table):
        return queryset.order_by(key, "id")
    masked = Coalesce(F(key), Value(None, output_field=DateTimeField()))
    keys = list(queryset.order_by(masked, "id").values_list("pk", flat=True)[:n])
    return queryset.filter(pk__in=keys).order_by(key, "id")


def _parameter(name: str, type_: str, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": text,
        "schema": {"type": type_},
    }


def _size(request: Request) -> int:
    text = request.query_params.get("page_size", str(DEFAULT_SIZE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_SIZE):
        raise Invalid(f"page_size 应为 1 至 {MAX_SIZE} 的整数。", where="page_size")
    return int(text)


def moment(text: str, where: str = "updated_since") -> datetime:
    """Return a moment of an address's parameter; raise Invalid for one without its zone."""
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        found = None
    if found is None or found.tzinfo is None or not 1900 < found.year < 9000:
        raise Invalid(f"{where} 应为带时区的时间，如 2020-12-01T00:00:00+08:00。", where=where)
    return found.astimezone(UTC)
