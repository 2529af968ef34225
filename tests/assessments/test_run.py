"""A yearly run through its services: collected, self-assessed, verified, appealed, frozen."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from responsibility.assessments.models import (
    AssessmentRun,
    DataItem,
    LeafEntry,
    Rectification,
    Result,
)
from responsibility.assessments.rules.running import Decision, Mending, Stage, drawn
from responsibility.assessments.services import (
    appeals,
    collecting,
    filling,
    freezing,
    mending,
    parts,
    running,
    schemes,
    verifying,
)
from responsibility.assessments.services.filling import Answer
from responsibility.assessments.services.verifying import Checked
from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing
from responsibility.common.sheets import write_table
from responsibility.outbox.models import Notice
from tests.assessments import maker
from tests.cast import Cast
from tests.duties_maker import make_assignment, make_duty

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Return the business date in a list; change it to move the day."""
    day = [date(2021, 1, 11)]
    monkeypatch.setattr(clock, "today", lambda: day[0])
    return day


def test_a_run_holds_the_counties_and_not_the_zone(cast: Cast) -> None:
    run = maker.opened(cast)
    names = [item.division.name for item in run.subjects.with_names().order_by("position")]
    assert names == ["东昌府区", "冠县"]
    assert LeafEntry.objects.count() == 6
    assert DataItem.objects.count() == 8


def test_two_runs_of_one_year_are_refused(cast: Cast) -> None:
    run = maker.opened(cast)
    with pytest.raises(Conflict, match="已经有了"):
        running.open_run(by=cast.user("office-3715"), scheme=run.scheme)


def test_a_zone_takes_part_only_by_the_recorded_extension(cast: Cast) -> None:
    content = {**maker.CONTENT, "key": "zones", "subjects": "zones"}
    scheme = maker.issued(cast, content)
    with pytest.raises(Conflict, match="没有列明市属开发区"):
        running.open_run(by=cast.user("office-3715"), scheme=scheme, basis="聊办发〔2020〕1号")


def test_a_draft_scheme_opens_no_run(cast: Cast) -> None:
    office = cast.user("office-3715")
    row = schemes.create(by=office, division=cast.place("3715"), scheme=schemes.read(maker.CONTENT))
    with pytest.raises(Conflict, match="先印发"):
        running.open_run(by=office, scheme=row)


def test_only_the_office_organises(cast: Cast) -> None:
    run = maker.opened(cast)
    with pytest.raises(Forbidden):
        running.advance(by=cast.user("reviewer-371525"), run=run)
    with pytest.raises(Missing):
        running.advance(by=cast.user("recorder-371502011"), run=run)


def test_numbers_come_from_the_ledgers_and_no_task_leaves_by_itself(cast: Cast) -> None:
    make_duty(cast)
    make_assignment(cast, "371525", year=2020)
    run = maker.to(cast, maker.opened(cast), Stage.COLLECTING)
    guan, chang = maker.subject(run, "冠县"), maker.subject(run, "东昌府区")
    item = guan.items.get(leaf="duties", key="assigned")
    assert (item.value, item.how, item.trace["count"]) == (1, "source", 1)
    assert item.trace["rows"][0][1] == "duties.assignment"
    assert chang.entries.get(leaf="duties").absent_reason.startswith("台账里没有任务")
    assert not guan.entries.get(leaf="duties").absent


def test_collecting_again_changes_nothing(cast: Cast) -> None:
    run = maker.to(cast, maker.opened(cast), Stage.COLLECTING)
    before = list(DataItem.objects.order_by("id").values_list("value", "how", "as_of"))
    counts = collecting.refresh(by=cast.user("office-3715"), run=run)
    assert counts["changed"] == 0
    assert list(DataItem.objects.order_by("id").values_list("value", "how", "as_of")) == before


