"""The editor, the gate, the burden page and the timeliness table: way, rights, bad input, cost."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from responsibility.common import clock
from responsibility.divisions.models import BodyKind
from responsibility.reports.models import Report, ReportKind, SectionDef
from responsibility.reports.services import designing, gate
from tests.cast import Cast
from tests.reports.test_gate import WISH, approved, draft, indicator, table
from tests.reports.test_services import handed_in, kind, opened

__all__ = ["kind"]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


def url(row: ReportKind, name: str = "report_kind") -> str:
    return reverse(name, args=[row.public_id])


def head(**changes: object) -> dict[str, object]:
    return {
        "do": "save",
        "title": "光伏扶贫情况专项报告",
        "basis_kind": "superior",
        "basis": "市政府专题会议纪要",
        "purpose": "核定运维费用",
        "submitters": [BodyKind.objects.get(key="county.main").pk],
        "rhythm": "once",
        "due_on": "2020-12-25",
        **changes,
    }


def test_a_kind_from_scratch_to_a_filled_report_on_pages(cast: Cast, kind: ReportKind) -> None:
    office, second = cast.client("office-3715"), cast.client("reviewer-3715")
    assert office.post("/reports/kinds/new/", {"title": "光伏扶贫情况"}).status_code == 302
    row = ReportKind.objects.get(title="光伏扶贫情况")
    edit = url(row, "report_kind_edit")
    added = office.post(
        edit, {"do": "add_section", "section-title": "一、情况", "section-section_kind": "text"}
    )
    text = row.sections.get()
    assert added.url == reverse("report_kind_section", args=[row.public_id, text.key])
    said = {"do": "save", "title": "一、情况", "guidance": "写建成座数", "advised_length": "200"}
    assert office.post(added.url, said).status_code == 302
    office.post(
        edit, {"do": "add_section", "section-title": "二、数据", "section-section_kind": "figures"}
    )
    figures = row.sections.get(section_kind="figures")
    part = reverse("report_kind_section", args=[row.public_id, figures.key])
    office.post(part, {"do": "add_cell", "cell-indicator": "i-poor-households"})
    wish = {f"wish-{name}": value for name, value in WISH.items()}
    assert office.post(part, {"do": "add_wish", **wish}).status_code == 302
    assert office.post(edit, head()).status_code == 302
    preview = office.get(url(row)).content.decode()
    assert "写建成座数" in preview
    assert "光伏扶贫电站（座）" in preview
    page = office.get(url(row, "report_kind_gate")).content.decode()
    assert "要 2 项数据，其中 1 项已经有了" in page
    assert office.post(url(row, "report_kind_act"), {"do": "propose"}).status_code == 302
    assert "报表待准入" in second.get("/").content.decode()
    refused = second.post(url(row, "report_kind_gate"), {"do": "decline"})
    assert refused.status_code == 400
    assert "不同意的理由" in refused.content.decode()
    assert second.post(url(row, "report_kind_gate"), {"do": "approve"}).status_code == 302
    county = cast.client("recorder-371525")
    assert "光伏扶贫情况专项报告" in county.get("/reports/").content.decode()
    body = cast.main("371525")
    county.post("/reports/start/", {"kind": row.key, "body": str(body.public_id), "period": "2020"})
    report = Report.objects.get()
    assert report.cells.count() == 2
    assert (
        "光伏扶贫电站"
        in county.get(reverse("report_edit", args=[report.public_id])).content.decode()
    )


def test_no_data_is_answered_on_the_page(cast: Cast, kind: ReportKind) -> None:
    report = opened(cast, approved(cast))
    county = cast.client("recorder-371525")
    address = reverse("report_no_data", args=[report.public_id])
    page = county.get(reverse("report_edit", args=[report.public_id])).content.decode()
    assert "本单位无此数据" in page
    assert county.post(address, {"reason": ""}).status_code == 400
    assert cast.client("reviewer-3715").post(address, {"reason": "甲"}).status_code == 404
    assert county.post(address, {"reason": "本县没有"}).status_code == 302
    assert "本县没有" in county.get(reverse("report", args=[report.public_id])).content.decode()


def test_who_may_see_and_edit(cast: Cast, kind: ReportKind) -> None:
    row = draft(cast)
    key = row.sections.get().key
    names = ("report_kind_edit", "report_kind_gate", "report_kind")
    pages = [url(row, name) for name in names]
    pages.append(reverse("report_kind_section", args=[row.public_id, key]))
    system = cast.client("audit-3715")
    assert [system.get(page).status_code for page in pages] == [404] * 4
    for who in ("office-371525", "recorder-371525", "member-3715"):
        client = cast.client(who)
        assert [client.get(page).status_code for page in pages] == [403] * 4, who
        assert client.post(url(row, "report_kind_act"), {"do": "propose"}).status_code == 403
        assert row.title not in client.get("/reports/kinds/").content.decode()
        assert client.get(url(kind)).status_code == 200
        assert client.get(url(kind, "report_kind_gate")).status_code == 403
    county = cast.client("office-371525")
    assert county.get("/reports/kinds/new/").status_code == 403
    assert county.post(url(kind, "report_kind_act"), {"do": "version"}).status_code == 403
    assert (
        county.post(url(kind, "report_kind_act"), {"do": "retire", "reason": "甲"}).status_code
        == 403
    )
    kind.refresh_from_db()
    assert kind.status == "approved"


def test_burden_is_open_to_all_and_timeliness_to_who_sees_business(
    cast: Cast, kind: ReportKind
) -> None:
    for who in ("recorder-371525001001", "secretary-371502", "audit-3715", "member-3715"):
        assert cast.client(who).get("/reports/burden/").status_code == 200, who
    assert cast.client("audit-3715").get("/reports/timely/").status_code == 403
    assert Client().get("/reports/burden/").status_code == 302


@pytest.mark.parametrize(
    "data",
    [
        {"do": "save"},
        {"do": "nonsense"},
        {"do": "up", "key": "nowhere"},
        {"do": "add_section", "section-title": "", "section-section_kind": "text"},
        {"do": "add_section", "section-title": "甲", "section-section_kind": "plot"},
        {"do": "add_check", "check-rule": "jump", "check-severity": "error"},
        {"do": "add_check", "check-rule": "range", "check-low": "x"},
        {"do": "save", "title": "甲" * 101, "due_on": "2020-02-31"},
        {"do": "save", "title": "甲", "revision": "9" * 30},
        {"do": "save", "title": "甲", "submitters": ["x"], "tiers": ["village"]},
        {"do": "save", "title": "甲", "rhythm": "yearly", "due_on": "2020-12-25"},
    ],
)
def test_bad_input_on_the_editor(cast: Cast, kind: ReportKind, data: dict[str, object]) -> None:
    row = draft(cast)
    answer = cast.client("office-3715").post(url(row, "report_kind_edit"), data)
    assert answer.status_code in (400, 404)
    row.refresh_from_db()
    assert row.title == "光伏扶贫情况专项报告"


@pytest.mark.parametrize(
    "data",
    [
        {"do": "save", "title": ""},
        {"do": "add_cell", "cell-indicator": "nothing"},
        {"do": "add_wish", "wish-name": "甲"},
        {"do": "remove_wish", "item": "x'"},
        {"do": "remove", "item": "nothing"},
        {"do": "save", "title": "甲", "rows_are": "cats", "columns": ["period"]},
    ],
)
def test_bad_input_on_a_section(cast: Cast, kind: ReportKind, data: dict[str, object]) -> None:
    row = draft(cast)
    address = reverse("report_kind_section", args=[row.public_id, table(cast, row)])
    assert cast.client("office-3715").post(address, data).status_code in (400, 404)


def test_a_lost_section_and_an_old_number_of_a_wish(cast: Cast, kind: ReportKind) -> None:
    row = draft(cast)
    office = cast.client("office-3715")
    gone = reverse("report_kind_section", args=[row.public_id, "gone"])
    assert office.get(gone).status_code == 404
    bad = {"do": "use", "wish": "1 or 1", "indicator": "i-poor-households"}
    assert office.post(url(row, "report_kind_gate"), bad).status_code == 404
    assert office.get(url(kind, "report_kind_edit")).status_code == 400


def test_checks_are_kept_with_the_parameters_of_their_rule(cast: Cast, kind: ReportKind) -> None:
    row = draft(cast)
    key = table(cast, row)
    office = cast.user("office-3715")
    designing.add_cell(by=office, kind=row, key=key, indicator=indicator())
    client = cast.client("office-3715")
    data = {
        "do": "add_check",
        "check-rule": "jump",
        "check-severity": "warning",
        "check-left": "i-cadre-training",
        "check-percent": "30",
        "check-low": "5",
    }
    assert client.post(url(row, "report_kind_edit"), data).status_code == 302
    check = row.checks.get()
    assert check.params == {"cell": "i-cadre-training", "percent": "30"}
    gone = {"do": "remove_check", "key": check.key}
    assert client.post(url(row, "report_kind_edit"), gone).status_code == 302
    assert not row.checks.exists()


SQL = """
SELECT coalesce(b.name, ''), count(DISTINCT k.id),
  count(c.id), count(c.id) FILTER (WHERE c.typed),
  (SELECT round(avg(x.days_given), 1) FROM reports_reportkind x
    WHERE x.issuer_id IS NOT DISTINCT FROM k.issuer_id AND x.status = 'approved'
      AND x.validity @> date '2020-12-17')
