"""The data dictionary says every field of every endpoint in Chinese."""

import io

import pytest
from openpyxl import load_workbook

from responsibility.api_urls import ENDPOINTS
from responsibility.common.dictionary import all_endpoints
from tests.cast import Cast


def test_every_endpoint_and_field_has_chinese_words(db: None) -> None:
    found = all_endpoints()
    assert [one.name for one in found] == list(ENDPOINTS)
    silent = [
        f"{one.name}.{field.name}"
        for one in found
        for field in one.fields
        if not field.words or field.words.isascii()
    ]
    assert silent == [], "add words in common/dictionary.py"


def test_units_and_sources_are_said(db: None) -> None:
    known = {one.name: {field.name: field for field in one.fields} for one in all_endpoints()}
    items, scores = known["assessment-data-items"], known["assessment-scores"]
    assert items["value"].unit == "见同一行的 unit"
    assert items["value"].source == "考核数据（assessments.dataitem.value）"
    assert scores["mark"].unit == "分"
    assert scores["clause"].source == "读取时算出"
    assert all(field.source for fields in known.values() for field in fields.values())


def test_choices_are_said_with_their_codes(db: None) -> None:
    [rows] = [one for one in all_endpoints() if one.name == "rectifications"]
    [status] = [field for field in rows.fields if field.name == "status"]
    assert "closed＝已销号" in status.choices
    assert rows.bulk
    assert "division" in rows.filters


@pytest.mark.parametrize("who", ["recorder-371502011", "office-3715"])
def test_the_page_and_its_sheet(
    cast: Cast, who: str, django_assert_max_num_queries: object
) -> None:
    client = cast.client(who)
    client.get("/data-dictionary/")
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        page = client.get("/data-dictionary/").content.decode()
    assert "assessment-scores" in page
    assert "得分（通报分数时才有）" in page
    answer = client.get("/data-dictionary/?format=xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet["A1"].value == "接口"
    assert sheet.max_row == 1 + sum(len(one.fields) for one in all_endpoints())
