"""What the alerts say on other apps' pages."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest

from responsibility.alerts.models import Alert
from responsibility.alerts.rules import LABELS, Kind


def of_division(request: HttpRequest, obj: Any) -> tuple[str, dict[str, Any]] | None:
    """Return how many alerts of each kind stand in a division's territory; one scoped query."""
    counts = dict(
        Alert.objects.visible_to(request.user)
        .open()
        .under(obj.path)
        .order_by()
        .values_list("kind")
        .annotate(n=Count("id"))
    )
    rows = [
        {"kind": kind.value, "label": LABELS[kind], "count": counts[kind.value]}
        for kind in Kind
        if kind.value in counts
    ]
    return ("alerts/_panel.html", {"rows": rows, "place": obj}) if rows else None
