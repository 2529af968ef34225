"""The rows of published assessments as outside systems get them; nothing before the 通报."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from django.db.models import Prefetch
from rest_framework import serializers

from responsibility.assessments.models import (
    AssessmentRun,
    DataItem,
    LeafEntry,
    Rectification,
    Result,
    SchemeVersion,
    Subject,
)
from responsibility.assessments.rules import Leaf, Scheme
from responsibility.assessments.rules.leaves import formula
from responsibility.assessments.rules.parsing import dump

MARK: dict[str, Any] = {"max_digits": 8, "decimal_places": 4}
NUMBER: dict[str, Any] = {"max_digits": 24, "decimal_places": 6}


# --- schemes -------------------------------------------------------------------------------------
class SchemeItemSerializer(serializers.Serializer[Any]):
    """A number that a leaf is scored with."""

    key = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    source_kind = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    role = serializers.CharField()


class SchemeLeafSerializer(serializers.Serializer[Any]):
    """An indicator of the tree: its branch, marks, rule in words and as data, clause."""

    key = serializers.CharField()
    path = serializers.ListField(child=serializers.CharField())
    name = serializers.CharField()
    full = serializers.DecimalField(**MARK)
    rule = serializers.CharField()
    rule_words = serializers.CharField()
    rule_data = serializers.JSONField()
    clause = serializers.CharField()
    basis = serializers.CharField()
    provider = serializers.CharField()
    verifier = serializers.CharField()
    items = SchemeItemSerializer(many=True)


class SchemeSerializer(serializers.Serializer[SchemeVersion]):
    """An issued version of a scheme with its indicator tree."""

    id = serializers.UUIDField(source="public_id")
    key = serializers.CharField()
    title = serializers.CharField()
    year = serializers.IntegerField()
    version = serializers.IntegerField()
    subjects = serializers.CharField()
    standing = serializers.CharField()
    division = serializers.CharField(source="division.code")
    digest = serializers.CharField()
    issued_at = serializers.DateTimeField()
    retired_at = serializers.DateTimeField(allow_null=True)
    full = serializers.DecimalField(source="scheme.full", **MARK)
    basis = serializers.CharField(source="scheme.basis")
    grades = serializers.SerializerMethodField()
    red_lines = serializers.SerializerMethodField()
    leaves = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_grades(self, row: SchemeVersion) -> list[dict[str, Any]]:
        """Return the grades with their least marks."""
        found: list[dict[str, Any]] = dump(row.scheme.grades)
        return found

    def get_red_lines(self, row: SchemeVersion) -> list[dict[str, Any]]:
        """Return the red lines with the grade that each limits to."""
        found: list[dict[str, Any]] = dump(row.scheme.red_lines)
        return found

    def get_leaves(self, row: SchemeVersion) -> list[dict[str, Any]]:
        """Return the indicators in order, each with the names of its branches."""
        return [_leaf(leaf, path) for leaf, path in _walk(row.scheme.children, ())]


def _walk(children: Sequence[Any], path: tuple[str, ...]) -> "list[tuple[Leaf, tuple[str, ...]]]":
    found: list[tuple[Leaf, tuple[str, ...]]] = []
    for item in children:
        if isinstance(item, Leaf):
            found.append((item, path))
        else:
            found += _walk(item.children, (*path, item.name))
    return found


def role(leaf: Leaf, key: str) -> str:
    """Return what a data item is to its leaf's rule: completed, planned, or other."""
    if key == getattr(leaf.rule, "value", ""):
        return "completed"
    return "planned" if key == getattr(leaf.rule, "of", "") else "other"


def _leaf(leaf: Leaf, path: tuple[str, ...]) -> dict[str, Any]:
    return {
        "key": leaf.key,
        "path": list(path),
        "name": leaf.name,
        "full": str(leaf.full),
        "rule": leaf.rule.kind,
        "rule_words": formula(leaf),
        "rule_data": dump(leaf.rule),
        "clause": leaf.clause,
        "basis": leaf.basis,
        "provider": leaf.provider,
        "verifier": leaf.verifier,
        "items": [
            {
                "key": item.key,
                "name": item.name,
                "unit": item.unit,
                "source_kind": item.source_kind,
                "source": item.source,
                "role": role(leaf, item.key),
            }
            for item in leaf.items
        ],
    }


# --- runs ----------------------------------------------------------------------------------------
class RunSerializer(serializers.Serializer[AssessmentRun]):
    """A published run."""

    id = serializers.UUIDField(source="public_id")
    year = serializers.IntegerField()
    subjects = serializers.CharField(source="subjects_kind")
    division = serializers.CharField(source="division.code")
    scheme = serializers.UUIDField(source="scheme.public_id")
    stage = serializers.CharField(source="status")
    seed = serializers.CharField()
    digest = serializers.CharField()
    publishes_marks = serializers.BooleanField()
    frozen_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


# --- what belongs to a unit ----------------------------------------------------------------------
class _OfUnit(serializers.Serializer[Any]):
    """What each row of a unit says of itself: run, year, place, unit."""

    id = serializers.UUIDField(source="public_id")
    run = serializers.UUIDField(source="subject.run.public_id")
    subject = serializers.UUIDField(source="subject.public_id")
    year = serializers.IntegerField(source="subject.run.year")
    division = serializers.CharField(source="subject.division.code")
    body_name = serializers.CharField(source="subject.body.name")

    def shows(self, row: Any) -> bool:
        """Say whether marks were published with the grades."""
        return bool(row.subject.run.publishes_marks)

    def scheme(self, row: Any) -> Scheme:
        """Return the scheme of a row; each is read once a page."""
        shared = cast(dict[str, Any], self.context)
        known: dict[int, Scheme] = shared.setdefault("schemes", {})
        key = row.subject.run.scheme_id
        if key not in known:
            known[key] = SchemeVersion.objects.get(pk=key).scheme
        return known[key]


