"""Divisions and bodies for API clients."""

from rest_framework import serializers

from responsibility.common.api_views import ReadViewSet
from responsibility.divisions.models import Body, Division


class DivisionSerializer(serializers.Serializer[Division]):
    """A place as of today."""

    id = serializers.UUIDField(source="public_id")
    code = serializers.CharField()
    name = serializers.CharField()
    tier = serializers.CharField()
    kind = serializers.CharField()
    parent_code = serializers.SerializerMethodField()
    abolished_on = serializers.DateField(allow_null=True)
    updated_at = serializers.DateTimeField()

    def get_parent_code(self, row: Division) -> str | None:
        """Return the parent's code."""
        return row.parent.code if row.parent else None


class BodySerializer(serializers.Serializer[Body]):
    """A responsible body."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    kind = serializers.CharField(source="kind.key")
    division = serializers.CharField(source="division.code")
    is_main = serializers.BooleanField()
    ended_on = serializers.DateField(allow_null=True)
    updated_at = serializers.DateTimeField()


class DivisionViewSet(ReadViewSet):
    """Divisions in scope."""

    queryset = Division.objects.select_related("parent")
    serializer_class = DivisionSerializer
    scope = "divisions:read"
    filters = {"code": "code", "tier": "tier", "kind": "kind", "name": "name"}
    path_lookup = "path"


class BodyViewSet(ReadViewSet):
    """Bodies in scope."""

    queryset = Body.objects.select_related("kind", "division")
    serializer_class = BodySerializer
    scope = "divisions:read"
    filters = {"kind": "kind__key", "name": "name"}
    path_lookup = "scope_path"
