"""A plan opens with what is known, splits without lost updates, goes out, is revised and voided."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing, Stale
from responsibility.deadlines.models import Deadline
from responsibility.deadlines.services.catalogue import import_rules
from responsibility.duties.models import Assignment
from responsibility.plans.models import Plan, PlanPart
from responsibility.plans.services import drafting, reading, review, splitting
from responsibility.plans.services.drafting import Draft, LineInput, PolicyInput
from responsibility.plans.services.splitting import Change
from responsibility.plans.signals import plan_issued, plan_revised
from tests.cast import Cast
from tests.duties_maker import make_assignment
from tests.plans.maker import draft, indicator, issue, issued_city, make_townships, split, value
from tests.plans.test_rules import DAYING

RULES = Path(__file__).parents[2] / "data" / "deadline-rules.yaml"


def people(*only: str) -> list[int]:
    return [number for name, (number, _) in DAYING.items() if not only or name in only]


def daying(cast: Cast, **changed: int) -> Plan:
    """大英县's plan below 冠县: the own township gets 0."""
    make_townships(cast)
    plan = draft(cast, target=4267)
    numbers = {name: n for name, (n, _) in DAYING.items()} | changed
    split(cast, plan, 0, *numbers.values())
    return plan


def test_the_real_example_adds_up_and_is_issued(cast: Cast) -> None:
    plan = daying(cast)
    assert review.problems_of(plan) == []
    plan = issue(cast, plan)
    assert plan.stage_words == "已下达"
    parts = PlanPart.objects.filter(line__plan=plan, target__gt=0)
    assert sum(part.target or 0 for part in parts) == 4267
    assert plan.hand_downs.count() == 12


def test_one_less_is_red_and_needs_a_reason(cast: Cast) -> None:
    plan = daying(cast, 河边镇=940)
    assert [item.words for item in review.problems_of(plan)] == ["分解差 1"]
    with pytest.raises(Invalid, match=r"分解差 1。要下达须写明原因"):
        issue(cast, plan)
    plan.refresh_from_db()
    plan = review.issue(by=cast.user("office-371525"), plan=plan, reason="一人户籍待定")
    assert plan.unbalanced_reason == "一人户籍待定"


def test_a_county_opens_with_what_was_handed_down(cast: Cast) -> None:
    body, item = cast.main("371525"), indicator(cast)
    value(body, item, "2019", 300)
    issued_city(cast, 500, 300, 200)
    plan = drafting.open_plan(by=cast.user("recorder-371525"), body=body, period="2020")
    line = plan.lines.get()
    assert (line.target, line.handed_down, line.baseline) == (300, 300, 300)
    assert line.baseline_source == "2019年汇总"
    user = cast.user("recorder-371525")
    less = Draft(lines={line.pk: LineInput(Decimal(299))})
    plan = drafting.save_draft(by=user, plan=plan, draft=less)
    with pytest.raises(Invalid, match="低于上级下达的 300"):
        review.submit(by=user, plan=plan)
    more = Draft(lines={line.pk: LineInput(Decimal(310))})
    plan = drafting.save_draft(by=user, plan=plan, draft=more)
    assert review.submit(by=user, plan=plan).status == "submitted"
    with pytest.raises(Conflict):
        drafting.save_draft(by=user, plan=plan, draft=more)


def test_what_was_handed_down_cannot_be_removed(cast: Cast) -> None:
    issued_city(cast, 1, 1, 1)
    user = cast.user("recorder-371525")
    plan = drafting.open_plan(by=user, body=cast.main("371525"), period="2020")
    with pytest.raises(Invalid, match="不能移除"):
        drafting.save_draft(by=user, plan=plan, draft=Draft(removed=[plan.lines.get().pk]))


