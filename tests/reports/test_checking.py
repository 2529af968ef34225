"""Checks as rows: errors stop a report, warnings go along to the reviewer."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from responsibility.common import clock
from responsibility.common.errors import Invalid
from responsibility.reports.models import ReportCell, ReportKind
from responsibility.reports.rules.checking import Facts, breaks
from responsibility.reports.services import filling
from tests.cast import Cast
from tests.reports.test_services import TEXTS, kind, opened

__all__ = ["kind"]
FACTS = Facts(
    {"a": Decimal(10), "b": Decimal(4), "c": Decimal(6), "none": None, "k/a": Decimal(11)},
    {"a": Decimal(8), "b": Decimal(0)},
    {"a": Decimal(9)},
    {"plan": " ", "done": "已办"},
)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


@pytest.mark.parametrize(
    ("rule", "params", "broken"),
    [
        ("range", {"cell": "a", "min": "10", "max": "10"}, False),
        ("range", {"cell": "a", "max": "9.99"}, True),
        ("range", {"cell": "a", "min": "11"}, True),
        ("range", {"cell": "none", "min": "11"}, False),
        ("sum", {"total": "a", "parts": ["b", "c"]}, False),
        ("sum", {"total": "a", "parts": ["b"]}, True),
        ("sum", {"total": "a", "parts": ["b", "none"]}, False),
        ("equal", {"left": "a", "right": "k/a"}, True),
        ("equal", {"left": "a", "right": "missing"}, False),
        ("at_most", {"left": "b", "right": "a"}, False),
        ("at_most", {"left": "a", "right": "b"}, True),
        ("jump", {"cell": "a", "percent": "25"}, False),
        ("jump", {"cell": "a", "percent": "24"}, True),
        ("jump", {"cell": "b", "percent": "1"}, False),
        ("plan_exceeded", {"cell": "a", "percent": "100"}, True),
        ("plan_exceeded", {"cell": "a", "percent": "120"}, False),
        ("text_empty", {"section": "plan"}, True),
        ("text_empty", {"section": "done"}, False),
    ],
)
def test_rules(rule: str, params: dict[str, Any], broken: bool) -> None:
    assert breaks(rule, params, FACTS) is broken


def put(cast: Cast, kind: ReportKind, households: int, files: int, last: int) -> Any:
    report = opened(cast, kind)
    user = cast.user("recorder-371525")
    filling.save_texts(by=user, report=report, texts=TEXTS)
    cells = ReportCell.objects.filter(report=report)
    poor = cells.filter(definition__indicator__key="i-poor-households")
    poor.update(value=households, last_value=last)
    cells.filter(definition__indicator__key="i-household-files").update(value=files)
    return report


def test_an_error_stops_and_says_where(cast: Cast, kind: ReportKind) -> None:
    report = put(cast, kind, 12, 13, 12)
    with pytest.raises(Invalid, match="已建档户数不能大于在册户数") as refusal:
        filling.hand_in(by=cast.user("recorder-371525"), report=report)
    assert refusal.value.where == "figure:i-household-files"


def test_a_warning_goes_along_to_the_reviewer(cast: Cast, kind: ReportKind) -> None:
    report = put(cast, kind, 12, 12, 100)
    report = filling.hand_in(by=cast.user("recorder-371525"), report=report)
    report = filling.approve(by=cast.user("secretary-371525"), report=report, agree=True)
    assert report.flags == ["户数比上年变动超过三成，请核对"]
    page = cast.client("office-3715").get(reverse("report_review", args=[report.public_id]))
    assert "变动超过三成" in page.content.decode()
