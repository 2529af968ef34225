"""Plans of the demo city: 2020's and this year's split to counties, 冠县's to its townships."""

from datetime import date
from decimal import Decimal

from accounts.models import User
from responsibility.divisions.models import Body
from responsibility.figures.models import Indicator
from responsibility.figures.rules import adds_up
from responsibility.plans.models import Plan
from responsibility.plans.services import allocating, drafting, review, splitting
from responsibility.plans.services.allocating import Factor
from responsibility.plans.services.drafting import Draft, LineInput, PolicyInput
from responsibility.plans.services.splitting import Change

TARGETS = {"i-cadre-training": 4267, "i-skill-training": 8600, "i-household-files": 24000}
CITY, COUNTY = "3715", "371525"


def make_plans(users: dict[str, User], year: int) -> int:
    """Lead plans to issue by the services that users call; return how many there are."""
    if Plan.objects.exists():
        return 0
    for period in sorted({2020, year}):
        _city(users, period)
    _county(users, year)
    _member(users, year)
    _funds(users, year)
    return Plan.objects.update(is_demo=True)


def _main(code: str) -> Body:
    rows = Body.objects.select_related("division", "kind")
    return rows.get(division__code=code.ljust(12, "0"), is_main=True, ended_on=None)


def _city(users: dict[str, User], year: int) -> None:
    user = users[f"recorder-{CITY}"]
    plan = drafting.open_plan(by=user, body=_main(CITY), period=str(year), today=date(year, 1, 10))
    added = {
        item: LineInput(Decimal(TARGETS[item.key]), due_on=date(year, 12, 25), basis="细则第六条")
        for item in Indicator.objects.filter(key__in=TARGETS).order_by("position")
    }
    texts = {section.pk: "按细则要求逐级分解，按月调度。" for section in plan.sections.all()}
    draft = Draft(basis="聊城市脱贫攻坚责任制实施细则第六条", added=added, texts=texts)
    plan = drafting.save_draft(by=user, plan=plan, draft=draft)
    _split_and_issue(users, plan, CITY)


def _county(users: dict[str, User], year: int) -> None:
    user = users[f"recorder-{COUNTY}"]
    plan = drafting.open_plan(by=user, body=_main(COUNTY), period=str(year))
    _split_and_issue(users, plan, COUNTY)


def _split_and_issue(users: dict[str, User], plan: Plan, code: str) -> None:
    recorder, office = users[f"recorder-{code}"], users[f"office-{CITY}"]
    parts = splitting.propose(plan, "equal")
    changes = {key: Change(value, 0) for key, value in parts.items()}
    splitting.save_cells(by=recorder, plan=plan, changes=changes)
    plan = review.submit(by=recorder, plan=plan)
    plan = review.pass_plan(by=office, plan=plan)
    review.issue(by=users[f"office-{code}"], plan=plan)


def _member(users: dict[str, User], year: int) -> None:
    user = users[f"member-{CITY}"]
    body = Body.objects.filter(kind__key="city.finance", ended_on=None).select_related(
        "division", "kind"
    )
    plan = drafting.open_plan(by=user, body=body.get(), period=str(year))
    section = plan.sections.earliest("position")
    policy = PolicyInput("小额信贷贴息", "", date(year, 1, 9), "有贷款的贫困户", None)
    texts = {section.pk: "安排市级专项扶贫资金，按因素分配到县，按月调度支出进度。"}
    plan = drafting.save_draft(
        by=user, plan=plan, draft=Draft(texts=texts, policies_added=[policy])
    )
    review.submit(by=user, plan=plan)


def _funds(users: dict[str, User], year: int) -> None:
    keys = {"i-poor-people": Decimal(70), "i-poor-households": Decimal(30)}
    indicators = Indicator.objects.filter(key__in=keys).order_by("position")
    allocation = allocating.draft_allocation(
        by=users[f"recorder-{CITY}"],
        body=_main(CITY),
        period=str(year),
        title="市级财政专项扶贫资金",
        total=Decimal("38600000.00"),
        basis="细则第六条，因素和权重为演示",
        factors=[Factor(item, keys[item.key]) for item in indicators if adds_up(item.nature)],
    )
    allocation.is_demo = True
    allocation.save(update_fields=["is_demo"])
    allocating.adopt(by=users[f"office-{CITY}"], allocation=allocation)
