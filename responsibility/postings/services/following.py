"""What an abolished place ends: its posts, terms of office, postings and named exceptions.

Nobody's rights pass to the successor by themselves: they are given there by whoever may.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Model
from django.db.models.functions import Now
from django.urls import reverse

from responsibility.audit import services as audit
from responsibility.common.scoping import forget
from responsibility.divisions.models import DivisionChange
from responsibility.divisions.rules import Fate
from responsibility.divisions.services.effects import Effect, Outcome, by_division
from responsibility.postings.models import DivisionGrant, Post, Posting, Tenure

RIGHTS = "在继受单位任职的，由单位管理员另行授权"


def on_division_changed(
    sender: Any, *, change: DivisionChange, outcome: Outcome, by: Any, **kwargs: Any
) -> list[Effect]:
    """End everything of the places that ended, from the day of the change."""
    if not outcome.ended:
        return []
    return [
        *_postings(outcome, by),
        *_tenures(outcome, by),
        *_posts(outcome, by),
        *_grants(outcome, by),
    ]


def _postings(outcome: Outcome, by: Any) -> list[Effect]:
    rows = [
        row
        for row in Posting.objects.filter(division__in=outcome.ended, voided_at=None)
        .select_related("user", "body", "division")
        .select_for_update(of=("self",))
        .order_by("id")
        if _runs_on(row.validity, outcome.day)
    ]
    _cut(rows, outcome, by)
    _note("postings.end", "postings.posting", rows, outcome, by)
    for row in rows:
        forget(row.user)
    return by_division(
        [(row.division_id, f"{row.user} · {row}", "") for row in rows],
        what="岗位授权",
        fate=Fate.CLOSED,
        note=RIGHTS,
    )


def _tenures(outcome: Outcome, by: Any) -> list[Effect]:
    rows = [
        row
        for row in Tenure.objects.living()
        .filter(post__division__in=outcome.ended)
        .select_related("post__body", "person__user")
        .select_for_update(of=("self",))
        .order_by("id")
        if _runs_on(row.validity, outcome.day)
    ]
    _cut(rows, outcome, by)
    _note("tenures.end", "postings.tenure", rows, outcome, by)
    return by_division(
        [(r.post.division_id, f"{r.post}：{r.person.shown_as}", "") for r in rows],
        what="任职",
        fate=Fate.CLOSED,
    )


def _posts(outcome: Outcome, by: Any) -> list[Effect]:
    rows = list(
        Post.objects.living()
        .filter(division__in=outcome.ended)
        .select_related("body")
        .order_by("id")
    )
    Post.objects.filter(pk__in=[row.pk for row in rows]).update(ended_on=outcome.day)
    _note("posts.end", "postings.post", rows, outcome, by)
    return by_division(
        [(row.division_id, str(row), reverse("post_detail", args=[row.public_id])) for row in rows],
        what="岗位",
        fate=Fate.CLOSED,
    )


def _grants(outcome: Outcome, by: Any) -> list[Effect]:
    rows = [
        row
        for row in DivisionGrant.objects.filter(content_object__in=outcome.ended)
        .select_related("user", "permission")
        .order_by("id")
        if row.validity is None or _runs_on(row.validity, outcome.day)
    ]
    for row in rows:
        since = row.validity.lower if row.validity else None
        row.validity = (since, _after(since, outcome.day))
        forget(row.user)
    DivisionGrant.objects.bulk_update(rows, ["validity"], batch_size=500)
    _note("exceptions.end", "postings.divisiongrant", rows, outcome, by)
    return by_division(
        [(row.content_object_id, f"{row.user} · {row.right_label}", "") for row in rows],
        what="例外授权",
        fate=Fate.CLOSED,
    )


def _runs_on(validity: Any, day: date) -> bool:
    return validity.upper is None or validity.upper > day


def _after(since: date | None, day: date) -> date:
    """Return the first day on which it holds no more: never before its second day."""
    return day if since is None or since < day else since + timedelta(days=1)


def _cut(rows: Iterable[Any], outcome: Outcome, by: Any) -> None:
    """End what began before the day; void what would only begin later."""
    ends = [row for row in rows if row.validity.lower < outcome.day or by is None]
    later = [row for row in rows if row.validity.lower >= outcome.day and by is not None]
    for row in ends:
        row.validity = (row.validity.lower, _after(row.validity.lower, outcome.day))
    for group, fields in ((ends, ["validity"]), (later, ["voided_at", "voided_by", "void_reason"])):
        if not group:
            continue
        if group is later:
            for row in group:
                row.voided_at, row.voided_by, row.void_reason = Now(), by, outcome.reason
        type(group[0])._default_manager.bulk_update(group, fields, batch_size=500)


def _note(verb: str, target: str, rows: Iterable[Model], outcome: Outcome, by: Any) -> None:
    """Write one event for all of a kind: which, and why."""
    ids = [str(getattr(row, "public_id", row.pk)) for row in rows]
    if ids:
        audit.record(
            by=by,
            verb=verb,
            target=target,
            new={"ended": ids[:500], "count": len(ids), "from": str(outcome.day)},
            note=outcome.reason,
        )
