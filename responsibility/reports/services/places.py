"""What a change of the tree does to reports: unfinished ones of a place that is gone are closed."""

from typing import Any

from django.urls import reverse

from responsibility.divisions.services.effects import Effect, Outcome
from responsibility.flow.closing import follow_places
from responsibility.reports.models import Report, ReportStep


def on_division_changed(sender: Any, *, outcome: Outcome, by: Any, **kwargs: Any) -> list[Effect]:
    """Close what was not handed in at a place that is gone; what was goes on one tier up."""
    return follow_places(
        Report.objects.select_related("body", "kind"),
        outcome=outcome,
        steps=ReportStep,
        what="报告",
        address=lambda row: reverse("report", args=[row.public_id]),
        by=by,
    )