def test_a_number_of_a_ledger_is_not_typed_over(cast: Cast) -> None:
    run = maker.to(cast, maker.opened(cast), Stage.COLLECTING, Stage.SELF)
    unit, by = maker.subject(run, "冠县"), cast.user("recorder-371525")
    with pytest.raises(Invalid, match="取自台账"):
        filling.answer(
            by=by, subject=unit, leaf="duties", given=Answer(values={"done": Decimal(9)})
        )


def test_a_self_assessment_waits_for_its_missing_numbers(cast: Cast) -> None:
    run = maker.to(cast, maker.opened(cast), Stage.COLLECTING, Stage.SELF)
    unit = maker.subject(run, "冠县")
    with pytest.raises(Invalid, match="还缺 2 个数"):
        filling.submit(by=cast.user("reviewer-371525"), subject=unit)
    given = Answer(values={}, absent=True, absent_reason="本年没有减贫任务")
    filling.answer(by=cast.user("recorder-371525"), subject=unit, leaf="net", given=given)
    filling.submit(by=cast.user("reviewer-371525"), subject=unit)
    with pytest.raises(Conflict, match="已报送"):
        filling.answer(by=cast.user("recorder-371525"), subject=unit, leaf="net", given=given)


def test_another_county_answers_nothing(cast: Cast) -> None:
    run = maker.to(cast, maker.opened(cast), Stage.COLLECTING, Stage.SELF)
    unit = maker.subject(run, "冠县")
    with pytest.raises(Missing):
        filling.answer(by=cast.user("recorder-371502"), subject=unit, leaf="net", given=Answer({}))
    with pytest.raises(Forbidden, match="自己办理"):
        filling.answer(by=cast.user("office-3715"), subject=unit, leaf="net", given=Answer({}))


def test_the_sample_can_be_drawn_again(cast: Cast) -> None:
    run = maker.to(cast, maker.assessed(cast, maker.opened(cast)), Stage.VERIFYING)
    entries = list(LeafEntry.objects.filter(subject__run=run).with_names())
    again = drawn("2020", [running.sample_key(item) for item in entries], Decimal(20))
    sampled = {running.sample_key(item) for item in entries if item.sampled}
    assert sampled == again | {running.sample_key(i) for i in entries if i.leaf == "judged"}
    assert len(again) == 2


def test_a_verifier_is_never_of_the_unit_nor_the_recorder(cast: Cast) -> None:
    run = maker.to(cast, maker.assessed(cast, maker.opened(cast)), Stage.VERIFYING)
    own = cast.user("reviewer-371525")
    running.set_verifiers(by=cast.user("office-3715"), run=run, chosen=[(own, "")])
    entry = maker.subject(run, "冠县").entries.get(leaf="judged")
    with pytest.raises(Forbidden, match="自评的人"):
        verifying.verify(by=own, entry=entry, checked=Checked({}, manual=Decimal(20)))
    with pytest.raises(Forbidden, match="没有被指定"):
        verifying.verify(
            by=cast.user("inspector-3715"), entry=entry, checked=Checked({}, manual=Decimal(20))
        )


def test_a_verifier_moved_to_the_unit_is_refused_from_that_day(cast: Cast) -> None:
    from responsibility.postings.models import Posting

    run = maker.to(cast, maker.assessed(cast, maker.opened(cast)), Stage.VERIFYING)
    inspector = cast.user("inspector-3715")
    entry = maker.subject(run, "冠县").entries.get(leaf="judged")
    assert verifying.problem(inspector, entry) == ""
    moved = Posting(user=inspector, role="reviewer", validity=(date(2021, 1, 1), None))
    moved.place(cast.place("371525"))
    moved.save()
    assert "被考核单位的人员" in verifying.problem(inspector, entry)


def test_a_judged_leaf_has_bounds_and_a_reason(cast: Cast) -> None:
    run = maker.to(cast, maker.assessed(cast, maker.opened(cast)), Stage.VERIFYING)
    entry, by = maker.subject(run, "冠县").entries.get(leaf="judged"), cast.user("inspector-3715")
    for checked, words in (
        (Checked({}), "须手工评分"),
        (Checked({}, manual=Decimal(21), manual_reason="好"), "0 到 20"),
        (Checked({}, manual=Decimal(15)), "理由"),
    ):
        with pytest.raises(Invalid, match=words):
            verifying.verify(by=by, entry=entry, checked=checked)


