"""What a hand-over lists of a body: what is owed, what is late, drafts, and what came back."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from responsibility.common import clock
from responsibility.deadlines.models import Deadline
from responsibility.divisions.models import Body
from responsibility.duties.models import Assignment
from responsibility.flow.rules import State
from responsibility.postings import open_items
from responsibility.progress.models import ProgressEntry
from responsibility.reports.models import Report


def duties(body: Body, user: Any) -> list[open_items.Item]:
    """Return this year's duties that are not done."""
    year = clock.today().year
    rows = Assignment.objects.filter(body=body, year=year, standing="active")
    query = urlencode({"division": body.division.code, "year": year})
    count = rows.exclude(status="done").count()
    return [(f"{year}年度未落实的责任", count, f"{reverse('duty_list')}?{query}")]


def deadlines(body: Body, user: Any) -> list[open_items.Item]:
    """Return the deadlines that are past: yellow and red."""
    found = (
        Deadline.objects.living()
        .filter(body=body, status="open")
        .aggregate(
            red=Count("pk", filter=Q(colour="red")), yellow=Count("pk", filter=Q(colour="yellow"))
        )
    )
    address = reverse("deadline_list")
    return [("超限的时限", found["red"], address), ("逾期的时限", found["yellow"], address)]


def progress(body: Body, user: Any) -> list[open_items.Item]:
    """Return drafts of progress and what was returned."""
    found = (
        ProgressEntry.objects.living()
        .filter(body=body)
        .aggregate(
            draft=Count("pk", filter=Q(status=State.DRAFT)),
            returned=Count("pk", filter=Q(status=State.RETURNED)),
        )
    )
    address = reverse("progress_list")
    return [
        ("退回的进展", found["returned"], f"{address}?status={State.RETURNED.value}"),
        ("没有报送的进展草稿", found["draft"], f"{address}?status={State.DRAFT.value}"),
    ]


def reports(body: Body, user: Any) -> list[open_items.Item]:
    """Return reports that are drafts or were returned."""
    found = Report.objects.filter(body=body).aggregate(
        draft=Count("pk", filter=Q(status=State.DRAFT)),
        returned=Count("pk", filter=Q(status=State.RETURNED)),
    )
    address = reverse("report_list")
    return [
        ("退回的报告", found["returned"], address),
        ("没有报送的报告草稿", found["draft"], address),
    ]


def register_shipped() -> None:
    """Register the sources that ship."""
    for source in (deadlines, progress, reports, duties):
        open_items.register(source)
