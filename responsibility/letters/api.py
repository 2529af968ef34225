"""Letters for API clients: reading only; signing is by people."""

from typing import Any

from django.db.models import Prefetch
from rest_framework import serializers

from responsibility.common.api_views import ReadViewSet
from responsibility.letters.models import Letter, LetterScan

SCANS = Prefetch(
    "scans", LetterScan.objects.filter(voided_at=None).select_related("file").order_by("id")
)


class LetterLineSerializer(serializers.Serializer[Any]):
    """A target of a letter and how it came out."""

    indicator = serializers.CharField(source="indicator.key")
    unit = serializers.CharField(source="indicator.unit")
    target = serializers.DecimalField(max_digits=24, decimal_places=6)
    baseline = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    actual = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    outcome = serializers.CharField()
    short_by = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    due_on = serializers.DateField(allow_null=True)


class SignatureSerializer(serializers.Serializer[Any]):
    """A signature: which post, on which text; never a person's name."""

    side = serializers.CharField()
    principal = serializers.CharField()
    post = serializers.CharField(source="title")
    by_authority = serializers.BooleanField()
    text_hash = serializers.CharField()
    signed_at = serializers.DateTimeField()


class ScanSerializer(serializers.Serializer[Any]):
    """A scan of the signed paper: what it is, never its content."""

    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    media_type = serializers.CharField(source="file.media_type")
    size = serializers.IntegerField(source="file.size")
    sha256 = serializers.CharField(source="file.sha256")
    created_at = serializers.DateTimeField()


class LetterSerializer(serializers.Serializer[Letter]):
    """A letter, its state, targets and signatures."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.CharField(source="kind.key")
    year = serializers.IntegerField()
    division = serializers.CharField(source="division.code")
    body = serializers.UUIDField(source="body.public_id")
    body_name = serializers.CharField(source="body.name")
    counter_name = serializers.CharField(source="counter.name")
    number = serializers.CharField()
    status = serializers.CharField()
    basis = serializers.CharField(source="basis_line")
    text_hash = serializers.CharField()
    issued_at = serializers.DateTimeField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    lines = LetterLineSerializer(many=True)
    signatures = SignatureSerializer(many=True)
    scans = ScanSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class LetterViewSet(ReadViewSet):
    """Letters of the token's divisions."""

    queryset = Letter.objects.select_related(
        "kind", "division", "body", "counter"
    ).prefetch_related("lines__indicator", "signatures", SCANS)
    serializer_class = LetterSerializer
    scope = "letters:read"
    filters = {"year": "year", "kind": "kind__key", "status": "status"}
    path_lookup = "scope_path"
