"""Plans for tests: 大英县's eleven townships hung below 冠县, indicators, a ready plan."""

from datetime import date
from decimal import Decimal

from responsibility.divisions.models import Body
from responsibility.divisions.services.tree import create_division
from responsibility.figures.models import FigureValue, Indicator
from responsibility.plans.models import Plan
from responsibility.plans.services import drafting, review, splitting
from responsibility.plans.services.drafting import Draft, LineInput
from responsibility.plans.services.splitting import Change
from tests.cast import Cast, make_body
from tests.duties_maker import make_indicator
from tests.plans.test_rules import DAYING

TODAY = date(2020, 1, 15)


def indicator(cast: Cast, key: str = "people", name: str = "减贫人口", **extra: str) -> Indicator:
    row = make_indicator(cast, key=key)
    row.name, row.unit, row.nature = name, extra.get("unit", "人"), extra.get("nature", "additive")
    row.save()
    return row


def value(body: Body, item: Indicator, period: str, number: int) -> None:
    row = FigureValue(
        indicator=item, body=body, period=period, value=Decimal(number), source_kind="rollup"
    )
    row.place(body.division)
    row.save()


def make_townships(cast: Cast) -> list[Body]:
    """Hang the eleven townships of the example below 冠县 (clean of its own one)."""
    found = []
    for n, name in enumerate(DAYING, 101):
        place = create_division(
            code=f"371525{n:03d}000",
            name=name,
            tier="township",
            parent=cast.place("371525"),
            kind="statutory",
            since=date(2015, 1, 1),
        )
        found.append(make_body(place, "township.main", "党委、政府", is_main=True))
    return found


def draft(cast: Cast, code: str = "371525", target: int = 100, who: str = "recorder") -> Plan:
    """Return a draft with one line."""
    user = cast.user(f"{who}-{code}")
    plan = drafting.open_plan(by=user, body=cast.main(code), period="2020")
    item = indicator(cast)
    if not plan.lines.filter(indicator=item).exists():
        new = Draft(added={item: LineInput(Decimal(target))})
        plan = drafting.save_draft(by=user, plan=plan, draft=new)
    return plan


def split(cast: Cast, plan: Plan, *numbers: int, who: str = "recorder-371525") -> None:
    """Split the plan's first line to its children in order."""
    line = plan.lines.standing().earliest("position")
    parts = splitting.parts_of(plan)
    changes = {}
    for child, number in zip(splitting.children_of(plan), numbers, strict=False):
        part = parts.get((line.pk, child.pk))
        seen = part.revision if part else 0
        changes[line.pk, child.pk] = Change(Decimal(number), seen)
    splitting.save_cells(by=cast.user(who), plan=plan, changes=changes)


def issue(cast: Cast, plan: Plan, code: str = "371525", reason: str = "") -> Plan:
    """Lead a plan of a division's own body to issue."""
    plan = review.submit(by=cast.user(f"recorder-{code}"), plan=plan)
    plan = review.pass_plan(by=cast.user("office-3715"), plan=plan)
    return review.issue(by=cast.user(f"office-{code}"), plan=plan, reason=reason)


def issued_city(cast: Cast, *numbers: int) -> Plan:
    """Return the city's issued plan, split to 东昌府区, 冠县 and the zone."""
    plan = draft(cast, "3715", sum(numbers))
    split(cast, plan, *numbers, who="recorder-3715")
    return issue(cast, plan, "3715")
