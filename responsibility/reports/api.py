"""Reports for API clients."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from responsibility.common import clock, idempotency
from responsibility.common.api_views import ReadViewSet
from responsibility.common.errors import Invalid
from responsibility.divisions.models import Body
from responsibility.reports import rules
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.services import filling


class ReportCellDefSerializer(serializers.Serializer[Any]):
    """A figure that a section shows; ``typed``: this report is where it is typed."""

    indicator = serializers.CharField(source="indicator.key")
    typed = serializers.BooleanField()


class ReportSectionSerializer(serializers.Serializer[Any]):
    """A section of a kind: its key is what ``texts`` of a new report goes by."""

    key = serializers.CharField()
    title = serializers.CharField()
    section_kind = serializers.CharField()
    guidance = serializers.CharField()
    advised_length = serializers.IntegerField(allow_null=True)
    rows_are = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    cells = ReportCellDefSerializer(many=True)


class ReportCheckSerializer(serializers.Serializer[Any]):
    """A check of a kind: an error stops the report, a warning goes along to the reviewer."""

    key = serializers.CharField()
    severity = serializers.CharField()
    rule = serializers.CharField()
    params = serializers.JSONField()
    message = serializers.CharField()


class ReportKindSerializer(serializers.Serializer[ReportKind]):
    """A kind of report and its basis."""

    id = serializers.UUIDField(source="public_id")
    key = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    in_force_from = serializers.DateField(allow_null=True)
    in_force_to = serializers.DateField(allow_null=True)
    title = serializers.CharField()
    article = serializers.CharField()
    basis_kind = serializers.CharField()
    basis = serializers.CharField()
    purpose = serializers.CharField()
    addressee = serializers.CharField()
    tiers = serializers.ListField(child=serializers.CharField())
    rhythm = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    allows_no_data = serializers.BooleanField()
    sections = ReportSectionSerializer(many=True)
    checks = ReportCheckSerializer(many=True)
    updated_at = serializers.DateTimeField()


class ReportFigureSerializer(serializers.Serializer[Any]):
    """A figure of a report with its source."""

    indicator = serializers.CharField(source="definition.indicator.key")
    unit = serializers.CharField(source="definition.indicator.unit")
    value = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    last_value = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    how = serializers.CharField()
    reported = serializers.IntegerField()
    expected = serializers.IntegerField()


class ReportSerializer(serializers.Serializer[Report]):
    """A report, its state and its figures."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.CharField(source="kind.key")
    kind_version = serializers.IntegerField(source="kind.version")
    no_data_reason = serializers.CharField()
    division = serializers.CharField(source="division.code")
    body_name = serializers.CharField(source="body.name")
    period = serializers.CharField()
    status = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    content_hash = serializers.CharField()
    figures = ReportFigureSerializer(source="cells", many=True)
    updated_at = serializers.DateTimeField()


class ReportInputSerializer(serializers.Serializer[Any]):
    """A body's report of a period: opened if there is none, filled, handed in if asked."""

    kind = serializers.CharField(max_length=60)
    body = serializers.UUIDField()
    period = serializers.CharField(max_length=9)
    texts = serializers.DictField(
        child=serializers.CharField(max_length=rules.TEXT_LIMIT, allow_blank=True), required=False
    )
    figures = serializers.DictField(
        child=serializers.CharField(max_length=40, allow_blank=True), required=False
    )
    submit = serializers.BooleanField(default=False)


class ReportKindViewSet(ReadViewSet):
    """Kinds of reports."""

    queryset = ReportKind.objects.published().prefetch_related(
        "sections__cells__indicator", "checks"
    )
    serializer_class = ReportKindSerializer
    scope = "reports:read"
    filters = {"key": "key", "status": "status"}


class ReportViewSet(ReadViewSet):
    """Reports in scope."""

    queryset = Report.objects.select_related("kind", "division", "body").prefetch_related(
        "cells__definition__indicator"
    )
    serializer_class = ReportSerializer
    scope = "reports:read"
    write_scope = "reports:write"
    filters = {"kind": "kind__key", "period": "period", "status": "status"}
    path_lookup = "scope_path"

    @extend_schema(request=ReportInputSerializer, responses={201: ReportSerializer})
    def create(self, request: Request) -> Response:
        """Fill a report; handed in, it goes to the body's principal for 审签 first."""
        return idempotency.once(request, lambda: self._create(request))

    @transaction.atomic
    def _create(self, request: Request) -> Response:
        given = ReportInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        kind, body = _named(request, data)
        texts, figures = data.get("texts", {}), data.get("figures", {})
        report = filling.open_report(by=request.user, kind=kind, body=body, period=data["period"])
        if texts or figures:
            _check_keys(report, texts, figures)
            report = filling.save_texts(
                by=request.user, report=report, texts=texts, figures=figures
            )
        if data["submit"]:
            report = filling.hand_in(by=request.user, report=report)
        row = self.queryset.get(pk=report.pk)
        return Response(ReportSerializer(row).data, status=status.HTTP_201_CREATED)


def _named(request: Request, data: dict[str, Any]) -> tuple[ReportKind, Body]:
    """Return the kind and the body that a request names, in the token's scope."""
    kinds = ReportKind.objects.in_force(clock.today())
    kind = kinds.filter(key=data["kind"]).first()
    if kind is None:
        raise Invalid("没有这种报告。", where="kind")
    bodies = Body.objects.visible_to(request.user).select_related("division", "kind")
    body = bodies.filter(public_id=data["body"]).first()
    if body is None:
        raise Invalid("没有这个单位，或不在令牌的范围内。", where="body")
    return kind, body


def _check_keys(report: Report, texts: dict[str, str], figures: dict[str, str]) -> None:
    known = set(report.texts.values_list("section__key", flat=True))
    for key in texts:
        if key not in known:
            raise Invalid("没有这一节，请对照报表种类的 sections。", where=f"texts.{key[:40]}")
    typed = report.cells.filter(definition__typed=True)
    asked = set(typed.values_list("definition__indicator__key", flat=True))
    for key in figures:
        if key not in asked:
            raise Invalid("这个数不在本表手填，请对照 cells。", where=f"figures.{key[:40]}")
