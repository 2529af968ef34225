"""What a change of the tree does to the duty list: ended, handed to the successor, opened anew."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models.functions import Now
from django.urls import reverse

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.bulk import copy_rows
from responsibility.deadlines.models import Deadline
from responsibility.deadlines.rules import Status as DeadlineStatus
from responsibility.deadlines.services.opening import Opening, open_many
from responsibility.divisions.models import Body, Division, DivisionChange
from responsibility.divisions.rules import Fate
from responsibility.divisions.services.effects import Effect, Outcome, by_division
from responsibility.duties.models import Assignment, DutyBearer
from responsibility.duties.rules import Standing, Status
from responsibility.duties.services import assigning

WHAT = "责任清单"
Key = tuple[int, int, int]


def on_division_changed(
    sender: Any, *, change: DivisionChange, outcome: Outcome, by: Any, **kwargs: Any
) -> list[Effect]:
    """End the open duties of places that are gone, each handed on where somebody follows; give
    places that are new their duties of the years that are assigned already.
    """
    return [*_end(outcome, by), *_open(outcome, by)]


def _end(outcome: Outcome, by: Any) -> list[Effect]:
    if not outcome.ended:
        return []
    rows = list(
        Assignment.objects.filter(division__in=outcome.ended, year__gte=outcome.day.year)
        .exclude(status=Status.DONE)
        .exclude(standing__in=[Standing.NOT_APPLICABLE, Standing.ENDED])
        .select_related("duty", "body")
        .select_for_update(of=("self",))
        .order_by("id")
    )
    if not rows:
        return []
    active = [row for row in rows if row.standing == Standing.ACTIVE]
    heirs = _hand_over(active, outcome, by)
    for row in rows:
        heir = heirs.get(row.pk)
        row.standing = Standing.ENDED
        row.standing_reason = _words(outcome, heir)
        row.standing_by, row.standing_at = by, Now()
    fields = ["standing", "standing_reason", "standing_by", "standing_at"]
    Assignment.objects.bulk_update(rows, fields, batch_size=1000)
    audit.record(
        by=by,
        verb="duties.end_places",
        target=assigning.LABEL,
        new={
            "ended": [str(row.public_id) for row in rows[:500]],
            "count": len(rows),
            "handed_over": len(heirs),
        },
        note=outcome.reason,
    )
    return [
        *_effects([row for row in active if row.pk in heirs], Fate.HANDED_OVER, outcome),
        *_effects([row for row in active if row.pk not in heirs], Fate.CLOSED, outcome),
        *_hand_over_events(active, heirs, outcome, by),
    ]


def _words(outcome: Outcome, heir: Assignment | None) -> str:
    tail = f"，由{heir.body}承接" if heir else ""
    return f"{outcome.reason}{tail}"[:300]


def _effects(rows: list[Assignment], fate: Fate, outcome: Outcome) -> list[Effect]:
    return by_division(
        [
            (
                row.division_id,
                f"{row.year}年 {row.duty}（{row.body}）",
                reverse("duty_assignment", args=[row.public_id]),
            )
            for row in rows
        ],
        what=WHAT,
        fate=fate,
        successors=outcome.ended if fate is Fate.HANDED_OVER else None,
    )


def _bodies_of(heirs: list[Division]) -> dict[tuple[int, int], Body]:
    """Return the one living body of a kind at a place; where there are several, none follows."""
    found: dict[tuple[int, int], list[Body]] = defaultdict(list)
    rows = Body.objects.filter(division__in=heirs, ended_on=None).select_related("division")
    for body in rows.order_by("id"):
        found[(body.division_id, body.kind_id)].append(body)
    return {key: bodies[0] for key, bodies in found.items() if len(bodies) == 1}


def _hand_over(rows: list[Assignment], outcome: Outcome, by: Any) -> dict[int, Assignment]:
    """Return by ended assignment the one of the successor's body that goes on, made if missing."""
    bodies = _bodies_of([heir for heir in outcome.ended.values() if heir is not None])
    wanted: dict[int, Key] = {}
    for row in rows:
        heir = outcome.ended[row.division_id]
        body = bodies.get((heir.pk, row.body.kind_id)) if heir else None
        if body is not None:
            wanted[row.pk] = (row.duty_id, body.pk, row.year)
    there = {
        (row.duty_id, row.body_id, row.year): row
        for row in Assignment.objects.filter(
            body__in=[body.pk for body in bodies.values()],
            duty__in={row.duty_id for row in rows},
            year__in={row.year for row in rows},
        ).select_related("body")
    }
    made = _missing(rows, wanted, there, {body.pk: body for body in bodies.values()})
    _write(made, outcome, by)
    there.update({(row.duty_id, row.body_id, row.year): row for row in made})
    return {
        pk: there[key]
        for pk, key in wanted.items()
        if key in there and there[key].standing == Standing.ACTIVE
    }


