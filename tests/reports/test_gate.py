"""A report kind is drafted, compared with what exists, let through by a second person, retired."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from responsibility.common import clock
from responsibility.common.errors import Conflict, Forbidden, Invalid, Missing, Stale
from responsibility.deadlines.models import Deadline
from responsibility.divisions.models import BodyKind
from responsibility.figures.models import Indicator
from responsibility.reports.models import CellDef, Report, ReportKind
from responsibility.reports.rules import gate as rules
from responsibility.reports.services import burden, designing, filling, gate, special
from responsibility.reports.services.kinds import import_kinds
from tests.cast import Cast
from tests.reports.test_services import DATA, kind, opened

__all__ = ["kind"]
TODAY = date(2020, 12, 17)
WISH: dict[str, Any] = {
    "name": "光伏扶贫电站",
    "unit": "座",
    "definition": "本年建成并网的村级光伏扶贫电站",
    "nature": "additive",
    "basis": "市政府专题会议纪要",
    "purpose": "核定运维费用",
}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: TODAY)


def draft(cast: Cast, **head: Any) -> ReportKind:
    """Return a draft of a special report for the counties, due in a week."""
    office = cast.user("office-3715")
    row = designing.create_kind(by=office, title="光伏扶贫情况专项报告")
    values = {
        "basis": "市政府专题会议纪要",
        "purpose": "核定运维费用",
        "rhythm": "once",
        "due_on": date(2020, 12, 25),
        "needs_approval": False,
        "allows_no_data": True,
        **head,
    }
    counties = BodyKind.objects.filter(key="county.main")
    row = designing.save_head(by=office, kind=row, values=values, submitters=counties)
    designing.add_section(by=office, kind=row, section_kind="text", title="一、情况")
    return row


def table(cast: Cast, row: ReportKind) -> str:
    """Add a table of figures and return its key."""
    office = cast.user("office-3715")
    made = designing.add_section(by=office, kind=row, section_kind="figures", title="二、数据")
    return made.key


def indicator(key: str = "i-cadre-training") -> Indicator:
    return Indicator.objects.get(key=key)


def approved(cast: Cast, **head: Any) -> ReportKind:
    row = gate.propose(by=cast.user("office-3715"), kind=draft(cast, **head))
    return gate.decide(by=cast.user("reviewer-3715"), kind=row, approve=True)


def test_a_new_figure_becomes_an_indicator_only_at_the_gate(cast: Cast, kind: ReportKind) -> None:
    office = cast.user("office-3715")
    row = draft(cast)
    key = table(cast, row)
    designing.add_wish(by=office, kind=row, key=key, values=WISH)
    assert not Indicator.objects.filter(name=WISH["name"]).exists()
    row = gate.propose(by=office, kind=row)
    with pytest.raises(Forbidden, match="另一人"):
        gate.decide(by=office, kind=row, approve=True)
    row = gate.decide(by=cast.user("reviewer-3715"), kind=row, approve=True)
    made = Indicator.objects.get(name=WISH["name"])
    assert (made.tier, made.unit, made.source_kind) == ("county", "座", "typed")
    cell = CellDef.objects.get(section__kind=row)
    assert cell.indicator == made
    assert cell.typed
    assert row.days_given == 6
    report = opened(cast, row)
    assert report.kind == row


def test_the_database_wants_a_second_person_too(cast: Cast, kind: ReportKind) -> None:
    row = gate.propose(by=cast.user("office-3715"), kind=draft(cast))
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportKind.objects.filter(pk=row.pk).update(decided_by=row.proposed_by)


def test_what_can_be_summed_from_below_cannot_be_asked(cast: Cast, kind: ReportKind) -> None:
    office = cast.user("office-3715")
    row = draft(cast)
    key = table(cast, row)
    households = indicator("i-poor-households")
    designing.add_cell(by=office, kind=row, key=key, indicator=households, typed=True)
    assert "逐级汇总" in gate.survey(row).refusals[0]
    with pytest.raises(Invalid, match="逐级汇总"):
        gate.propose(by=office, kind=row)
    designing.remove_cell(by=office, kind=row, key=key, indicator="i-poor-households")
    designing.add_cell(by=office, kind=row, key=key, indicator=households)
    assert gate.survey(row).passes


def test_what_progress_or_another_report_holds_cannot_be_asked(
    cast: Cast, kind: ReportKind
) -> None:
    office = cast.user("office-3715")
    row = draft(cast)
    key = table(cast, row)
    asked = Indicator.objects.create(
        programme=cast.programme,
        key="typed-here",
        name="驻村干部",
        unit="人",
        tier="county",
        nature="stock",
        source_kind="typed",
    )
    designing.add_cell(by=office, kind=row, key=key, indicator=asked, typed=True)
    assert gate.survey(row).refusals == []
    section = kind.sections.get(key="figures")
    CellDef.objects.create(section=section, indicator=asked, typed=True, position=99)
    assert f"《{kind.title}》已经填报" in gate.survey(row).refusals[0]


def test_likeness_is_shown_and_a_wish_gives_way_to_what_exists(
    cast: Cast, kind: ReportKind
) -> None:
    office = cast.user("office-3715")
    row = draft(cast)
    key = table(cast, row)
    like = {**WISH, "name": "建档立卡的贫困户", "unit": "户", "definition": "年末在册户数"}
    wish = designing.add_wish(by=office, kind=row, key=key, values=like)
    found = gate.survey(row).findings[0]
    assert found.alike[0].known.key == "i-poor-households"
    assert "单位相同" in found.alike[0].why
    households = indicator("i-poor-households")
    designing.answer_wish(by=office, kind=row, wish_id=wish.pk, indicator=households)
    assert [item.asked for item in gate.survey(row).findings] == ["引用台账，不用填"]
    same = {**WISH, "name": "建档立卡贫困户", "unit": "户"}
    designing.add_wish(by=office, kind=row, key=key, values=same)
    with pytest.raises(Invalid, match="同名同单位"):
        gate.propose(by=office, kind=row)


def test_a_short_deadline_asks_for_a_reason_and_is_counted(cast: Cast, kind: ReportKind) -> None:
    office = cast.user("office-3715")
    row = draft(cast, due_on=date(2020, 12, 21))
    with pytest.raises(Invalid, match="只有 2 个工作日"):
        gate.propose(by=office, kind=row)
    row = approved(cast, due_on=date(2020, 12, 21), short_reason="省里明天要")
    assert row.days_given == 2
    loads = burden.by_issuer(TODAY)
    mine = next(load for load in loads if load.issuer == row.issuer)
    assert mine.short == 1


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ({"basis": ""}, "没有写依据"),
        ({"purpose": " "}, "没有写用途"),
        ({"due_on": None}, "没有写截止日期"),
        ({"due_on": date(2020, 12, 1)}, "已经过了"),
        ({"rhythm": "monthly", "due_on": None}, "没有选时限规则"),
    ],
)
def test_basis_purpose_and_deadline_are_stated(
    cast: Cast, kind: ReportKind, head: dict[str, Any], message: str
) -> None:
    row = draft(cast, **head)
    assert not gate.survey(row).passes
    with pytest.raises(Invalid, match=message):
        gate.propose(by=cast.user("office-3715"), kind=row)


def test_only_the_office_drafts(cast: Cast, kind: ReportKind) -> None:
    row = draft(cast)
    for who in ("office-371525", "recorder-3715", "reviewer-3715"):
        with pytest.raises((Forbidden, Missing)):
            designing.create_kind(by=cast.user(who), title="甲")
        with pytest.raises((Forbidden, Missing)):
            designing.add_section(by=cast.user(who), kind=row, section_kind="text", title="甲")
    row = gate.propose(by=cast.user("office-3715"), kind=row)
    with pytest.raises((Forbidden, Missing)):
        gate.decide(by=cast.user("reviewer-371525"), kind=row, approve=True)


def test_sent_back_with_a_reason_then_changed(cast: Cast, kind: ReportKind) -> None:
    office, reviewer = cast.user("office-3715"), cast.user("reviewer-3715")
    row = gate.propose(by=office, kind=draft(cast))
    with pytest.raises(Conflict, match="不能修改"):
        designing.add_section(by=office, kind=row, section_kind="text", title="甲")
    with pytest.raises(Invalid, match="不同意的理由"):
        gate.decide(by=reviewer, kind=row, approve=False)
    row = gate.decide(by=reviewer, kind=row, approve=False, decision="台账里有")
    assert (row.status, row.decision) == ("draft", "台账里有")
    row = gate.withdraw(by=office, kind=gate.propose(by=office, kind=row))
    assert row.status == "draft"


def test_a_report_keeps_the_version_it_was_opened_with(
    cast: Cast, kind: ReportKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, reviewer = cast.user("office-3715"), cast.user("reviewer-3715")
    report = opened(cast, kind)
    second = designing.new_version(by=office, kind=kind)
    with pytest.raises(Conflict, match="已有一个版本在拟订"):
        designing.new_version(by=office, kind=kind)
    designing.remove_section(by=office, kind=second, key="plan")
    second = gate.propose(by=office, kind=second)
    second = gate.decide(by=reviewer, kind=second, approve=True, in_force_from=date(2020, 12, 20))
    assert ReportKind.objects.in_force(TODAY).get(key=kind.key) == kind
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 20))
    assert ReportKind.objects.in_force(clock.today()).get(key=kind.key) == second
    report.refresh_from_db()
    assert report.kind == kind
    assert report.texts.filter(section__key="plan").exists()
    assert opened(cast, second) == report
    with pytest.raises(Conflict, match="没有起用"):
        opened(cast, kind, "371502")
    assert not opened(cast, second, "371502").texts.filter(section__key="plan").exists()


def test_import_leaves_what_is_there(cast: Cast, kind: ReportKind) -> None:
    office = cast.user("office-3715")
    second = designing.new_version(by=office, kind=kind)
    before = ReportKind.objects.count()
    assert import_kinds(path=DATA / "report-kinds.yaml", programme=cast.programme) == 0
    assert ReportKind.objects.count() == before
    assert ReportKind.objects.get(pk=second.pk).status == "draft"
    shipped = set(ReportKind.objects.in_force(TODAY).values_list("key", flat=True))
    assert shipped == {
        "county-yearly",
        "county-half",
        "group-to-city",
        "city-to-province",
        "township-fund",
        "member-half",
        "accountability",
    }


def test_retired_kinds_open_no_more_but_what_was_opened_goes_on(
    cast: Cast, kind: ReportKind
) -> None:
    office = cast.user("office-3715")
    report = opened(cast, kind)
    with pytest.raises(Invalid, match="停用的理由"):
        gate.retire(by=office, kind=kind, reason=" ")
    row = gate.retire(by=office, kind=kind, reason="并入半年报告")
    with pytest.raises(Conflict, match="停用"):
        opened(cast, row, "371502")
    texts = {"organisation": "甲"}
    filling.save_texts(by=cast.user("recorder-371525"), report=report, texts=texts)


def test_two_editors_do_not_overwrite_each_other(cast: Cast, kind: ReportKind) -> None:
    office = cast.user("office-3715")
    row = draft(cast)
    row.refresh_from_db()
    seen = row.revision
    saved = {"by": office, "kind": row, "submitters": [], "revision": seen}
    designing.save_head(values={"purpose": "甲"}, **saved)
    with pytest.raises(Stale):
        designing.save_head(values={"purpose": "乙"}, **saved)


def test_order_of_sections_and_rows(cast: Cast, kind: ReportKind) -> None:
    office = cast.user("office-3715")
    row = draft(cast)
    key = table(cast, row)
    designing.move_section(by=office, kind=row, key=key, up=True)
    designing.move_section(by=office, kind=row, key=key, up=True)
    assert row.sections.order_by("position").first() == row.sections.get(key=key)
    for name in ("i-cadre-training", "i-skill-training"):
        designing.add_cell(by=office, kind=row, key=key, indicator=indicator(name))
    designing.move_cell(by=office, kind=row, key=key, indicator="i-skill-training", up=True)
    cells = row.sections.get(key=key).cells.order_by("position")
    assert [c.indicator.key for c in cells] == ["i-skill-training", "i-cadre-training"]
    with pytest.raises(Invalid, match="已有这个指标"):
        designing.add_cell(by=office, kind=row, key=key, indicator=indicator())


def test_no_such_data_is_an_answer_with_a_reason(cast: Cast, kind: ReportKind) -> None:
    row = approved(cast)
    recorder = cast.user("recorder-371525")
    report = opened(cast, row)
    with pytest.raises(Invalid, match="为什么没有"):
        special.answer_no_data(by=recorder, report=report, reason=" ")
    report = special.answer_no_data(by=recorder, report=report, reason="本县没有光伏电站")
    assert (report.status, report.no_data_reason) == ("submitted", "本县没有光伏电站")
    assert filling.content_of(report)["no_data"] == "本县没有光伏电站"
    yearly = opened(cast, kind)
    with pytest.raises(Conflict, match="不能答"):
        special.answer_no_data(by=recorder, report=yearly, reason="没有")
    assert Report.objects.get(pk=yearly.pk).no_data_reason == ""


def test_a_special_report_is_due_on_its_day(cast: Cast, kind: ReportKind) -> None:
    report = opened(cast, approved(cast))
    deadline = Deadline.objects.get(subject_id=report.public_id)
    assert deadline.due_on == date(2020, 12, 25)


@pytest.mark.parametrize(
    ("left", "right", "low", "high"),
    [
        ("建档立卡贫困户", "建档立卡的贫困户", 0.9, 1.0),
        ("危房改造", "义务教育阶段辍学", 0.0, 0.3),
        ("", "甲", 0.0, 0.0),
    ],
)
def test_ratio(left: str, right: str, low: float, high: float) -> None:
    assert low <= rules.ratio(left, right) <= high


def test_working_days_skip_the_holiday() -> None:
    assert rules.working_days(date(2020, 9, 30), date(2020, 10, 9)) == 1
    assert rules.working_days(TODAY, TODAY) == 0
    assert rules.working_days(TODAY, date(2020, 12, 18)) == 1


def test_average() -> None:
    assert burden.average([3, 4, None]) == Decimal("3.5")
    assert burden.average([None]) is None
