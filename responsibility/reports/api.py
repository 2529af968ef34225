"""Reports for API clients."""

from typing import Any

from rest_framework import serializers

from responsibility.common.api_views import ReadViewSet
from responsibility.reports.models import Report, ReportKind


class ReportKindSerializer(serializers.Serializer[ReportKind]):
    """A kind of report and its basis."""

    id = serializers.UUIDField(source="public_id")
    key = serializers.CharField()
    title = serializers.CharField()
    article = serializers.CharField()
    basis = serializers.CharField()
    rhythm = serializers.CharField()
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
    division = serializers.CharField(source="division.code")
    body_name = serializers.CharField(source="body.name")
    period = serializers.CharField()
    status = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    content_hash = serializers.CharField()
    figures = ReportFigureSerializer(source="cells", many=True)
    updated_at = serializers.DateTimeField()


class ReportKindViewSet(ReadViewSet):
    """Kinds of reports."""

    queryset = ReportKind.objects.all()
    serializer_class = ReportKindSerializer
    scope = "reports:read"
    filters = {"key": "key"}


class ReportViewSet(ReadViewSet):
    """Reports in scope."""

    queryset = Report.objects.select_related("kind", "division", "body").prefetch_related(
        "cells__definition__indicator"
    )
    serializer_class = ReportSerializer
    scope = "reports:read"
    filters = {"kind": "kind__key", "period": "period", "status": "status"}
    path_lookup = "scope_path"
