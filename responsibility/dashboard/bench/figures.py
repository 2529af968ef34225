"""The ledger of numbers: sums of the whole city, and a sheet of 100,000 values."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import xlsxwriter
from django.db import connection, transaction
from python_calamine import CalamineWorkbook

from accounts.models import User
from responsibility.divisions.models import Body, Division
from responsibility.figures.models import Indicator
from responsibility.figures.services import bulk, reading, sheets

PERIOD = "2031"
LEVELS = """
WITH tree AS (SELECT id AS division_id, parent_id FROM divisions_division),
leaf AS (SELECT indicator_id, division_id, value FROM figures_figurevalue
 WHERE period = %s AND source_kind = 'typed' AND superseded_at IS NULL),
l1 AS (SELECT l.indicator_id, t.parent_id AS division_id, sum(value) AS value
 FROM leaf l JOIN tree t USING (division_id) GROUP BY 1, 2),
l2 AS (SELECT l.indicator_id, t.parent_id AS division_id, sum(value) AS value
 FROM l1 l JOIN tree t USING (division_id) GROUP BY 1, 2),
l3 AS (SELECT l.indicator_id, t.parent_id AS division_id, sum(value) AS value
 FROM l2 l JOIN tree t USING (division_id) GROUP BY 1, 2)
SELECT * FROM l1 UNION ALL SELECT * FROM l2 UNION ALL SELECT * FROM l3
"""

INPUTS = """
SELECT body_id, indicator_id, value, reported, expected FROM figures_figurevalue
 WHERE superseded_at IS NULL AND period = %s AND indicator_id = ANY(%s) AND body_id = ANY(%s)
"""


def _line(name: str, seconds: float, floor: float) -> str:
    return json.dumps(
        {
            "measure": name,
            "value": round(seconds * 1000, 1),
            "unit": "ms",
            "floor": round(floor * 1000, 1),
            "ratio": round(seconds / floor, 2),
            "queries": None,
        }
    )


def _best(act: Callable[[], Any], times: int = 3) -> float:
    found = []
    for _ in range(times):
        started = perf_counter()
        act()
        found.append(perf_counter() - started)
    return min(found)


def _run(sql: str, *arguments: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        if cursor.description:
            cursor.fetchall()


def _book(indicators: list[Indicator], places: list[tuple[str, str]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": True}) as book:
        sheet = book.add_worksheet("数据")
        sheet.write_row(0, 0, ["区划代码", "名称", *(item.name for item in indicators)])
        for number, (code, name) in enumerate(places, 1):
            values = [number % 90 + place for place, _ in enumerate(indicators)]
            sheet.write_row(number, 0, [code, name, *values])
    return file.getvalue()


def _copy(data: bytes, ids: list[int], bodies: dict[str, tuple[int, int, str]]) -> None:
    """Read the sheet and copy it into a table like the ledger's: what nobody can do without."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows[1:]:
        body, division, path = bodies[str(row[0])]
        for indicator, value in zip(ids, row[2:], strict=True):
            writer.writerow((indicator, body, division, path, PERIOD, "", value, "typed", "", ""))
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE bench_values "
            "(LIKE figures_figurevalue INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY)"
        )
        cursor.execute(
            "ALTER TABLE bench_values ALTER reported SET DEFAULT 1, ALTER expected SET DEFAULT 1"
        )
        cursor.copy_expert(
            "COPY bench_values (indicator_id, body_id, division_id, scope_path, period, dimension,"
            " value, source_kind, source_model, source_id) FROM STDIN "
            "WITH (FORMAT csv, FORCE_NOT_NULL (dimension, source_model, source_id))",
            buffer,
        )
        cursor.execute("DROP TABLE bench_values")


def lines() -> Iterator[str]:
    """Measure in a transaction that leaves nothing behind."""
    with transaction.atomic():
        found = _measured()
        transaction.set_rollback(True)
    yield from found


def _measured() -> list[str]:
    programme = Indicator.objects.all()[0].programme
    villages = Division.objects.living().filter(tier="village").order_by("sort_key")
    places = list(villages.values_list("code", "name"))
    wanted = -(-100_000 // max(len(places), 1))
    indicators = Indicator.objects.bulk_create(
        Indicator(
            programme=programme,
            key=f"bench-{number}",
            name=f"测量指标{number}",
            unit="户",
            tier="village",
            nature="additive",
            source_kind="typed",
        )
        for number in range(wanted)
    )
    data = _book(indicators, places)
    office = User.objects.get(username="office-3715")
    ids = [item.pk for item in indicators]
    bodies = {
        code: (body, division, path)
        for code, body, division, path in Body.objects.filter(
            is_main=True, ended_on=None, division__tier="village"
        ).values_list("division__code", "id", "division_id", "scope_path")
    }
    floor = _best(lambda: _copy(data, ids, bodies), 2)
    started = perf_counter()
    receipt = sheets.import_sheet(by=office, data=data, file_name="bench.xlsx", period=PERIOD)
    spent = perf_counter() - started
    found = [_line(f"figures import {receipt.loaded} values", spent, floor)]
    _run("SET LOCAL enable_nestloop = off")  # no statistics of what was written just now
    sums = _best(lambda: _run(LEVELS, PERIOD))
    again = _best(lambda: bulk.recompute(period=PERIOD, write=False))
    found.append(_line("figures recompute city", again, sums))
    return [*found, _formulas(indicators)]


def _formulas(indicators: list[Indicator]) -> str:
    """Measure a formula over the 878 villages of 莘县 against the SQL that reads its inputs."""
    one, other = indicators[:2]
    made = Indicator.objects.create(
        programme=one.programme,
        key="bench-rate",
        name="测量比率",
        unit="%",
        tier="village",
        nature="ratio",
        source_kind="formula",
        formula=f"{one.key} / {other.key}",
    )
    county = Division.objects.get(code="371522000000")
    ids = list(
        Body.objects.under(county.path)
        .filter(is_main=True, division__tier="village")
        .values_list("id", flat=True)
    )
    floor = _best(lambda: _run(INPUTS, PERIOD, [one.pk, other.pk], ids))
    spent = _best(lambda: reading.values(bodies=ids, keys=[made.key], periods=[PERIOD]))
    return _line(f"figures formula {len(ids)} villages", spent, floor)
