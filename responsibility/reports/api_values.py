"""Writing a report item by item over the API: no update lost, conflicts named."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from responsibility.common.api_views import tagged
from responsibility.common.errors import Outdated
from responsibility.reports import rules
from responsibility.reports.api import ReportViewSet
from responsibility.reports.models import Report
from responsibility.reports.services import items
from responsibility.reports.services.items import Change

MOST = 500


class ReportItemSerializer(serializers.Serializer[Any]):
    """An item that people fill; ``seal`` names its content and goes along with a change."""

    key = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    seal = serializers.CharField()
    edited_at = serializers.DateTimeField(source="at", allow_null=True)


class ReportItemsSerializer(serializers.Serializer[Any]):
    """The items of a report with its revision."""

    revision = serializers.IntegerField()
    items = ReportItemSerializer(many=True)


class ChangeSerializer(serializers.Serializer[Any]):
    """What an item shall be, and the seal of the content that the client had before it."""

    text = serializers.CharField(
        max_length=rules.TEXT_LIMIT, allow_blank=True, trim_whitespace=False
    )
    seal = serializers.CharField(max_length=16, required=False)


class ChangesSerializer(serializers.Serializer[Any]):
    """Changes by the key of their item."""

    items = serializers.DictField(child=ChangeSerializer(), allow_empty=False)


class OutcomeSerializer(serializers.Serializer[Any]):
    """What became of a change: saved, same, conflict or refused; what stands now."""

    item = serializers.CharField()
    state = serializers.CharField()
    message = serializers.CharField()
    now = ReportItemSerializer(allow_null=True)


class ReceiptSerializer(serializers.Serializer[Any]):
    """The receipt of a write: each item stands or falls by itself."""

    status = serializers.CharField()
    dry_run = serializers.BooleanField()
    revision = serializers.IntegerField()
    outcomes = OutcomeSerializer(many=True)


IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="上次读到的 ETag；报告已变则 412"
)
DRY_RUN = OpenApiParameter("dry_run", str, description="1：只核对，不写入", enum=["0", "1"])


class ReportItemsViewSet(ReportViewSet):
    """Reports, each with the items that people fill."""

    @extend_schema(methods=["GET"], responses=ReportItemsSerializer)
    @extend_schema(
        methods=["POST"],
        request=ChangesSerializer,
        parameters=[IF_MATCH, DRY_RUN],
        responses={200: ReceiptSerializer, 412: OpenApiResponse(description="报告已变")},
    )
    @action(detail=True, methods=["get", "post"], url_path="values", pagination_class=None)
    def values(self, request: Request, public_id: UUID) -> Response:
        """Read or write the items of a report."""
        report: Report = self.get_object()
        if request.method == "GET":
            found = {"revision": report.revision, "items": list(items.items_of(report).values())}
            answer = tagged(request, Response(ReportItemsSerializer(found).data))
            answer["ETag"] = _tag(report)
            return answer
        given = ChangesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if (match := request.headers.get("If-Match", "*")) not in ("*", _tag(report)):
            raise Outdated(f"报告已有新的修改（{match[:40]}），请重新读取后再写。")
        changes = {
            key[:80]: Change(item["text"], item.get("seal"))
            for key, item in given.validated_data["items"].items()
        }
        trial = request.query_params.get("dry_run") == "1"
        report, made = items.save_items(
            by=request.user, report=report, changes=changes, dry_run=trial
        )
        answer = Response(ReceiptSerializer(_receipt(report, made, trial)).data)
        answer["ETag"] = _tag(report)
        return answer


def _tag(report: Report) -> str:
    return f'"r{report.revision}"'


def _receipt(report: Report, made: list[items.Outcome], trial: bool) -> dict[str, Any]:
    wrong = sum(item.state in (items.CONFLICT, items.REFUSED) for item in made)
    status = "SUCCESS" if not wrong else "ERROR" if wrong == len(made) else "WARNING"
    return {"status": status, "dry_run": trial, "revision": report.revision, "outcomes": made}