def test_nothing_is_composed_before_the_sample_is_verified(cast: Cast) -> None:
    run = maker.to(cast, maker.assessed(cast, maker.opened(cast)), Stage.VERIFYING)
    with pytest.raises(Conflict, match="没有核验"):
        maker.to(cast, run, Stage.COMPOSED)


def test_a_corrected_value_counts_and_needs_its_reason(cast: Cast) -> None:
    run = maker.to(cast, maker.assessed(cast, maker.opened(cast)), Stage.VERIFYING)
    by, unit = cast.user("inspector-3715"), maker.subject(run, "东昌府区")
    entry = unit.entries.get(leaf="net")
    with pytest.raises(Invalid, match="写明原因"):
        verifying.verify(by=by, entry=entry, checked=Checked({"done": Decimal(90)}))
    done = verifying.verify(
        by=by, entry=entry, checked=Checked({"done": Decimal(90)}, note="抽查少 6 人")
    )
    assert done.finding == "adjusted"
    assert unit.items.get(leaf="net", key="done").counted == 90


def test_the_result_is_what_one_gets_by_hand(cast: Cast) -> None:
    """东昌府区: 60 × 96% = 57.60 and 18 of 20; 责任事项 without task (20) is rescaled away:
    75.60 × 100 / 80 = 94.50. 冠县: 60 + 18 = 78, × 100 / 80 = 97.50.
    """
    run = maker.noticed(cast, maker.opened(cast))
    totals = dict(run.subjects.values_list("division__name", "total"))
    assert totals == {"东昌府区": Decimal("94.50"), "冠县": Decimal("97.50")}
    assert set(run.subjects.values_list("grade", flat=True)) == {"好"}
    entry = maker.subject(run, "东昌府区").entries.get(leaf="net")
    assert entry.working == "净完成 96 / 减贫目标 100 = 96.00%，60 × 96.00% = 57.60"
    assert entry.lost == Decimal("2.40")


def test_a_red_line_limits_the_grade(cast: Cast) -> None:
    run = maker.verified(cast, maker.opened(cast))
    unit, office = maker.subject(run, "冠县"), cast.user("office-3715")
    verifying.cross_red_line(by=office, subject=unit, key="fraud", reason="某村数据造假，经查实")
    with pytest.raises(Conflict):
        verifying.cross_red_line(by=office, subject=unit, key="fraud", reason="再登记一次")
    run = maker.to(cast, run, Stage.COMPOSED)
    assert maker.subject(run, "冠县").grade == "较差"


def test_units_hear_of_the_notice_once(cast: Cast) -> None:
    maker.noticed(cast, maker.opened(cast))
    told = Notice.objects.filter(key__startswith="assessment:noticed:")
    names = set(told.values_list("user__username", flat=True))
    assert "recorder-371525" in names
    assert "recorder-371525001" not in names
    assert "2021-01-18" in told[0].text


