"""A cell whose indicator is worked out fills itself and opens what it is made of."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from responsibility.common import clock
from responsibility.figures.models import Indicator
from responsibility.figures.services.ledger import set_values
from responsibility.reports.models import CellDef, ReportKind
from tests.cast import Cast
from tests.reports.test_services import kind, opened, village_says

__all__ = ["kind"]
VILLAGE = "371525001001"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


def test_a_rate_fills_itself(cast: Cast, kind: ReportKind) -> None:
    section = kind.sections.filter(section_kind="figures").order_by("position")[0]
    rate = Indicator.objects.get(key="i-file-rate")
    CellDef.objects.create(section=section, indicator=rate, position=99)
    village_says(cast, VILLAGE, 8)
    set_values(
        by=cast.user(f"recorder-{VILLAGE}"),
        body=cast.main(VILLAGE),
        period="2020",
        values={Indicator.objects.get(key="i-household-files"): Decimal(6)},
        source=cast.main(VILLAGE),
    )
    report = opened(cast, kind)
    cell = report.cells.get(definition__indicator=rate)
    assert (cell.value, cell.how, cell.figure_id) == (75, "formula", None)
    client = cast.client("recorder-371525")
    page = client.get(reverse("report", args=[report.public_id])).content.decode()
    assert "按公式算出" in page
    behind = reverse("figure_value", args=[rate.key, report.body.public_id, "2020"])
    assert behind in client.get(reverse("report_cell", args=[cell.public_id])).content.decode()
    assert "6 户 ÷ 建档立卡贫困户 8 户" in client.get(behind).content.decode()
    uses = client.get(reverse("indicator", args=[rate.key])).content.decode()
    assert f"报告：{kind.title}" in uses
