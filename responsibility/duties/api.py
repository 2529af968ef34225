"""Duties and assignments for API clients."""

from rest_framework import serializers

from responsibility.common.api_views import ReadViewSet
from responsibility.duties.models import Assignment, Duty


class DutySerializer(serializers.Serializer[Duty]):
    """A duty of the catalogue."""

    id = serializers.UUIDField(source="public_id")
    key = serializers.CharField()
    title = serializers.CharField()
    category = serializers.CharField()
    rhythm = serializers.CharField()
    result = serializers.CharField()
    deadline_rule = serializers.CharField()
    articles = serializers.SerializerMethodField()
    updated_at = serializers.DateTimeField()

    def get_articles(self, row: Duty) -> list[str]:
        """Return the numbers of the articles it rests on."""
        return [item.clause.article.number for item in row.clauses.all()]


class AssignmentSerializer(serializers.Serializer[Assignment]):
    """A duty × a body × a year, and how it stands."""

    id = serializers.UUIDField(source="public_id")
    duty = serializers.CharField(source="duty.key")
    title = serializers.CharField(source="duty.title")
    body = serializers.UUIDField(source="body.public_id")
    body_name = serializers.CharField(source="body.name")
    division = serializers.CharField(source="division.code")
    division_name = serializers.CharField(source="division.name")
    year = serializers.IntegerField()
    standing = serializers.CharField()
    status = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class DutyViewSet(ReadViewSet):
    """The duty catalogue."""

    queryset = Duty.objects.prefetch_related("clauses__clause__article")
    serializer_class = DutySerializer
    scope = "duties:read"
    filters = {"key": "key", "category": "category", "rhythm": "rhythm"}


class AssignmentViewSet(ReadViewSet):
    """Assignments in scope."""

    queryset = Assignment.objects.select_related("duty", "body", "division")
    serializer_class = AssignmentSerializer
    scope = "duties:read"
    filters = {
        "year": "year",
        "duty": "duty__key",
        "standing": "standing",
        "status": "status",
        "tier": "division__tier",
    }
    path_lookup = "scope_path"
