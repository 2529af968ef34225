"""Progress and evidence for API clients: reading, and writing through the same services."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from responsibility.common import idempotency
from responsibility.common.api_views import ReadViewSet
from responsibility.common.errors import Invalid
from responsibility.duties.models import Assignment
from responsibility.files.services import store_upload
from responsibility.progress.models import Evidence, ProgressEntry
from responsibility.progress.rules import TEXT_LIMIT
from responsibility.progress.services import entries
from responsibility.progress.services.entries import Content


class ProgressSerializer(serializers.Serializer[ProgressEntry]):
    """What was logged; voided rows are tombstones (``voided_at``)."""

    id = serializers.UUIDField(source="public_id")
    assignment = serializers.UUIDField(source="assignment.public_id")
    duty = serializers.CharField(source="assignment.duty.key")
    division = serializers.CharField(source="division.code")
    body_name = serializers.CharField(source="body.name")
    period = serializers.CharField()
    done_on = serializers.DateField(allow_null=True)
    text = serializers.CharField()
    status = serializers.CharField()
    reason = serializers.CharField()
    content_hash = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    voided_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()


class ProgressInputSerializer(serializers.Serializer[Any]):
    """A new entry: saved as a draft, or submitted at once."""

    assignment = serializers.UUIDField()
    period = serializers.CharField(max_length=9, required=False)
    text = serializers.CharField(max_length=TEXT_LIMIT)
    done_on = serializers.DateField()
    needs_help = serializers.CharField(max_length=500, required=False, allow_blank=True)
    figures = serializers.DictField(
        child=serializers.DecimalField(max_digits=24, decimal_places=6, min_value=0),
        required=False,
    )
    submit = serializers.BooleanField(default=False)


class ProgressViewSet(ReadViewSet):
    """Progress entries in scope."""

    queryset = ProgressEntry.objects.select_related("assignment__duty", "body", "division")
    serializer_class = ProgressSerializer
    scope = "progress:read"
    write_scope = "progress:write"
    filters = {"status": "status", "period": "period", "duty": "assignment__duty__key"}
    path_lookup = "scope_path"

    @extend_schema(request=ProgressInputSerializer, responses={201: ProgressSerializer})
    def create(self, request: Request) -> Response:
        """Log on an assignment; an Idempotency-Key makes a repeat harmless."""
        return idempotency.once(request, lambda: self._create(request))

    @transaction.atomic
    def _create(self, request: Request) -> Response:
        given = ProgressInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        assignment = (
            Assignment.objects.visible_to(request.user)
            .select_related("duty", "body__division", "division")
            .filter(public_id=data["assignment"])
            .first()
        )
        if assignment is None:
            raise Invalid("没有这项责任，或不在令牌的范围内。", where="assignment")
        entry = entries.start(by=request.user, assignment=assignment, period=data.get("period"))
        content = Content(
            text=data["text"],
            done_on=data["done_on"],
            needs_help=data.get("needs_help"),
            figures=data.get("figures", {}),
        )
        entry = entries.save_draft(by=request.user, entry=entry, content=content)
        if data["submit"]:
            entry = entries.submit(by=request.user, entry=entry)
        entry.refresh_from_db()
        return Response(ProgressSerializer(entry).data, status=status.HTTP_201_CREATED)


class EvidenceSerializer(serializers.Serializer[Evidence]):
    """A file offered for an entry (its bytes are on the pages, in scope)."""

    id = serializers.UUIDField(source="public_id")
    progress = serializers.UUIDField(source="entry.public_id")
    name = serializers.CharField()
    sha256 = serializers.CharField(source="file.sha256")
    size = serializers.IntegerField(source="file.size")
    media_type = serializers.CharField(source="file.media_type")
    fact_on = serializers.DateField(allow_null=True)
    voided_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()


class EvidenceInputSerializer(serializers.Serializer[Any]):
    """A file for an entry that may still be changed."""

    progress = serializers.UUIDField()
    file = serializers.FileField()
    fact_on = serializers.DateField(required=False)


class EvidenceViewSet(ReadViewSet):
    """Evidence in scope."""

    queryset = Evidence.objects.select_related("entry", "file")
    serializer_class = EvidenceSerializer
    scope = "progress:read"
    write_scope = "progress:write"
    filters = {"progress": "entry__public_id", "sha256": "file__sha256"}
    path_lookup = "entry__scope_path"
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": EvidenceInputSerializer},
        responses={201: EvidenceSerializer},
    )
    def create(self, request: Request) -> Response:
        """Attach a file to an entry."""
        return idempotency.once(request, lambda: self._create(request))

    @transaction.atomic
    def _create(self, request: Request) -> Response:
        given = EvidenceInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        entry = (
            ProgressEntry.objects.visible_to(request.user)
            .living()
            .filter(public_id=data["progress"])
            .first()
        )
        if entry is None:
            raise Invalid("没有这条进展，或不在令牌的范围内。", where="progress")
        upload: UploadedFile[Any] = data["file"]
        stored, _ = store_upload(by=request.user, upload=upload)
        link, _ = entries.attach(
            by=request.user,
            entry=entry,
            file=stored,
            name=upload.name or "附件",
            fact_on=data.get("fact_on"),
        )
        link.refresh_from_db()
        return Response(EvidenceSerializer(link).data, status=status.HTTP_201_CREATED)
