"""The endpoint of a published run's signed file."""

import hashlib
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request

from responsibility.assessments import snapshot
from responsibility.assessments.api import RunViewSet


class RunFileViewSet(RunViewSet):
    """Published runs, each also as one signed file."""

    @extend_schema(
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY)},
        description="The published run as one signed file (zip); its SHA-256 in X-Content-SHA256.",
    )
    @action(detail=True, url_path="snapshot", filter_backends=[], pagination_class=None)
    def snapshot(self, request: Request, public_id: UUID) -> HttpResponse:
        """Return the file of the units that the token sees."""
        name, data = snapshot.build(self.get_object(), request.user)
        answer = HttpResponse(data, content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["X-Content-SHA256"] = hashlib.sha256(data).hexdigest()
        return answer
