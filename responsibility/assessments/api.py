"""Assessment for outside systems: reading only, and only what has been published (通报)."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from responsibility.assessments import feed
from responsibility.assessments.models import DataItem, LeafEntry, Rectification, Result
from responsibility.common.api import CsvRenderer, NdjsonRenderer, OrjsonRenderer
from responsibility.common.api_views import ReadViewSet

BY_UNIT = {
    "year": "subject__run__year",
    "run": "subject__run__public_id",
    "subject": "subject__public_id",
    "stage": "subject__run__status",
}


class AssessmentViewSet(ReadViewSet):
    """A list and a detail of published assessments, in bulk also as CSV or NDJSON."""

    scope = "assessment:read"
    renderer_classes = [OrjsonRenderer, NdjsonRenderer, CsvRenderer]


class SchemeViewSet(AssessmentViewSet):
    """Issued schemes; a draft never leaves."""

    queryset = feed.schemes()
    serializer_class = feed.SchemeSerializer
    filters = {"year": "year", "key": "key", "subjects": "subjects"}


class RunViewSet(AssessmentViewSet):
    """Published runs in which a unit of the token's divisions takes part."""

    queryset = feed.runs()
    serializer_class = feed.RunSerializer
    filters = {"year": "year", "subjects": "subjects_kind", "stage": "status"}


class SubjectViewSet(AssessmentViewSet):
    """Units of published runs; ``as_of`` gives what stood at a moment."""

    queryset = feed.subjects()
    serializer_class = feed.SubjectSerializer
    filters = {"year": "run__year", "run": "run__public_id", "stage": "run__status"}
    path_lookup = "scope_path"

    def known_at(self, rows: Any, when: datetime) -> Any:
        """Return the units published by then, with the versions made by then."""
        results = Result.objects.filter(made_at__lte=when).order_by("version")
        rows = rows.filter(run__published_at__lte=when).prefetch_related(None)
        return rows.prefetch_related(Prefetch("results", results))


class ScoreViewSet(AssessmentViewSet):
    """Scores of published runs, leaf by leaf."""

    queryset = feed.of_units(LeafEntry)
    serializer_class = feed.ScoreSerializer
    filters = {**BY_UNIT, "leaf": "leaf"}
    path_lookup = "subject__scope_path"


class DataItemViewSet(AssessmentViewSet):
    """Data items of published runs."""

    queryset = feed.of_units(DataItem)
    serializer_class = feed.DataItemSerializer
    filters = {**BY_UNIT, "leaf": "leaf", "key": "key"}
    path_lookup = "subject__scope_path"


class RectificationViewSet(AssessmentViewSet):
    """Rectifications out of published runs."""

    queryset = feed.of_units(Rectification)
    serializer_class = feed.RectificationSerializer
    filters = {**BY_UNIT, "status": "status"}
    path_lookup = "scope_path"
