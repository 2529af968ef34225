"""The pictures below the overview: their numbers, their rows, their cost, their scope."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from responsibility.common import clock
from responsibility.common.plots import Plot
from responsibility.dashboard.pictures import trend
from responsibility.deadlines.models import DeadlineRule
from responsibility.deadlines.services.opening import Opening, open_many
from responsibility.duties.models import Assignment
from tests.cast import Cast
from tests.duties_maker import make_assignment

TODAY = date(2020, 12, 17)
PANELS = ("trend", "heat", "calendar", "burden", "export")
PLACES = ("371502", "371525", "371502011")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: TODAY)


def fill(cast: Cast, many: int, since: int = 0) -> None:
    rule, _ = DeadlineRule.objects.get_or_create(
        key="r",
        version=1,
        defaults={
            "title": "年底前",
            "anchor": "date",
            "month_day": "12-21",
            "basis": "local",
            "basis_text": "测试",
        },
    )
    for number in range(since, many):
        for code in PLACES:
            made = make_assignment(cast, code, 2020, key=f"k-{number}", deadline_rule="r")
            Assignment.objects.filter(pk=made.pk).update(
                due_on=date(2020, 12, 21), status="in_progress"
            )
            place, body = cast.place(code), cast.main(code)
            wish = Opening(
                rule.key, "duties.assignment", made.public_id, "事", place.pk, body.pk, "2020"
            )
            open_many(openings=[wish], by=None)


def read(answer: Any) -> bytes:
    return b"".join(answer) if answer.streaming else bytes(answer.content)


@pytest.mark.parametrize("name", PANELS)
def test_the_cost_does_not_grow_with_the_rows(cast: Cast, name: str) -> None:
    client = cast.client("office-3715")

    def statements() -> int:
        client.get(f"/overview/{name}/")
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(f"/overview/{name}/")
            assert answer.status_code == 200
            read(answer)
        return len(seen)

    fill(cast, 1)
    few = statements()
    fill(cast, 20, since=1)
    assert statements() == few
    assert few <= (18 if name == "export" else 12)


def test_a_single_sheet_costs_no_more_than_its_panel(cast: Cast) -> None:
    fill(cast, 2)
    client = cast.client("office-3715")
    for only in ("places", "trend", "heat", "calendar", "burden"):
        with CaptureQueriesContext(connection) as seen:
            read(client.get(f"/overview/export/?only={only}"))
        assert len(seen) <= 12, only


def test_alone_for_the_page_that_loads_it(cast: Cast) -> None:
    client = cast.client("office-3715")
    part = client.get("/overview/heat/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<section")
    assert "<html" not in part
    whole = client.get("/overview/heat/")
    assert "<html" in whole.content.decode()
    assert "HX-Request" in whole["Vary"]


def test_what_is_due_leads_to_its_rows(cast: Cast) -> None:
    fill(cast, 3)
    client = cast.client("office-3715")
    plot: Plot = client.get("/overview/trend/").context["by_week"]
    at = plot.labels.index("12月21日")
    assert plot.series[0].values[at] == 9
    assert plot.series[0].values[at - 1] == 0
    assert plot.series[1].values[at - 1] == 0
    assert plot.series[1].values[at] is None  # next week is not known yet
    assert client.get(plot.links[at]).context["page"].count == 9
    month = client.get("/overview/calendar/").context["month"]
    (day,) = month.days
    assert (day.date, day.total, day.state) == (date(2020, 12, 21), 9, ("blue", "待办 9"))
    assert client.get(day.url).context["page"].count == 9
    assert day.rules[0].rule.key == "r"
    by_month: Plot = client.get("/overview/trend/").context["by_month"]
    assert client.get(by_month.links[0]).context["page"].count == 9


def test_each_cell_of_the_heat_table_leads_to_its_rows(cast: Cast) -> None:
    fill(cast, 2)
    client = cast.client("office-3715")
    heat = client.get("/overview/heat/?by=duty").context["heat"]
    assert [row.title for row in heat.rows] == ["跟踪走访已脱贫群众"] * 2
    by_name = {cell.name: cell for cell in heat.rows[0].cells}
    assert (by_name["冠县"].colour, by_name["冠县"].words) == ("blue", "进行中")
    assert by_name["聊城市本级"].words == "不承担"
    assert client.get(by_name["冠县"].url).context["page"].count == 1
    names = [cell.name for cell in heat.rows[0].cells]
    assert names[0] == "聊城市本级"
    assert names.index("东昌府区") < names.index("冠县") < len(names) - 1
    own = client.get("/overview/heat/?by=duty&division=371502").context["heat"]
    assert [cell.words for cell in own.rows[0].cells if cell.words != "不承担"] == ["进行中"]


def test_the_workbook_holds_the_same_numbers(cast: Cast) -> None:
    fill(cast, 3)
    data = read(cast.client("office-3715").get("/overview/export/"))
    book = load_workbook(BytesIO(data))
    assert book.sheetnames == [
        "各地情况",
        "按周办结",
        "各月到期",
        "责任和地方",
        "2020年12月到期",
        "报表负担",
    ]
    table = {row[1]: row for row in book["各地情况"].iter_rows(min_row=3, values_only=True)}
    assert table["冠县"][2] == 3
    assert "不排名次" in str(book["各地情况"]["A1"].value)


def test_weeks_cover_the_year_and_nothing_else() -> None:
    weeks = trend.weeks_of(2020)
    assert (weeks[0], weeks[-1], len(weeks)) == (date(2019, 12, 30), date(2020, 12, 28), 53)


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize(
    "query",
    [
        "year=0000&month=2020-13",
        "year=9999&month=0000-00",
        "year=x&month=２０２０-１２&by=none",
        "month=2020-1é&only=../x",
    ],
)
def test_nonsense_gets_this_year(cast: Cast, name: str, query: str) -> None:
    assert cast.client("office-3715").get(f"/overview/{name}/?{query}").status_code == 200


@pytest.mark.parametrize("query", ["month=2020-13", "month=x-y", "month=99999-1", "month=-"])
def test_the_duty_list_takes_a_nonsense_month(cast: Cast, query: str) -> None:
    assert cast.client("office-3715").get(f"/duties/?{query}").status_code == 200


@pytest.mark.parametrize("name", PANELS)
def test_outside_the_scope_nothing_is_found(cast: Cast, name: str) -> None:
    fill(cast, 1)
    client = cast.client("office-371525")
    assert client.get(f"/overview/{name}/?division=371502").status_code == 404
    assert "东昌府区" not in read(client.get(f"/overview/{name}/")).decode("utf-8", "ignore")
    assert cast.client("member-3715").get(f"/overview/{name}/").status_code == 404
    assert cast.client("system-3715").get(f"/overview/{name}/").status_code == 403


def test_lists_of_another_place_are_empty(cast: Cast) -> None:
    fill(cast, 1)
    client = cast.client("office-371525")
    for address in ("/deadlines/?state=any&division=371502", "/reports/?division=371502"):
        assert client.get(address).context["page"].count == 0
