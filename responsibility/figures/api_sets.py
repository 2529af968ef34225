"""Data value sets in and out, in the shape of DHIS2's: so that existing tools can feed the ledger.

``dataElement`` is an indicator's key, ``orgUnit`` a division's code as of the period.
"""

import csv
import io
from collections.abc import Mapping
from typing import Any, cast

from django.db import transaction
from django.db.models import Model
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from responsibility.common import idempotency
from responsibility.common.api import OrjsonRenderer
from responsibility.common.api_views import tagged
from responsibility.common.errors import Invalid
from responsibility.common.places import division_path
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import DivisionVersion
from responsibility.figures.models import FigureValue
from responsibility.figures.rules.incoming import Item, Mistake, dhis2_period, read_period
from responsibility.figures.services import incoming
from responsibility.figures.services.bulk import Written
from responsibility.figures.services.ledger import as_of

MOST_IN, MOST_OUT = 10_000, 50_000
COLUMNS = ("dataElement", "period", "orgUnit", "value", "how", "lastUpdated")


class DataValueSerializer(serializers.Serializer[Any]):
    """One number: of which indicator, where, when."""

    dataElement = serializers.CharField(max_length=80)  # noqa: N815 - DHIS2's name
    orgUnit = serializers.CharField(max_length=12, required=False)  # noqa: N815
    period = serializers.CharField(max_length=9, required=False)
    value = serializers.CharField(max_length=40, allow_blank=True)


class DataValueSetInputSerializer(serializers.Serializer[Any]):
    """Numbers to enter; ``orgUnit`` and ``period`` above hold for items that name none."""

    orgUnit = serializers.CharField(max_length=12, required=False)  # noqa: N815
    period = serializers.CharField(max_length=9, required=False)
    dataValues = DataValueSerializer(many=True)  # noqa: N815


class ImportCountSerializer(serializers.Serializer[Any]):
    """How many were new, changed, the same, refused."""

    imported = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    ignored = serializers.IntegerField()


class ConflictSerializer(serializers.Serializer[Any]):
    """One refused item: its place in ``dataValues``, what was given, why."""

    index = serializers.IntegerField()
    code = serializers.CharField()
    value = serializers.CharField()
    message = serializers.CharField()


class ImportSummarySerializer(serializers.Serializer[Any]):
    """What became of a set: SUCCESS, WARNING (some refused), ERROR (all refused)."""

    status = serializers.ChoiceField(["SUCCESS", "WARNING", "ERROR"])
    dry_run = serializers.BooleanField()
    importCount = ImportCountSerializer()  # noqa: N815
    conflicts = ConflictSerializer(many=True)


class OutValueSerializer(serializers.Serializer[Any]):
    """One number that stands."""

    dataElement = serializers.CharField()  # noqa: N815
    period = serializers.CharField()
    orgUnit = serializers.CharField()  # noqa: N815
    value = serializers.CharField()
    how = serializers.CharField()
    lastUpdated = serializers.DateTimeField()  # noqa: N815


class DataValueSetSerializer(serializers.Serializer[Any]):
    """The numbers of a subtree and a period."""

    dataValues = OutValueSerializer(many=True)  # noqa: N815


class CsvRenderer(BaseRenderer):
    """A data value set as CSV with a header line."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the lines; a refusal keeps its own shape."""
        if not isinstance(data, dict) or "dataValues" not in data:
            return OrjsonRenderer().render(data)
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([row[name] for name in COLUMNS] for row in data["dataValues"])
        return file.getvalue().encode()


def _flag(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "")
    if text not in ("", "0", "1", "false", "true"):
        raise Invalid(f"参数“{name}”应为 1 或 0。", where=name)
    return text in ("1", "true")


def _only(request: Request, known: tuple[str, ...]) -> None:
    for name, text in request.query_params.items():
        if name not in known:
            raise Invalid(f"不认识的参数“{name[:30]}”。", where=name[:30])
        if "\0" in text or len(text) > 200:
            raise Invalid(f"参数“{name}”的值不对。", where=name)


