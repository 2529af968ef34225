"""Indicators and figures for API clients."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from responsibility.common.api_views import ReadViewSet
from responsibility.figures.models import FigureValue, Indicator
from responsibility.figures.services.reading import known_at


class IndicatorSerializer(serializers.Serializer[Indicator]):
    """One definition, one unit."""

    id = serializers.UUIDField(source="public_id")
    key = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    definition = serializers.CharField()
    period_type = serializers.CharField()
    tier = serializers.CharField()
    nature = serializers.CharField()
    source_kind = serializers.CharField()
    formula = serializers.CharField()
    updated_at = serializers.DateTimeField()


class FigureSerializer(serializers.Serializer[FigureValue]):
    """A number that stands, with its source and how many bodies are in it."""

    id = serializers.UUIDField(source="public_id")
    indicator = serializers.CharField(source="indicator.key")
    unit = serializers.CharField(source="indicator.unit")
    division = serializers.CharField(source="division.code")
    period = serializers.CharField()
    dimension = serializers.CharField()
    value = serializers.DecimalField(max_digits=24, decimal_places=6)
    source_kind = serializers.CharField()
    reported = serializers.IntegerField()
    expected = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()
    superseded_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()


class IndicatorViewSet(ReadViewSet):
    """The indicator dictionary."""

    queryset = Indicator.objects.all()
    serializer_class = IndicatorSerializer
    scope = "figures:read"
    filters = {"key": "key", "tier": "tier", "source_kind": "source_kind"}


class FigureViewSet(ReadViewSet):
    """Figures in scope, every version of them; with ``as_of`` those that stood at a moment."""

    queryset = FigureValue.objects.select_related("indicator", "division")
    serializer_class = FigureSerializer
    scope = "figures:read"
    filters = {"indicator": "indicator__key", "period": "period", "source_kind": "source_kind"}
    path_lookup = "scope_path"

    def known_at(self, rows: Any, when: datetime) -> Any:
        """Return the versions that stood at a moment."""
        return known_at(rows, when)
