"""What a hand-over lists of a body: owed, late, to sign or confirm, to answer, drafts, returned."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from responsibility.common import clock
from responsibility.deadlines.models import Deadline
from responsibility.divisions.models import Body
from responsibility.duties.models import Assignment
from responsibility.flow.rules import State
from responsibility.letters.models import Letter, Signature
from responsibility.letters.rules import Side
from responsibility.letters.rules import State as LetterState
from responsibility.plans.models import HandDown, Plan
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


def letters(body: Body, user: Any) -> list[open_items.Item]:
    """Return letters to sign, those the former holder signed (to confirm), those to settle."""
    year = clock.today().year
    signed = Signature.objects.filter(letter=OuterRef("pk"))
    own = Q(body=body) & ~Exists(signed.filter(side=Side.OWN))
    counter = Q(counter=body) & ~Exists(signed.filter(side=Side.COUNTER))
    former = signed.filter(post__body=body, tenure__person__user=user, authority="")
    found = Letter.objects.filter(Q(body=body) | Q(counter=body)).aggregate(
        sign=Count("pk", filter=Q(status=LetterState.ISSUED) & (own | counter)),
        confirm=Count("pk", filter=Q(status=LetterState.SIGNED, year=year) & Q(Exists(former))),
        settle=Count("pk", filter=Q(status=LetterState.SIGNED, body=body, own_settled_by=None)),
    )
    address = reverse("letter_list")
    to_confirm = found["confirm"] if user is not None else 0
    return [
        ("待签署的责任书", found["sign"], f"{address}?status={LetterState.ISSUED.value}"),
        (
            "前任已签、待接任人确认的责任书",
            to_confirm,
            f"{address}?status={LetterState.SIGNED.value}",
        ),
        ("待年终对账的责任书", found["settle"], f"{address}?status={LetterState.SIGNED.value}"),
    ]


def plans(body: Body, user: Any) -> list[open_items.Item]:
    """Return plans to issue, drafts and what came back."""
    found = (
        Plan.objects.living()
        .filter(body=body)
        .aggregate(
            issue=Count("pk", filter=Q(status=State.PASSED, issued_at=None)),
            returned=Count("pk", filter=Q(status=State.RETURNED)),
            draft=Count("pk", filter=Q(status=State.DRAFT)),
        )
    )
    address = reverse("plan_list")
    return [
        ("已通过、待下达的计划", found["issue"], address),
        ("退回的计划", found["returned"], address),
        ("没有报送的计划草稿", found["draft"], address),
    ]


def handed_down(body: Body, user: Any) -> list[open_items.Item]:
    """Return what was handed down from above in force and has no plan of one's own yet."""
    count = (
        HandDown.objects.filter(body=body, answer=None, plan__voided_at=None)
        .filter(plan__superseded_at=None, plan__period__gte=str(clock.today().year))
        .count()
    )
    return [("上级已下达、待答复的计划", count, reverse("plan_list"))]


def register_shipped() -> None:
    """Register the sources that ship."""
    for source in (deadlines, letters, handed_down, plans, progress, reports, duties):
        open_items.register(source)