class DataValueSetViewSet(ViewSet):
    """Numbers in and out in DHIS2's shape."""

    scope = "figures:read"
    write_scope = "figures:write"
    renderer_classes = [OrjsonRenderer, CsvRenderer]

    @extend_schema(
        parameters=[
            OpenApiParameter("dry_run", OpenApiTypes.STR, enum=["0", "1"]),
            OpenApiParameter("accept_jumps", OpenApiTypes.STR, enum=["0", "1"]),
        ],
        request=DataValueSetInputSerializer,
        responses={200: ImportSummarySerializer},
    )
    def create(self, request: Request) -> Response:
        """Enter numbers; each item stands or falls by itself."""
        _only(request, ("dry_run", "accept_jumps", "format"))
        return idempotency.once(request, lambda: self._create(request))

    @transaction.atomic
    def _create(self, request: Request) -> Response:
        items = _items(request.data)
        checked = incoming.check(
            items=items,
            scope=access_of(request.user).scope(Right.API_WRITE),
            accept_jumps=_flag(request, "accept_jumps"),
        )
        if _flag(request, "dry_run"):
            return Response(_summary(incoming.would_write(checked), checked.mistakes, True))
        account = cast(Model, request.user)
        done = incoming.write(by=account, checked=checked, source=account)
        return Response(_summary(done, checked.mistakes, False))

    @extend_schema(
        parameters=[
            OpenApiParameter("division", OpenApiTypes.STR, required=True),
            OpenApiParameter("period", OpenApiTypes.STR, required=True),
            OpenApiParameter("indicator", OpenApiTypes.STR),
            OpenApiParameter("sums", OpenApiTypes.STR, enum=["0", "1"]),
            OpenApiParameter("period_format", OpenApiTypes.STR, enum=["dhis2"]),
        ],
        responses={(200, "application/json"): DataValueSetSerializer, (200, "text/csv"): str},
    )
    def list(self, request: Request) -> Response:
        """Return what was entered in a subtree for a period; with ``sums=1`` the sums too."""
        _only(request, ("division", "period", "indicator", "sums", "period_format", "format"))
        params = request.query_params
        try:
            period = read_period(params.get("period", ""))
        except ValueError:
            raise Invalid("period 应如 2020、2020Q4、2020M03。", where="period") from None
        path = division_path(params.get("division", ""), request.user)
        rows = FigureValue.objects.visible_to(request.user).current().under(path)
        rows = rows.filter(period=period, dimension="", body__is_main=True)
        if not _flag(request, "sums"):
            rows = rows.filter(source_kind="typed")
        if "indicator" in params:
            rows = rows.filter(indicator__key=params["indicator"])
        dhis2 = params.get("period_format", "")
        if dhis2 not in ("", "dhis2"):
            raise Invalid("period_format 只能是 dhis2。", where="period_format")
        shown = dhis2_period(period) if dhis2 else period
        return tagged(request, Response({"dataValues": _out(rows, period, shown)}))


def _out(rows: Any, period: str, shown: str) -> list[dict[str, Any]]:
    found = list(
        rows.order_by("scope_path", "indicator__position", "indicator_id").values_list(
            "indicator__key", "division_id", "value", "source_kind", "recorded_at"
        )[: MOST_OUT + 1]
    )
    if len(found) > MOST_OUT:
        raise Invalid(f"超过 {MOST_OUT:,} 个数，请按区划或指标分几次取。", where="division")
    versions = DivisionVersion.objects.as_of(as_of(period))
    codes = dict(
        versions.filter(division_id__in={row[1] for row in found}).values_list(
            "division_id", "code"
        )
    )
    return [
        {
            "dataElement": key,
            "period": shown,
            "orgUnit": codes.get(division, ""),
            "value": f"{value.normalize():f}",
            "how": kind,
            "lastUpdated": at,
        }
        for key, division, value, kind, at in found
    ]


def _items(data: Any) -> list[Item]:
    """Return the items of a body; raise Invalid or a ValidationError for another shape."""
    given = data.get("dataValues") if isinstance(data, dict) else None
    if isinstance(given, list) and len(given) > MOST_IN:
        raise Invalid(f"一次最多 {MOST_IN:,} 个数，请分几次报。", where="dataValues")
    if isinstance(given, list) and not given:
        raise Invalid("dataValues 里没有数。", where="dataValues")
    checked = DataValueSetInputSerializer(data=data)
    checked.is_valid(raise_exception=True)
    body = checked.validated_data
    return [
        Item(
            where=str(number),
            indicator=row["dataElement"],
            place=row.get("orgUnit", body.get("orgUnit", "")),
            period=row.get("period", body.get("period", "")),
            value=row["value"],
        )
        for number, row in enumerate(body["dataValues"])
    ]


def _summary(done: Written, mistakes: list[Mistake], dry_run: bool) -> dict[str, Any]:
    status = "SUCCESS" if not mistakes else "WARNING"
    if mistakes and not done.written + done.unchanged:
        status = "ERROR"
    return {
        "status": status,
        "dry_run": dry_run,
        "importCount": {
            "imported": done.created,
            "updated": done.updated,
            "unchanged": done.unchanged,
            "ignored": len(mistakes),
        },
        "conflicts": [
            {
                "index": int(item.where),
                "code": item.code,
                "value": item.given,
                "message": item.message,
            }
            for item in sorted(mistakes, key=lambda item: int(item.where))
        ],
    }