FROM reports_reportkind k
LEFT JOIN divisions_body b ON b.id = k.issuer_id
LEFT JOIN reports_sectiondef s ON s.kind_id = k.id
LEFT JOIN reports_celldef c ON c.section_id = s.id
WHERE k.status = 'approved' AND k.validity @> date '2020-12-17'
GROUP BY k.issuer_id, b.name
"""


def test_the_burden_page_agrees_with_a_count_by_sql(cast: Cast, kind: ReportKind) -> None:
    office = cast.user("office-3715")
    row = draft(cast, due_on=date(2020, 12, 21), short_reason="省里要")
    designing.add_wish(by=office, kind=row, key=table(cast, row), values=WISH)
    row = gate.propose(by=office, kind=row)
    gate.decide(by=cast.user("reviewer-3715"), kind=row, approve=True)
    ReportKind.objects.filter(key="member-half").update(issuer=cast.main("371525"))
    answer = cast.client("recorder-371525").get("/reports/burden/")
    shown = {
        load.issuer.name if load.issuer else "": (
            len(load.kinds),
            load.cells,
            load.typed,
            load.average_days,
        )
        for load in answer.context["issuers"]
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL)
        counted = {name: tuple(rest) for name, *rest in cursor.fetchall()}
    assert shown == counted
    assert len(counted) >= 2
    totals = answer.context["totals"]
    assert totals["typed"] == sum(item[2] for item in counted.values()) == 1
    assert "省里要" in answer.content.decode()


def test_in_time_late_missing_and_complete(
    cast: Cast, kind: ReportKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in(cast, kind)
    office = cast.client("office-3715")
    lines = office.get("/reports/timely/?kind=county-yearly&year=2020").context["lines"]
    by_name = {line.body.division.name: line for line in lines}
    here, there = by_name["冠县"], by_name["东昌府区"]
    assert (here.expected, here.submitted, here.in_time, here.late, here.missing) == (1, 1, 1, 0, 0)
    assert (there.submitted, there.missing) == (0, 1)
    assert here.complete == "0%"
    assert [line.body.division.code for line in lines] == sorted(
        line.body.division.code for line in lines
    )
    county = cast.client("office-371525")
    lines = county.get("/reports/timely/?kind=county-yearly&year=2020").context["lines"]
    assert [line.body.division.name for line in lines] == ["冠县"]
    for bad in ("?year=20x0", "?year=99999&kind=%27", "?page=0&kind=x"):
        assert office.get(f"/reports/timely/{bad}").status_code == 200


def cost(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def more_kinds(row: ReportKind) -> None:
    for number in range(18):
        made = ReportKind.objects.create(
            programme=row.programme,
            key=f"more-{number}",
            title=f"报表{number}",
            status="approved",
            validity=(date(2020, 1, 1), None),
            issuer=row.issuer,
        )
        made.submitters.set(row.submitters.all())
        SectionDef.objects.create(kind=made, key="t", title="甲", section_kind="text", position=1)


def more_sections(row: ReportKind) -> None:
    for number in range(18):
        part = SectionDef.objects.create(
            kind=row, key=f"f{number}", title="乙", section_kind="figures", position=number + 9
        )
        part.cells.create(indicator=indicator(), position=1)
        part.wishes.create(**{**WISH, "name": f"数{number}"})


@pytest.mark.parametrize(
    ("name", "grow"),
    [
        ("report_kinds", more_kinds),
        ("report_burden", more_kinds),
        ("report_kind", more_sections),
        ("report_kind_gate", more_sections),
        ("report_kind_gate", more_kinds),
        ("report_kind_edit", more_sections),
    ],
)
def test_cost_is_the_same_for_few_and_many(
    cast: Cast, kind: ReportKind, name: str, grow: Callable[[ReportKind], None]
) -> None:
    row = draft(cast)
    more = table(cast, row)
    designing.add_wish(by=cast.user("office-3715"), kind=row, key=more, values=WISH)
    designing.add_cell(by=cast.user("office-3715"), kind=row, key=more, indicator=indicator())
    row.refresh_from_db()
    listed = name in ("report_kinds", "report_burden")
    address = reverse(name) if listed else url(row, name)
    client = cast.client("office-3715")
    few = cost(client, address)
    grow(row)
    assert cost(client, address) == few
    assert few <= 12


def test_cost_of_a_section_and_of_timeliness(cast: Cast, kind: ReportKind) -> None:
    row = draft(cast)
    key = table(cast, row)
    office = cast.user("office-3715")
    client = cast.client("office-3715")
    address = reverse("report_kind_section", args=[row.public_id, key])
    designing.add_cell(by=office, kind=row, key=key, indicator=indicator())
    few = cost(client, address)
    designing.add_cell(by=office, kind=row, key=key, indicator=indicator("i-poor-people"))
    assert cost(client, address) == few <= 12
    handed_in(cast, kind)
    table_ = "/reports/timely/?kind=county-yearly&year=2020"
    one = cost(client, table_)
    opened(cast, kind, "371502")
    assert cost(client, table_) == one <= 12