def _missing(
    rows: list[Assignment],
    wanted: dict[int, Key],
    there: dict[Key, Assignment],
    bodies: dict[int, Body],
) -> list[Assignment]:
    """Return the assignments that the successors lack; a duty by mark stays with the marked."""
    bearers = set(
        DutyBearer.objects.filter(
            unlisted=False, duty__needs_mark=None, duty__retired_on=None
        ).values_list("duty_id", "kind_id")
    )
    made: dict[Key, Assignment] = {}
    for row in rows:
        key = wanted.get(row.pk)
        if key is None or key in there or (row.duty_id, row.body.kind_id) not in bearers:
            continue
        body = bodies[key[1]]
        new = Assignment(duty=row.duty, body=body, year=row.year, due_on=row.due_on)
        new.place(body.division)
        made[key] = new
    return list(made.values())


def _write(made: list[Assignment], outcome: Outcome, by: Any) -> None:
    for row in made:
        row.standing_reason = f"承接：{outcome.reason}"[:300]
    copy_rows(made)
    if made:
        assigning.open_deadlines(rows=made, by=by, since=outcome.day)


def _hand_over_events(
    rows: list[Assignment], heirs: dict[int, Assignment], outcome: Outcome, by: Any
) -> list[Effect]:
    """Open with the successor what was still running for single events at the places gone."""
    by_id = {row.public_id: row for row in rows if row.pk in heirs}
    running = list(
        Deadline.objects.of(assigning.LABEL, by_id).filter(
            status=DeadlineStatus.CLOSED,
            close_reason=outcome.reason,
            event_on__isnull=False,
            settled_on=None,
        )
    )
    if not running:
        return []
    wishes = []
    for item in running:
        heir = heirs[by_id[item.subject_id].pk]
        wishes.append(
            Opening(
                rule=item.rule_key,
                subject_type=assigning.LABEL,
                subject_id=heir.public_id,
                title=f"{item.title}（承接{by_id[item.subject_id].body}）"[:200],
                division_id=heir.division_id,
                body_id=heir.body_id,
                event_on=item.event_on,
            )
        )
    open_many(openings=wishes, by=by)
    shown = [
        (item.division_id, item.title, reverse("deadline_detail", args=[item.public_id]))
        for item in running
    ]
    return by_division(shown, what="遇事时限", fate=Fate.HANDED_OVER, successors=outcome.ended)


def _open(outcome: Outcome, by: Any) -> list[Effect]:
    """Give new places their duties, this year and next, where those are assigned already."""
    if not outcome.made:
        return []
    effects: list[Effect] = []
    places = [place.pk for place in outcome.made]
    for year in _years(outcome.day):
        plan = assigning.assign_places(year=year, places=places, since=outcome.day, by=by)
        effects += by_division(
            [
                (
                    row.division_id,
                    f"{row.year}年 {row.duty}（{row.body}）",
                    reverse("duty_assignment", args=[row.public_id]),
                )
                for row in plan.rows
            ],
            what=WHAT,
            fate=Fate.OPENED,
        )
    return effects


def _years(day: date) -> list[int]:
    last = clock.today().year + 1
    found = Assignment.objects.filter(year__gte=day.year, year__lte=last)
    return sorted(set(found.order_by().values_list("year", flat=True).distinct()))