def test_ten_times_last_year_asks_and_an_answer_lets_it_through(cast: Cast) -> None:
    value(cast.main("371525"), indicator(cast), "2019", 10)
    plan = draft(cast, target=100)
    user, line = cast.user("recorder-371525"), plan.lines.get()
    assert line.baseline == 10
    with pytest.raises(Invalid, match="十倍以上"):
        review.submit(by=user, plan=plan)
    said = Draft(lines={line.pk: LineInput(Decimal(100), note="整村新纳入")})
    plan = drafting.save_draft(by=user, plan=plan, draft=said)
    assert review.submit(by=user, plan=plan).status == "submitted"


def test_the_recorder_never_reviews_and_strangers_find_nothing(cast: Cast) -> None:
    plan = draft(cast, "3715", who="office")
    split(cast, plan, 50, 50, 0, who="office-3715")
    plan = review.submit(by=cast.user("office-3715"), plan=plan)
    with pytest.raises(Forbidden):
        review.pass_plan(by=cast.user("office-3715"), plan=plan)
    plan = review.pass_plan(by=cast.user("reviewer-3715"), plan=plan)
    with pytest.raises(Missing):
        review.issue(by=cast.user("office-371525"), plan=plan)
    with pytest.raises(Forbidden):
        review.issue(by=cast.user("recorder-3715"), plan=plan)
    another = cast.main("371502")
    with pytest.raises(Missing):
        drafting.open_plan(by=cast.user("recorder-371525"), body=another, period="2020")


def test_two_people_at_one_grid(cast: Cast) -> None:
    plan = draft(cast, "3715", 100)
    one, two = cast.user("recorder-3715"), cast.user("office-3715")
    line = plan.lines.get()
    a, b, _ = [(line.pk, child.pk) for child in splitting.children_of(plan)]
    splitting.save_cells(by=one, plan=plan, changes={a: Change(Decimal(40), 0)})
    saved = splitting.save_cells(
        by=two, plan=plan, changes={a: Change(Decimal(50), 0), b: Change(Decimal(50), 0)}
    )
    assert saved.written == 1
    assert saved.conflicts[a].target == 40
    assert splitting.parts_of(plan)[b].target == 50
    again = {a: Change(Decimal(50), saved.conflicts[a].revision)}
    assert splitting.save_cells(by=two, plan=plan, changes=again).conflicts == {}
    cleared = {a: Change(None, splitting.parts_of(plan)[a].revision)}
    splitting.save_cells(by=one, plan=plan, changes=cleared)
    assert splitting.parts_of(plan)[a].target is None


def test_a_cell_of_another_plan_is_refused(cast: Cast) -> None:
    plan = draft(cast)
    line = plan.lines.get()
    stranger = (line.pk, cast.place("371502001").pk)
    with pytest.raises(Invalid):
        splitting.save_cells(
            by=cast.user("recorder-371525"), plan=plan, changes={stranger: Change(Decimal(1), 0)}
        )


def test_proposals_add_up_and_ratios_go_down_as_such(cast: Cast) -> None:
    plan = draft(cast, "3715", 10)
    user = cast.user("recorder-3715")
    ratio = indicator(cast, "rate", "满意度", nature="ratio", unit="%")
    with_ratio = Draft(added={ratio: LineInput(Decimal(95))})
    plan = drafting.save_draft(by=user, plan=plan, draft=with_ratio)
    equal = splitting.propose(plan, "equal")
    line, rate = plan.lines.order_by("id")
    children = [child.pk for child in splitting.children_of(plan)]
    assert [equal[line.pk, place] for place in children] == [4, 3, 3]
    assert {equal[rate.pk, place] for place in children} == {95}
    with pytest.raises(Invalid, match="各单位都没有数"):
        splitting.propose(plan, "last_year")
    for code, number in (("371502", 1), ("371525", 3)):
        value(cast.main(code), line.indicator, "2019", number)
    shares = splitting.propose(plan, "last_year")
    assert [shares[line.pk, place] for place in children] == [3, 7, 0]
    other = indicator(cast, "poor", "未脱贫人口")
    value(cast.main("3715Z3"), other, "2019", 5)
    by_other = splitting.propose(plan, "indicator", other)
    assert [by_other[line.pk, place] for place in children] == [0, 0, 10]


