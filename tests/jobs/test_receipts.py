"""Receipts: one's own, and their sheet."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from responsibility.jobs.models import ImportReceipt
from tests.cast import Cast


def receipt(cast: Cast, name: str, **extra: Any) -> ImportReceipt:
    return ImportReceipt.objects.create(
        kind="marks",
        file_name="=村.xlsx",
        sha256="a" * 64,
        status="refused",
        rows=3,
        mistakes=[{"cell": "B3", "value": "=1+1", "message": "没有这个代码。"}],
        uploaded_by=cast.user(name),
        **extra,
    )


def test_one_sees_ones_own(cast: Cast) -> None:
    mine = receipt(cast, "office-371525")
    path = f"/receipts/{mine.public_id}/sheet/"
    text = cast.client("office-371525").get("/receipts/").content.decode()
    assert "=村.xlsx" in text
    assert path in text
    assert path not in cast.client("office-371502").get("/receipts/").content.decode()
    assert cast.client("office-371502").get(path).status_code == 404
    assert cast.client("office-371525").get(f"/receipts/{uuid4()}/sheet/").status_code == 404


def test_the_sheet_names_each_cell_and_holds_no_formula(cast: Cast, tmp_path: Any) -> None:
    mine = receipt(cast, "office-371525")
    answer = cast.client("office-371525").get(f"/receipts/{mine.public_id}/sheet/")
    file = tmp_path / "r.xlsx"
    file.write_bytes(answer.content)
    rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    assert rows[0][:2] == ["文件", "=村.xlsx"]
    assert ["B3", "=1+1", "没有这个代码。"] in rows


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=99999999999"])
def test_nonsense_gives_the_first_page_or_the_last(cast: Cast, query: str) -> None:
    assert cast.client("office-371525").get(f"/receipts/{query}").status_code == 200


def test_costs_the_same_for_2_and_20(cast: Cast) -> None:
    client = cast.client("office-371525")
    counts = []
    for more in (2, 18):
        for _ in range(more):
            receipt(cast, "office-371525")
        client.get("/receipts/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/receipts/")
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12
