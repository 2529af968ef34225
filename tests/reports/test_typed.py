"""The figures that a report asks for: typed in it, in the ledger once it has passed."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from responsibility.common import clock
from responsibility.common.errors import Invalid
from responsibility.divisions.models import Body, BodyKind
from responsibility.figures.models import FigureValue, Indicator
from responsibility.reports import sources
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.services import designing, filling, gate, review, special
from tests.cast import Cast, make_body
from tests.reports.test_gate import WISH, draft, table
from tests.reports.test_services import kind, opened, village_says

__all__ = ["kind"]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


@pytest.fixture
def asked(cast: Cast, kind: ReportKind) -> ReportKind:
    """Return a special report in force that asks for one figure and quotes another."""
    office = cast.user("office-3715")
    row = draft(cast)
    key = table(cast, row)
    designing.add_wish(by=office, kind=row, key=key, values=WISH)
    households = Indicator.objects.get(key="i-poor-households")
    designing.add_cell(by=office, kind=row, key=key, indicator=households)
    row = gate.propose(by=office, kind=row)
    return gate.decide(by=cast.user("reviewer-3715"), kind=row, approve=True)


def stations() -> Indicator:
    return Indicator.objects.get(name=WISH["name"])


def ledger() -> list[Decimal]:
    rows = FigureValue.objects.current().filter(indicator=stations(), body__kind__key="county.main")
    return list(rows.values_list("value", flat=True))


def typed(cast: Cast, report: Report, value: str) -> Report:
    text = report.kind.sections.get(section_kind="text").key
    return filling.save_texts(
        by=cast.user("recorder-371525"),
        report=report,
        texts={text: "已建成。"},
        figures={stations().key: value, "i-poor-households": "999"},
    )


def test_typed_then_in_the_ledger_when_passed(cast: Cast, asked: ReportKind) -> None:
    recorder, office = cast.user("recorder-371525"), cast.user("office-3715")
    village_says(cast, "371525001001", 12)
    report = opened(cast, asked)
    text = asked.sections.get(section_kind="text").key
    filling.save_texts(by=recorder, report=report, texts={text: "已建成。"})
    with pytest.raises(Invalid, match="光伏扶贫电站”还没有填"):
        filling.hand_in(by=recorder, report=report)
    report = typed(cast, report, "１，２34")
    cells = {c.definition.indicator.name: c for c in report.cells.all()}
    assert cells[WISH["name"]].value == 1234
    assert cells["建档立卡贫困户"].value == 12
    filling.collect(by=recorder, report=report)
    report = filling.hand_in(by=recorder, report=report)
    assert ledger() == []
    report = review.pass_report(by=office, report=report)
    assert ledger() == [1234]
    slip = review.request_slip(
        by=recorder,
        report=review.archive(by=office, report=report),
        item=f"figure:{stations().key}",
        new_value="1235",
        reason="漏报一座",
    )
    review.decide_slip(by=office, slip=slip, approve=True)
    assert ledger() == [1235]


@pytest.mark.parametrize("value", ["三座", "-1", "1e30", "1.1234567", "0x10"])
def test_no_number_is_refused_where_it_stands(cast: Cast, asked: ReportKind, value: str) -> None:
    report = opened(cast, asked)
    with pytest.raises(Invalid) as refusal:
        typed(cast, report, value)
    assert refusal.value.where == f"figure:{stations().key}"
    name = f"figure:{stations().key}"
    edit = reverse("report_edit", args=[report.public_id])
    page = cast.client("recorder-371525").post(edit, {name: value, "do": "save"})
    assert page.status_code == 400
    assert f'value="{value}"' in page.content.decode()


def test_only_a_returned_figure_opens_again(cast: Cast, asked: ReportKind) -> None:
    recorder, office = cast.user("recorder-371525"), cast.user("office-3715")
    report = filling.hand_in(by=recorder, report=typed(cast, opened(cast, asked), "5"))
    text = asked.sections.get(section_kind="text").key
    report = review.return_report(by=office, report=report, remarks={text: "写具体"})
    report = typed(cast, report, "6")
    assert report.cells.get(definition__typed=True).value == 5
    edit = reverse("report_edit", args=[report.public_id])
    page = cast.client("recorder-371525").get(edit).content.decode()
    assert "只要改下面列出的 1 项" in page
    report = filling.hand_in(by=recorder, report=report)
    item = f"figure:{stations().key}"
    report = review.return_report(by=office, report=report, remarks={item: "核对"})
    report = typed(cast, report, "7")
    assert report.cells.get(definition__typed=True).value == 7


def test_no_such_data_enters_nothing(cast: Cast, asked: ReportKind) -> None:
    recorder = cast.user("recorder-371525")
    report = special.answer_no_data(by=recorder, report=opened(cast, asked), reason="没有电站")
    review.pass_report(by=cast.user("office-3715"), report=report)
    assert ledger() == []


def test_it_is_typed_on_the_page(cast: Cast, asked: ReportKind) -> None:
    report = opened(cast, asked)
    edit = reverse("report_edit", args=[report.public_id])
    text = asked.sections.get(section_kind="text").key
    county = cast.client("recorder-371525")
    data = {text: "已建成。", f"figure:{stations().key}": "3", "do": "submit"}
    assert county.post(edit, data).status_code == 302
    report.refresh_from_db()
    assert report.status == "submitted"
    assert report.cells.get(definition__typed=True).value == 3


def test_a_leading_group_reads_the_figures_of_its_division(cast: Cast, kind: ReportKind) -> None:
    village_says(cast, "371525001001", 12)
    group = make_body(cast.place("3715"), "city.leading_group", "扶贫开发领导小组")
    row = ReportKind.objects.get(key="group-to-city")
    row.duty = None
    row.save()
    assert BodyKind.objects.get(key="city.leading_group") in row.submitters.all()
    period = "2020H1"
    report = filling.open_report(
        by=cast.user("recorder-3715"), kind=row, body=Body.objects.get(pk=group.pk), period=period
    )
    assert report.cells.count() == 6
    table = filling.content_of(report)["tables"][0]
    assert [line[0]["text"] for line in table["rows"]] == [
        "东昌府区",
        "冠县",
        "聊城江北水城旅游度假区",
    ]
    assert len(table["heads"]) == 4
    client = cast.client("recorder-3715")
    for name in ("report", "report_edit", "report_print"):
        page = client.get(reverse(name, args=[report.public_id])).content.decode()
        assert "建档立卡贫困户（户）本期" in page, name


def test_rows_by_division_are_what_was_collected(cast: Cast, kind: ReportKind) -> None:
    section = kind.sections.create(
        key="by", title="按乡镇", section_kind="figures", rows_are="divisions", position=9
    )
    section.cells.create(indicator=Indicator.objects.get(key="i-poor-households"), position=1)
    village_says(cast, "371525001001", 12)
    report = opened(cast, kind)
    assert [cell["text"] for cell in report.tables[0]["rows"][0]] == ["清泉街道", "12", "—", "—"]
    village_says(cast, "371525001001", 15)
    report.refresh_from_db()
    assert report.tables[0]["rows"][0][1]["text"] == "12"
    report = filling.collect(by=cast.user("recorder-371525"), report=report)
    report.refresh_from_db()
    assert report.tables[0]["rows"][0][1]["text"] == "15"


def test_a_list_is_drawn_from_its_ledger(
    cast: Cast, kind: ReportKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    def problems(body: Body, period: str) -> sources.Drawn:
        return sources.Drawn(("问题", "期限"), (sources.Row((f"{body.name}档案不全", period)),))

    monkeypatch.setattr(sources, "_sources", {})
    office = cast.user("office-3715")
    row = draft(cast)
    with pytest.raises(Invalid, match="没有可以取清单的台账"):
        designing.add_section(by=office, kind=row, section_kind="list", title="问题")
    sources.register("test.problems", problems, label="问题台账")
    designing.add_section(by=office, kind=row, section_kind="list", title="三、问题")
    row = gate.propose(by=office, kind=row)
    row = gate.decide(by=cast.user("reviewer-3715"), kind=row, approve=True)
    report = opened(cast, row)
    assert [cell["text"] for cell in report.tables[0]["rows"][0]] == [
        f"{cast.main('371525').name}档案不全",
        "2020",
    ]