def test_never_above_those_not_yet_out_of_poverty(cast: Cast) -> None:
    poor = indicator(cast, "poor", "未脱贫人口")
    for code, number in (("371502", 20), ("371525", 60), ("3715Z3", 30)):
        value(cast.main(code), poor, "2019", number)
    plan = draft(cast, "3715", 100)
    user, line = cast.user("recorder-3715"), plan.lines.get()
    limited = Draft(lines={line.pk: LineInput(Decimal(100), limit=poor)})
    plan = drafting.save_draft(by=user, plan=plan, draft=limited)
    parts = list(splitting.propose(plan, "equal").values())
    assert sum(parts) == 100
    assert parts[0] == 20
    split(cast, plan, 40, 30, 30, who="recorder-3715")
    with pytest.raises(Invalid, match="东昌府区 40，超过上限 20"):
        review.submit(by=user, plan=plan)


def test_a_revision_is_a_new_version_and_the_old_stays(cast: Cast) -> None:
    heard: list[tuple[str, int]] = []

    def on_issue(sender: Any, plan: Plan, by: Any, **kwargs: Any) -> None:
        heard.append(("issued", plan.version))

    def on_revise(sender: Any, plan: Plan, by: Any, **kwargs: Any) -> None:
        heard.append(("revised", plan.version))

    plan_issued.connect(on_issue)
    plan_revised.connect(on_revise)
    old = issued_city(cast, 50, 30, 20)
    user = cast.user("recorder-3715")
    with pytest.raises(Invalid, match="修订原因"):
        review.revise(by=user, plan=old, reason=" ")
    new = review.revise(by=user, plan=old, reason="市级调整")
    assert (new.version, new.previous) == (2, old)
    with pytest.raises(Conflict, match="已有一份修订稿"):
        review.revise(by=user, plan=old, reason="再改")
    body = cast.main("3715")
    assert reading.issued_lines(body, 2020)[0].plan == old
    line = new.lines.get()
    new = drafting.save_draft(
        by=user, plan=new, draft=Draft(lines={line.pk: LineInput(Decimal(110))})
    )
    split(cast, new, 60, 30, 20, who="recorder-3715")
    new = issue(cast, new, "3715")
    old.refresh_from_db()
    assert (old.stage, new.stage) == ("superseded", "issued")
    assert old.lines.get().target == 100
    assert heard == [("issued", 1), ("revised", 2)]
    county = cast.main("371502")
    found = reading.targets(body_ids=[body.pk, county.pk], year=2020)
    key = new.lines.get().indicator_id
    assert found == {(body.pk, key): 110, (county.pk, key): 60}


def test_what_was_issued_is_what_was_passed(cast: Cast) -> None:
    plan = draft(cast)
    split(cast, plan, 100)
    plan = review.submit(by=cast.user("recorder-371525"), plan=plan)
    plan = review.pass_plan(by=cast.user("office-3715"), plan=plan)
    plan.lines.update(target=100, note="改过")
    with pytest.raises(Conflict, match="与审核通过时不同"):
        review.issue(by=cast.user("office-371525"), plan=plan)


def test_returned_with_remarks_and_withdrawn(cast: Cast) -> None:
    plan = draft(cast)
    user, office = cast.user("recorder-371525"), cast.user("office-3715")
    plan = review.submit(by=user, plan=plan)
    plan = review.withdraw(by=user, plan=plan)
    plan = review.submit(by=user, plan=plan)
    with pytest.raises(Invalid, match="退回原因"):
        review.return_plan(by=office, plan=plan, reason="")
    with pytest.raises(Stale):
        review.pass_plan(by=office, plan=plan, revision=plan.revision - 1)
    plan = review.return_plan(by=office, plan=plan, reason="", remarks={"people": "偏低"})
    assert (plan.status, plan.reason) == ("returned", "偏低")