def test_an_appeal_is_granted_and_another_refused(cast: Cast, today: list[date]) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    unit, office = maker.subject(run, "东昌府区"), cast.user("office-3715")
    filer = cast.user("reviewer-371502")
    appeal = appeals.file_appeal(by=filer, subject=unit, leaf="net", reason="漏计 2 人")
    with pytest.raises(Conflict, match="还没有决定"):
        appeals.file_appeal(by=filer, subject=unit, leaf="net", reason="再申诉")
    with pytest.raises(Invalid, match="改成什么"):
        appeals.decide(by=office, appeal=appeal, granted=True, reason="属实")
    done = appeals.decide(
        by=office, appeal=appeal, granted=True, reason="属实", values={"done": Decimal(98)}
    )
    assert (done.decision, done.before["mark"], done.after["mark"]) == (
        Decision.GRANTED,
        "57.6",
        "58.8",
    )
    unit.refresh_from_db()
    assert unit.total == Decimal("96.00")
    other = appeals.file_appeal(by=filer, subject=unit, leaf="judged", reason="应评满分")
    with pytest.raises(Forbidden, match="领导小组办公室"):
        appeals.decide(by=cast.user("inspector-3715"), appeal=other, granted=False, reason="x")
    appeals.decide(by=office, appeal=other, granted=False, reason="材料不支持")
    today[0] = date(2021, 1, 19)
    with pytest.raises(Conflict, match="为止"):
        appeals.file_appeal(by=filer, subject=unit, leaf="duties", reason="晚了")


def frozen(cast: Cast, today: list[date]) -> AssessmentRun:
    """Return a frozen run."""
    run = maker.noticed(cast, maker.opened(cast))
    today[0] += timedelta(days=10)
    return freezing.freeze(by=cast.user("office-3715"), run=run)


def test_freezing_waits_for_the_appeals(cast: Cast, today: list[date]) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    office, unit = cast.user("office-3715"), maker.subject(run, "冠县")
    with pytest.raises(Conflict, match="申诉期"):
        freezing.freeze(by=office, run=run)
    filer = cast.user("reviewer-371525")
    appeals.file_appeal(by=filer, subject=unit, leaf="judged", reason="应评满分")
    today[0] += timedelta(days=10)
    with pytest.raises(Conflict, match="1 件申诉"):
        freezing.freeze(by=office, run=run)


def test_a_frozen_result_is_recomputed_equal_and_nothing_moves_it(
    cast: Cast, today: list[date]
) -> None:
    run = frozen(cast, today)
    assert run.status == Stage.FROZEN
    assert freezing.verify_run(run) == []
    out = StringIO()
    call_command("assessments_verify", "2020", stdout=out)
    assert "2 个单位，重算一致" in out.getvalue()
    office = cast.user("office-3715")
    with pytest.raises(Conflict, match="已冻结"):
        collecting.refresh(by=office, run=run)
    with pytest.raises(Conflict, match="已冻结"):
        filling.answer(
            by=cast.user("recorder-371525"),
            subject=maker.subject(run, "冠县"),
            leaf="net",
            given=Answer({}),
        )


def test_an_input_changed_by_sql_is_named(cast: Cast, today: list[date]) -> None:
    run = frozen(cast, today)
    item = maker.subject(run, "冠县").items.get(leaf="net", key="done")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE assessments_dataitem SET value = 49 WHERE id = %s", [item.pk])
    err = StringIO()
    with pytest.raises(CommandError, match="1 处不一致"):
        call_command("assessments_verify", "2020", stderr=err)
    assert "冠县" in err.getvalue()
    assert "net.done" in err.getvalue()
    assert "冻结时 50" in err.getvalue()


def test_the_database_refuses_to_change_a_frozen_row(cast: Cast, today: list[date]) -> None:
    row = Result.objects.filter(subject__run=frozen(cast, today)).first()
    assert row is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        Result.objects.filter(pk=row.pk).update(total=99)


def test_a_frozen_row_that_does_not_agree_with_itself_is_named(
    cast: Cast, today: list[date]
) -> None:
    run = frozen(cast, today)
    row = Result.objects.filter(subject=maker.subject(run, "冠县")).get()
    row.total = Decimal(99)
    assert [item.what for item in freezing.verify_result(row)] == ["按冻结的数据重算，结果不同"]
    row.content["inputs"]["net"]["values"]["done"] = "40"
    assert freezing.verify_result(row)[0].what == "冻结的内容与摘要不符"


