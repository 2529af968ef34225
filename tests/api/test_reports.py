"""Reports pushed over the API go through the page's services."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from responsibility.common import clock
from responsibility.reports.models import Report, ReportKind
from tests.cast import Cast
from tests.reports.test_services import TEXTS, kind

__all__ = ["kind"]
SCOPES = ("reports:read", "reports:write")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


def push(token: str, cast: Cast, key: str = "", **changes: Any) -> Any:
    body = str(cast.main("371525").public_id)
    data = {"kind": "county-yearly", "body": body, "period": "2020", "texts": TEXTS, **changes}
    headers = {"Authorization": f"Bearer {token}", **({"Idempotency-Key": key} if key else {})}
    path = "/api/v1/reports/"
    return Client(headers=headers).post(path, data, content_type="application/json")


def test_a_report_is_filled_and_goes_up_for_approval(cast: Cast, kind: ReportKind) -> None:
    token = cast.token("371525", scopes=SCOPES)
    answer = push(token, cast)
    assert answer.status_code == 201, answer.content
    assert answer.json()["status"] == "draft"
    assert answer.json()["figures"]
    again = push(token, cast, texts={"plan": "另一份打算。"}, submit=True, key="r1")
    assert again.status_code == 201, again.content
    assert again.json()["id"] == answer.json()["id"]
    assert again.json()["status"] not in ("draft", "archived")
    assert Report.objects.get().texts.get(section__key="plan").text == "另一份打算。"
    assert push(token, cast, texts={"plan": "另一份打算。"}, submit=True, key="r1").json() == (
        again.json()
    )
    assert push(token, cast).status_code == 409


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"kind": "nope"}, "kind"),
        ({"body": str(uuid4())}, "body"),
        ({"period": "2020Q9"}, "period"),
        ({"texts": {"nope": "x"}}, "texts.nope"),
        ({"texts": {"plan": "字" * 20_000}}, "texts.plan"),
        ({"texts": {}, "submit": True}, "organisation"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_stays(
    cast: Cast, kind: ReportKind, changes: dict[str, Any], where: str
) -> None:
    answer = push(cast.token("371525", scopes=SCOPES), cast, **changes)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["where"] == where
    assert not Report.objects.exists()


def test_others_may_not(cast: Cast, kind: ReportKind) -> None:
    assert push(cast.token("371525"), cast).status_code == 403
    other = push(cast.token("371502", scopes=SCOPES), cast)
    assert other.status_code == 400
    assert other.json()["errors"][0]["where"] == "body"
    assert push(cast.token("3715", scopes=SCOPES), cast).status_code == 403