PUBLISHED = {"subject__run__published_at__isnull": False, "subject__run__voided_at": None}
JOINED = ("subject__run", "subject__division", "subject__body")


class ResultSerializer(serializers.Serializer[Result]):
    """One frozen version of a unit's result; marks only where they were published."""

    version = serializers.IntegerField()
    total = serializers.SerializerMethodField()
    grade = serializers.CharField()
    digest = serializers.CharField()
    reason = serializers.CharField()
    document = serializers.CharField()
    made_at = serializers.DateTimeField()
    leaves = serializers.SerializerMethodField()

    def get_total(self, row: Result) -> Decimal | None:
        """Return the total, or None where only grades were published."""
        return row.total if row.subject.run.publishes_marks else None

    def get_leaves(self, row: Result) -> dict[str, str | None]:
        """Return {leaf: mark} as frozen; nothing where only grades were published."""
        marks: Mapping[str, str | None] = row.content["score"]["leaves"]
        return dict(marks) if row.subject.run.publishes_marks else {}


class SubjectSerializer(serializers.Serializer[Subject]):
    """A unit in a published run with every version of its result, the last one in force."""

    id = serializers.UUIDField(source="public_id")
    run = serializers.UUIDField(source="run.public_id")
    year = serializers.IntegerField(source="run.year")
    division = serializers.CharField(source="division.code")
    division_name = serializers.CharField(source="division.name")
    body_name = serializers.CharField(source="body.name")
    results = ResultSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ScoreSerializer(_OfUnit):
    """A leaf of a unit: what it said of itself, what was verified, the mark and why."""

    leaf = serializers.CharField()
    name = serializers.SerializerMethodField()
    clause = serializers.SerializerMethodField()
    full = serializers.DecimalField(**MARK)
    self_mark = serializers.SerializerMethodField()
    mark = serializers.SerializerMethodField()
    state = serializers.CharField()
    verified = serializers.CharField(source="finding")
    sampled = serializers.BooleanField()
    working = serializers.SerializerMethodField()
    deduction = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_name(self, row: LeafEntry) -> str:
        """Return the leaf's name in the scheme."""
        return self.scheme(row).leaf(row.leaf).name

    def get_clause(self, row: LeafEntry) -> str:
        """Return the clause that the leaf rests on."""
        return self.scheme(row).leaf(row.leaf).clause

    def get_self_mark(self, row: LeafEntry) -> Decimal | None:
        """Return the unit's own mark where marks were published."""
        return row.self_mark if self.shows(row) else None

    def get_mark(self, row: LeafEntry) -> Decimal | None:
        """Return the mark where marks were published."""
        return row.mark if self.shows(row) else None

    def get_working(self, row: LeafEntry) -> str:
        """Return the rule with the numbers put in."""
        return row.working if self.shows(row) and row.manual_mark is None else ""

    def get_deduction(self, row: LeafEntry) -> str:
        """Return why marks were lost."""
        return row.lost_reason if self.shows(row) and row.manual_mark is None else ""


class DataItemSerializer(_OfUnit):
    """A number that was scored with: as its source gave it, as verified, from where, as of when."""

    leaf = serializers.CharField()
    key = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    source_kind = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    role = serializers.SerializerMethodField()
    how = serializers.CharField()
    value = serializers.DecimalField(**NUMBER, allow_null=True)
    verified_value = serializers.DecimalField(**NUMBER, allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_role(self, row: DataItem) -> str:
        """Return whether this is what was completed, what was planned, or another number."""
        return role(self.scheme(row).leaf(row.leaf), row.key)


class RectificationSerializer(_OfUnit):
    """What a deduction asks to be mended; reports in words stay inside."""

    leaf = serializers.CharField()
    name = serializers.CharField()
    lost = serializers.SerializerMethodField()
    due_on = serializers.DateField()
    due_basis = serializers.CharField()
    status = serializers.CharField()
    closed_on = serializers.DateField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_lost(self, row: Rectification) -> Decimal | None:
        """Return the marks lost where marks were published."""
        return row.lost if self.shows(row) else None


# --- which rows there are ------------------------------------------------------------------------
def schemes() -> Any:
    """Return the issued schemes."""
    return SchemeVersion.objects.filter(issued_at__isnull=False).select_related("division")


def runs() -> Any:
    """Return the published runs."""
    rows = AssessmentRun.objects.living().filter(published_at__isnull=False)
    return rows.select_related("division", "scheme")


def subjects() -> Any:
    """Return the units of published runs with their results."""
    rows = Subject.objects.filter(run__published_at__isnull=False, run__voided_at=None)
    results = Prefetch("results", Result.objects.order_by("version"))
    return rows.select_related("run", "division", "body").prefetch_related(results)


def of_units(model: Any) -> Any:
    """Return the rows of a model that belong to units of published runs."""
    return model.objects.filter(**PUBLISHED).select_related(*JOINED)