def test_a_decision_makes_a_new_version_beside_the_old(cast: Cast, today: list[date]) -> None:
    run = frozen(cast, today)
    unit, office = maker.subject(run, "东昌府区"), cast.user("office-3715")
    with pytest.raises(Invalid, match="决定文件"):
        freezing.amend(by=office, subject=unit, leaf="net", reason="复查", document="")
    made = freezing.amend(
        by=office,
        subject=unit,
        leaf="net",
        reason="复查少 6 人",
        document="聊扶组〔2021〕3号",
        values={"done": Decimal(90)},
    )
    assert (made.version, made.total) == (2, Decimal("90.00"))
    assert unit.results.get(version=1).total == Decimal("94.50")
    assert freezing.verify_run(run) == []


def test_deductions_become_things_to_mend(cast: Cast, today: list[date]) -> None:
    run = frozen(cast, today)
    rows = Rectification.objects.filter(subject__run=run, leaf="net")
    row = rows.get()
    assert (row.body.division.name, row.lost) == ("东昌府区", Decimal("2.40"))
    reporter = cast.user("recorder-371502")
    row = mending.report(by=reporter, row=row, text="已补齐")
    with pytest.raises(Forbidden):
        mending.decide(by=reporter, row=row, closed=True, answer="")
    office = cast.user("office-3715")
    with pytest.raises(Invalid, match="退回的原因"):
        mending.decide(by=office, row=row, closed=False, answer="")
    row = mending.decide(by=office, row=row, closed=False, answer="没有名册")
    assert row.status == Mending.RETURNED
    row = mending.report(by=reporter, row=row, text="附名册")
    row = mending.decide(by=office, row=row, closed=True, answer="")
    assert (row.status, row.closed_on) == (Mending.CLOSED, today[0])


def test_publishing_says_whether_marks_go_along(cast: Cast, today: list[date]) -> None:
    run = frozen(cast, today)
    run = freezing.publish(by=cast.user("office-3715"), run=run, marks=False)
    assert (run.status, run.publishes_marks) == (Stage.PUBLISHED, False)
    with pytest.raises(Conflict):
        freezing.publish(by=cast.user("office-3715"), run=run, marks=True)


def test_third_party_marks_come_by_sheet_with_a_receipt(cast: Cast) -> None:
    half = maker.CONTENT["children"][0]["children"]
    content = {
        **maker.CONTENT,
        "parts": [
            {"key": "yearly", "name": "年度", "weight": 70},
            {"key": "third", "name": "第三方", "weight": 30},
        ],
        "children": [
            {**maker.CONTENT["children"][0], "children": [{**x, "part": "yearly"} for x in half]}
        ],
    }
    office = cast.user("office-3715")
    run = running.open_run(by=office, scheme=maker.issued(cast, content))
    run = maker.to(cast, run, Stage.COLLECTING)
    rows = [
        ["371525000000", "冠县", "88.5"],
        ["", "东昌府区", "九十"],
        ["370000000000", "某省", "90"],
        ["371525000000", "冠县", "80"],
    ]
    data = write_table("外部结果", ["区划代码", "单位", "分值"], rows)
    receipt = parts.import_marks(by=office, run=run, part="third", data=data, note="第三方评估报告")
    assert len(receipt.done) == 1
    assert [number for number, _ in receipt.refused] == [3, 4, 5]
    assert maker.subject(run, "冠县").part_marks.get().mark == Decimal("88.5")
    with pytest.raises(Invalid, match="没有这一部分"):
        parts.import_marks(by=office, run=run, part="x", data=data, note="y")


def test_a_scheme_changed_in_the_middle_of_a_run_leaves_the_run_alone(cast: Cast) -> None:
    run = maker.opened(cast)
    office = cast.user("office-3715")
    later = schemes.revise(by=office, row=run.scheme, reason="调整分值")
    content = {**later.content, "title": "改过的方案"}
    later = schemes.save(by=office, row=later, scheme=schemes.read(content))
    schemes.issue(by=office, row=later)
    run.refresh_from_db()
    assert run.scheme.version == 1
    assert run.scheme.retired_at is not None
    maker.to(cast, run, Stage.COLLECTING)
