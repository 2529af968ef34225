"""Data value sets in DHIS2's shape: in, out, in part, dry, again, out of scope."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from responsibility.common import clock
from responsibility.divisions.models import DivisionVersion
from responsibility.figures.models import FigureValue
from responsibility.figures.services.ledger import standing
from tests.cast import Cast
from tests.duties_maker import make_indicator

PATH = "/api/v1/data-value-sets/"
SCOPES = ("figures:read", "figures:write")
VILLAGE = "371525001001"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


def client(cast: Cast, *codes: str, scopes: tuple[str, ...] = SCOPES) -> Client:
    return Client(headers={"Authorization": f"Bearer {cast.token(*codes, scopes=scopes)}"})


def push(who: Client, *values: dict[str, Any], query: str = "", key: str = "", **top: Any) -> Any:
    extra = {"headers": {"Idempotency-Key": key}} if key else {}
    return who.post(
        PATH + query, {"dataValues": list(values), **top}, content_type="application/json", **extra
    )


def one(
    value: str = "12", place: str = VILLAGE, period: str = "2020", **rest: str
) -> dict[str, str]:
    return {"dataElement": "visits", "orgUnit": place, "period": period, "value": value, **rest}


def test_numbers_come_in_and_roll_up(cast: Cast) -> None:
    make_indicator(cast)
    who = client(cast, "371525")
    answer = push(who, {"dataElement": "visits", "value": "12"}, orgUnit=VILLAGE, period="2020")
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "status": "SUCCESS",
        "dry_run": False,
        "importCount": {"imported": 1, "updated": 0, "unchanged": 0, "ignored": 0},
        "conflicts": [],
    }
    assert standing(cast.main("3715"), "2020")["visits"].value == 12
    counts = [push(who, one(value)).json()["importCount"] for value in ("12", "13")]
    assert [(item["unchanged"], item["updated"]) for item in counts] == [(1, 0), (0, 1)]


def test_each_item_stands_or_falls_by_itself(cast: Cast) -> None:
    make_indicator(cast)
    answer = push(
        client(cast, "371525"),
        one("一"),
        one(),
        one(place="371502011001"),
        one(place="371525"),
        one(period="2020M01"),
        one(dataElement="nope"),
    )
    body = answer.json()
    assert body["status"] == "WARNING"
    assert body["importCount"] == {"imported": 1, "updated": 0, "unchanged": 0, "ignored": 5}
    assert [(item["index"], item["code"]) for item in body["conflicts"]] == [
        (0, "value"),
        (2, "place"),
        (3, "tier"),
        (4, "period"),
        (5, "indicator"),
    ]
    assert FigureValue.objects.filter(source_kind="typed").count() == 1


def test_dry_says_what_would_be_and_leaves_nothing(cast: Cast) -> None:
    make_indicator(cast)
    who = client(cast, "371525")
    dry = push(who, one(), one("x", period="2019"), query="?dry_run=1").json()
    assert (dry["dry_run"], dry["status"]) == (True, "WARNING")
    assert dry["importCount"]["imported"] == 1
    assert not FigureValue.objects.exists()
    assert push(who, one("x")).json()["status"] == "ERROR"


def test_the_same_key_gives_the_same_answer(cast: Cast) -> None:
    make_indicator(cast)
    who = client(cast, "371525")
    first = push(who, one(), key="k1").json()
    assert push(who, one(), key="k1").json() == first
    assert push(who, one("13"), key="k1").status_code == 409
    assert first["importCount"]["imported"] == 1


def test_jumps_are_refused_until_confirmed(cast: Cast) -> None:
    make_indicator(cast)
    who = client(cast, "371525")
    push(who, one("12", period="2019"))
    refused = push(who, one("120000")).json()
    assert refused["conflicts"][0]["code"] == "jump"
    assert push(who, one("120000"), query="?accept_jumps=1").json()["status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "dataValues"),
        ({"dataValues": []}, "dataValues"),
        ({"dataValues": "x"}, "dataValues"),
        ({"dataValues": [{"value": "1"}]}, "dataValues[0].dataElement"),
        ({"dataValues": [{"dataElement": "a", "value": "1" * 50}]}, "dataValues[0].value"),
        ({"dataValues": [{"dataElement": "a", "value": "1"}] * 10_001}, "dataValues"),
    ],
)
def test_another_shape_is_refused_whole(cast: Cast, body: Any, where: str) -> None:
    answer = client(cast, "371525").post(PATH, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["where"].startswith(where.split("[")[0])


def test_what_went_in_comes_out_and_goes_in_again(cast: Cast) -> None:
    make_indicator(cast)
    who = client(cast, "371525")
    push(who, one("12.50"))
    query = "?division=371525&period=2020"
    body = who.get(PATH + query).json()
    assert [{**row, "lastUpdated": ""} for row in body["dataValues"]] == [
        {**one("12.5"), "how": "typed", "lastUpdated": ""}
    ]
    again = [{k: v for k, v in row.items() if k != "how"} for row in body["dataValues"]]
    assert push(who, *again).json()["importCount"]["unchanged"] == 1
    sums = who.get(PATH + query + "&sums=1").json()["dataValues"]
    assert [row["orgUnit"][:9] for row in sums] == ["371525000", "371525001", "371525001"]
    text = who.get(PATH + query + "&format=csv")
    assert text["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(text.content.decode())))
    assert (lines[0]["orgUnit"], lines[0]["value"]) == (VILLAGE, "12.5")
    monthly = who.get(PATH + "?division=371525&period=202003&period_format=dhis2")
    assert monthly.json() == {"dataValues": []}


def test_codes_are_those_of_the_period(cast: Cast) -> None:
    make_indicator(cast)
    who = client(cast, "371525")
    place = cast.place(VILLAGE)
    now = DivisionVersion.objects.get(division=place)
    lower = now.validity.lower
    DivisionVersion.objects.filter(pk=now.pk).update(validity=(date(2019, 6, 1), None))
    DivisionVersion.objects.create(
        division=place,
        validity=(lower, date(2019, 6, 1)),
        code="371525001999",
        name="清泉村",
        tier="village",
        kind=place.kind,
        parent=place.parent,
    )
    counts = push(
        who, one("1", place="371525001999", period="2018"), one("2"), one("3", period="2018")
    ).json()
    assert counts["importCount"]["imported"] == 2
    assert counts["conflicts"][0]["index"] == 2
    then = who.get(PATH + "?division=371525&period=2018").json()["dataValues"]
    assert [row["orgUnit"] for row in then] == ["371525001999"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?division=371525",
        "?period=2020",
        "?division=371502&period=2020",
        "?division=371525&period=x",
        "?division=371525&period=2020&nope=1",
        "?division=371525&period=2020&sums=2",
        "?division=371525&period=2020&period_format=x",
        f"?division=371525&period=2020&indicator={'x' * 300}",
    ],
)
def test_bad_questions_are_refused(cast: Cast, query: str) -> None:
    assert client(cast, "371525").get(PATH + query).status_code == 400


def test_scopes_and_territory(cast: Cast) -> None:
    make_indicator(cast)
    assert push(client(cast, "371525", scopes=("figures:read",)), one()).status_code == 403
    other = client(cast, "371502")
    assert push(other, one()).json()["status"] == "ERROR"
    push(client(cast, "371525"), one())
    assert other.get(PATH + "?division=3715&period=2020").status_code == 400
    assert Client().get(PATH).status_code == 401


def test_statements_do_not_grow(cast: Cast) -> None:
    make_indicator(cast)
    who = client(cast, "3715")
    places = (VILLAGE, "371502011001", "371502001001")

    def cost(value: int, *codes: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as writing:
            push(who, *[one(str(value), place=code) for code in codes])
        with CaptureQueriesContext(connection) as reading:
            who.get(PATH + "?division=3715&period=2020")
        return len(writing), len(reading)

    cost(1, *places)
    assert cost(2, places[0]) == cost(3, *places)


def test_figures_as_they_stood_at_a_moment(cast: Cast) -> None:
    make_indicator(cast)
    who = client(cast, "371525")
    push(who, one("12"))
    then = timezone.now().isoformat()
    push(who, one("13"))
    path = "/api/v1/figures/"
    found = who.get(path, {"division": VILLAGE, "as_of": then}).json()["results"]
    assert [row["value"] for row in found] == ["12.000000"]
    now = who.get(path, {"division": VILLAGE, "as_of": timezone.now().isoformat()}).json()
    assert [row["value"] for row in now["results"]] == ["13.000000"]
    for text in ("2020-01-01", "x", "2020-13-01T00:00:00+08:00"):
        assert who.get(path, {"division": VILLAGE, "as_of": text}).status_code == 400
