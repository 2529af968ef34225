"""Plans for API clients: lines and splits; drafts may be pushed, review and issue are people's."""

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from responsibility.common import idempotency
from responsibility.common.api_views import ReadViewSet
from responsibility.common.errors import Invalid
from responsibility.divisions.models import Body
from responsibility.figures.models import Indicator
from responsibility.plans.models import Plan, PlanLine, PlanPart
from responsibility.plans.services import drafting, splitting
from responsibility.plans.services.drafting import Draft, LineInput
from responsibility.plans.services.splitting import Change

MAX_LINES = 200


class PlanPartSerializer(serializers.Serializer[PlanPart]):
    """What one child division is given of a line (null: the cell was cleared)."""

    division = serializers.CharField(source="division.code")
    target = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)


class PlanLineSerializer(serializers.Serializer[PlanLine]):
    """One target with last year's number, what was handed down, and its split."""

    indicator = serializers.CharField(source="indicator.key")
    unit = serializers.CharField(source="indicator.unit")
    target = serializers.DecimalField(max_digits=24, decimal_places=6)
    baseline = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    handed_down = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    basis = serializers.CharField()
    parts = PlanPartSerializer(many=True)


class PlanSerializer(serializers.Serializer[Plan]):
    """One version of a plan."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.CharField()
    division = serializers.CharField(source="division.code")
    body_name = serializers.CharField(source="body.name")
    period = serializers.CharField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    issued_at = serializers.DateTimeField(allow_null=True)
    superseded_at = serializers.DateTimeField(allow_null=True)
    voided_at = serializers.DateTimeField(allow_null=True)
    unbalanced_reason = serializers.CharField()
    content_hash = serializers.CharField()
    lines = PlanLineSerializer(many=True)
    updated_at = serializers.DateTimeField()


class PlanPartInputSerializer(serializers.Serializer[Any]):
    """A child's part of a line."""

    division = serializers.CharField(max_length=12)
    target = serializers.DecimalField(
        max_digits=24, decimal_places=6, min_value=Decimal(0), max_value=Decimal("1e17")
    )


class PlanLineInputSerializer(serializers.Serializer[Any]):
    """A line of a draft."""

    indicator = serializers.CharField(max_length=80)
    target = serializers.DecimalField(
        max_digits=24, decimal_places=6, min_value=Decimal(0), max_value=Decimal("1e17")
    )
    basis = serializers.CharField(max_length=300, required=False, allow_blank=True)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)
    parts = PlanPartInputSerializer(many=True, required=False)


class PlanInputSerializer(serializers.Serializer[Any]):
    """A draft of a body's plan of a year: opened if there is none, its lines written."""

    body = serializers.UUIDField()
    period = serializers.CharField(max_length=9)
    lines = PlanLineInputSerializer(many=True)


class PlanViewSet(ReadViewSet):
    """Plans in scope, every version."""

    queryset = Plan.objects.select_related("division", "body").prefetch_related(
        Prefetch(
            "lines",
            PlanLine.objects.standing()
            .select_related("indicator")
            .order_by("position", "id")
            .prefetch_related(
                Prefetch("parts", PlanPart.objects.select_related("division").order_by("id"))
            ),
        )
    )
    serializer_class = PlanSerializer
    scope = "plans:read"
    write_scope = "plans:write"
    filters = {"kind": "kind", "period": "period", "status": "status"}
    path_lookup = "scope_path"

    @extend_schema(request=PlanInputSerializer, responses={201: PlanSerializer})
    def create(self, request: Request) -> Response:
        """Write a draft; a person reads it, sends it to review and issues it."""
        return idempotency.once(request, lambda: self._create(request))

    @transaction.atomic
    def _create(self, request: Request) -> Response:
        given = PlanInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        if len(data["lines"]) > MAX_LINES:
            raise Invalid(f"一次最多 {MAX_LINES} 项指标。", where="lines")
        bodies = Body.objects.visible_to(request.user).select_related("division", "kind")
        body = bodies.filter(public_id=data["body"]).first()
        if body is None:
            raise Invalid("没有这个单位，或不在令牌的范围内。", where="body")
        span = "/" in data["period"]
        plan = drafting.open_plan(by=request.user, body=body, period=data["period"], span=span)
        plan = _write_lines(request.user, plan, data["lines"])
        _write_parts(request.user, plan, data["lines"])
        row = self.queryset.get(pk=plan.pk)
        return Response(PlanSerializer(row).data, status=status.HTTP_201_CREATED)


def _write_lines(by: Any, plan: Plan, rows: list[dict[str, Any]]) -> Plan:
    keys = [row["indicator"] for row in rows]
    known = {item.key: item for item in Indicator.objects.filter(key__in=keys, retired_on=None)}
    there = {line.indicator.key: line for line in drafting.standing_lines(plan)}
    changed: dict[int, LineInput] = {}
    added: dict[Indicator, LineInput] = {}
    for number, row in enumerate(rows):
        key = row["indicator"]
        if key not in known or keys.count(key) > 1:
            words = "写了两次。" if key in known else "不在指标字典里。"
            raise Invalid(f"指标“{key[:40]}”{words}", where=f"lines[{number}].indicator")
        line = there.get(key)
        written = LineInput(
            row["target"],
            line.responsible_body if line else None,
            line.due_on if line else None,
            row.get("basis", line.basis if line else ""),
            "",
            row.get("note", line.note if line else ""),
            line.limit if line else None,
        )
        if line:
            changed[line.pk] = written
        else:
            added[known[key]] = written
    draft = Draft(basis=plan.basis, lines=changed, added=added)
    return drafting.save_draft(by=by, plan=plan, draft=draft)


def _write_parts(by: Any, plan: Plan, rows: list[dict[str, Any]]) -> None:
    lines = {line.indicator.key: line.pk for line in drafting.standing_lines(plan)}
    places = {child.code: child.pk for child in splitting.children_of(plan)}
    there = splitting.parts_of(plan)
    changes = {}
    for number, row in enumerate(rows):
        for place, part in enumerate(row.get("parts", [])):
            code = part["division"].ljust(12, "0")
            if code not in places:
                where = f"lines[{number}].parts[{place}].division"
                raise Invalid("不是本级的下级单位。", where=where)
            key = (lines[row["indicator"]], places[code])
            seen = there[key].revision if key in there else 0
            changes[key] = Change(part["target"], seen)
    if changes:
        splitting.save_cells(by=by, plan=plan, changes=changes)