def test_a_year_that_is_over_is_closed(cast: Cast) -> None:
    user, body = cast.user("recorder-371525"), cast.main("371525")
    with pytest.raises(Conflict, match="2019年已经结束"):
        drafting.open_plan(by=user, body=body, period="2019")
    for period in ("2020Q1", "abc", "2022"):
        with pytest.raises(Invalid):
            drafting.open_plan(by=user, body=body, period=period)
    span = drafting.open_plan(by=user, body=body, period="2018/2020", span=True)
    assert span.title == "2018—2020年规划"


def test_void_keeps_the_row(cast: Cast) -> None:
    plan = draft(cast)
    user = cast.user("recorder-371525")
    with pytest.raises(Invalid):
        review.void(by=user, plan=plan, reason="")
    plan = review.void(by=user, plan=plan, reason="重复")
    with pytest.raises(Conflict):
        review.submit(by=user, plan=plan)
    assert drafting.open_plan(by=user, body=plan.body, period="2020").pk != plan.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(void_reason="")


def test_a_member_unit_plans_and_lists_its_policies(cast: Cast) -> None:
    user = cast.user("member-3715")
    body = cast.bodies[(cast.place("3715").code, "city.finance")]
    plan = drafting.open_plan(by=user, body=body, period="2020")
    assert plan.kind == "department"
    with pytest.raises(Invalid, match="还没有内容"):
        review.submit(by=user, plan=plan)
    section = plan.sections.earliest("position")
    policy = PolicyInput("小额信贷贴息", "聊财农〔2020〕3号", date(2020, 1, 9), "贫困户")
    written = Draft(texts={section.pk: "安排专项资金。"}, policies_added=[policy])
    plan = drafting.save_draft(by=user, plan=plan, draft=written)
    plan = review.submit(by=user, plan=plan)
    plan = review.pass_plan(by=cast.user("office-3715"), plan=plan)
    plan = review.issue(by=user, plan=plan)
    row = plan.policies.get()
    assert drafting.report_reach(by=user, policy=row, households=812).households == 812
    with pytest.raises(Forbidden):
        drafting.report_reach(by=cast.user("secretary-3715"), policy=row, households=1)


def test_the_duty_follows_and_missing_is_seen(cast: Cast) -> None:
    import_rules(path=RULES, by=None)
    duty = {"key": "a11-2", "check_key": "plans.issued", "title": "年度脱贫计划"}
    assignment = make_assignment(cast, "371525", **duty)

    def status() -> str:
        return Assignment.objects.get(pk=assignment.pk).status

    plan = draft(cast)
    assert status() == "in_progress"
    split(cast, plan, 100)
    plan = review.submit(by=cast.user("recorder-371525"), plan=plan)
    assert status() == "submitted"
    plan = review.pass_plan(by=cast.user("office-3715"), plan=plan)
    review.issue(by=cast.user("office-371525"), plan=plan)
    assert status() == "done"


def test_what_is_handed_down_has_a_deadline_until_it_is_answered(cast: Cast) -> None:
    import_rules(path=RULES, by=None)
    issued_city(cast, 50, 30, 20)
    rows = Deadline.objects.filter(rule_key="plan-answer")
    assert {row.division.name: row.due_on for row in rows} == {
        "东昌府区": date(2020, 2, 19),
        "冠县": date(2020, 2, 19),
        "聊城江北水城旅游度假区": date(2020, 2, 19),
    }
    plan, township = draft(cast), cast.main("371525001").pk
    split(cast, plan, 30)
    issue(cast, plan)
    found = {row.division.name: row.status for row in rows.all() if row.body_id != township}
    assert found == {
        "东昌府区": "open",
        "冠县": "met",
        "聊城江北水城旅游度假区": "open",
    }
    city = reading.issued_plan(cast.main("3715"), 2020)
    assert city is not None
    review.void(by=cast.user("office-3715"), plan=city, reason="作废重下")
    assert set(rows.exclude(body=township).values_list("status", flat=True)) == {"met", "cancelled"}
