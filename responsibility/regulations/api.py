"""Regulations, articles and clauses for API clients."""

from rest_framework import serializers

from responsibility.common.api_views import ReadViewSet
from responsibility.regulations.models import Article, Clause, RegulationVersion


class RegulationSerializer(serializers.Serializer[RegulationVersion]):
    """A version of a regulation."""

    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField(source="regulation.title")
    number = serializers.IntegerField()
    status = serializers.CharField()
    issuer = serializers.CharField()
    effective_on = serializers.DateField(allow_null=True)
    certainty = serializers.CharField()
    updated_at = serializers.DateTimeField()


class ArticleSerializer(serializers.Serializer[Article]):
    """An article, numbered by text."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.CharField()
    chapter = serializers.CharField(source="chapter.number", allow_null=True, default=None)
    regulation = serializers.UUIDField(source="version.public_id")
    updated_at = serializers.DateTimeField()


class ClauseSerializer(serializers.Serializer[Clause]):
    """A paragraph with its items."""

    id = serializers.UUIDField(source="public_id")
    article = serializers.CharField(source="article.number")
    number = serializers.IntegerField()
    text = serializers.CharField()
    items = serializers.ListField(child=serializers.DictField())
    updated_at = serializers.DateTimeField()


class RegulationViewSet(ReadViewSet):
    """Versions of regulations."""

    queryset = RegulationVersion.objects.select_related("regulation")
    serializer_class = RegulationSerializer
    scope = "duties:read"
    filters = {"status": "status"}


class ArticleViewSet(ReadViewSet):
    """Articles."""

    queryset = Article.objects.select_related("chapter", "version")
    serializer_class = ArticleSerializer
    scope = "duties:read"
    filters = {"number": "number", "status": "version__status"}


class ClauseViewSet(ReadViewSet):
    """Clauses."""

    queryset = Clause.objects.select_related("article")
    serializer_class = ClauseSerializer
    scope = "duties:read"
    filters = {"article": "article__number", "status": "article__version__status"}
