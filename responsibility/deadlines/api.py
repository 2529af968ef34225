"""Deadlines for API clients."""

from rest_framework import serializers

from responsibility.common.api_views import ReadViewSet
from responsibility.deadlines.models import Deadline


class DeadlineSerializer(serializers.Serializer[Deadline]):
    """One date with its basis."""

    id = serializers.UUIDField(source="public_id")
    subject_type = serializers.CharField()
    subject = serializers.UUIDField(source="subject_id")
    title = serializers.CharField()
    division = serializers.CharField(source="division.code")
    rule = serializers.CharField(source="rule_key")
    basis = serializers.CharField(source="rule.basis")
    basis_text = serializers.CharField(source="rule.basis_text")
    period = serializers.CharField()
    due_on = serializers.DateField()
    status = serializers.CharField()
    colour = serializers.CharField()
    settled_on = serializers.DateField(allow_null=True)
    updated_at = serializers.DateTimeField()


class DeadlineViewSet(ReadViewSet):
    """Deadlines in scope."""

    queryset = Deadline.objects.select_related("rule", "division")
    serializer_class = DeadlineSerializer
    scope = "duties:read"
    filters = {"status": "status", "colour": "colour", "rule": "rule_key", "period": "period"}
    path_lookup = "scope_path"
