"""得分总图: items by unit in the standard order, published grades alone, within the scope."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from responsibility.assessments.models import AssessmentRun, Subject
from responsibility.assessments.rules.running import Stage
from responsibility.common import clock
from tests.assessments import maker
from tests.cast import Cast


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2021, 1, 11))


def address(run: AssessmentRun) -> str:
    return f"/overview/assessments/{run.public_id}/"


def published(run: AssessmentRun) -> None:
    Subject.objects.filter(run=run).update(grade="较好")
    AssessmentRun.objects.filter(pk=run.pk).update(
        status="published", digest="0" * 64, frozen_at=Now(), published_at=Now()
    )


def cells(answer: Any) -> dict[str, list[tuple[str, str]]]:
    return {
        row.key: [(cell.words, cell.detail) for cell in row.cells] for row in answer.context["rows"]
    }


def test_each_item_stands_by_its_own_full_mark(cast: Cast) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    client = cast.client("office-3715")
    assert f'href="{address(run)}"' in client.get(f"/assessments/{run.public_id}/").content.decode()
    answer = client.get(address(run))
    names = [unit.division.name for unit in answer.context["units"]]
    at = [names.index("东昌府区"), names.index("冠县")]
    assert at == sorted(at)
    found = cells(answer)
    assert [found["net"][n] for n in at] == [("有扣分", "96.00%"), ("满分", "100.00%")]
    assert [found["judged"][n] for n in at] == [("有扣分", "18.00/20"), ("有扣分", "18.00/20")]
    cell = answer.context["rows"][0].cells[at[1]]
    assert client.get(cell.url).status_code == 200
    assert answer.context["grades"] == []  # nothing is published yet


def test_grades_are_drawn_only_once_published(cast: Cast) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    client = cast.client("office-3715")
    assert "grade-map" not in client.get(address(run)).content.decode()
    published(run)
    answer = client.get(address(run))
    found = {grade.name: (grade.words, grade.colour) for grade in answer.context["grades"]}
    assert found["冠县"] == ("较好", "blue")
    assert 'id="grade-map"' in answer.content.decode()
    own = cast.client("office-371525").get(address(run))
    assert [grade.name for grade in own.context["grades"]] == ["冠县"]
    assert "东昌府区" not in own.content.decode()


def test_a_unit_sees_nothing_before_it_is_told(cast: Cast) -> None:
    run = maker.to(cast, maker.verified(cast, maker.opened(cast)), Stage.COMPOSED)
    county = cast.client("office-371525")
    answer = county.get(address(run))
    assert answer.context["rows"] == []
    assert "还没有反馈" in answer.content.decode()
    assert address(run) not in county.get(f"/assessments/{run.public_id}/").content.decode()
    sheet = load_workbook(BytesIO(b"".join(county.get(address(run) + "?format=xlsx"))))
    assert [row[0].value for row in sheet["各项完成情况"].iter_rows(min_row=3)][:1] == [None]


def test_the_workbook_says_what_the_page_says(cast: Cast) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    published(run)
    client = cast.client("office-3715")
    data = b"".join(client.get(address(run) + "?format=xlsx"))
    book = load_workbook(BytesIO(data))
    assert book.sheetnames == ["各项完成情况", "通报等次"]
    sheet = book["各项完成情况"]
    assert "2020年度" in str(sheet["A1"].value)
    head = [cell.value for cell in sheet[2]]
    row = {cell.value: sheet.cell(3, number + 1).value for number, cell in enumerate(sheet[2])}
    guan = next(str(name) for name in head if name and "冠县" in str(name))
    assert row[guan] == "满分 100.00%"
    texts = [str(cell.value) for cell in sheet["A"]]
    assert any(text.startswith("来源：") for text in texts)


def test_the_cost_is_bounded(cast: Cast) -> None:
    run = maker.noticed(cast, maker.opened(cast))
    published(run)

    def statements(who: str) -> int:
        client = cast.client(who)
        client.get(address(run))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address(run)).status_code == 200
        return len(seen)

    assert statements("office-371525") == statements("office-3715") <= 12


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=99", "format=pdf", "format=%00"])
def test_nonsense_is_taken_calmly(cast: Cast, query: str) -> None:
    run = maker.opened(cast)
    answer = cast.client("office-3715").get(f"{address(run)}?{query}")
    assert answer.status_code in (200, 404)


def test_outside_the_scope_nothing_is_found(cast: Cast) -> None:
    run = maker.opened(cast)
    assert cast.client("system-3715").get(address(run)).status_code in (403, 404)
    lost = "/overview/assessments/00000000-0000-4000-8000-000000000000/"
    assert cast.client("office-3715").get(lost).status_code == 404
