"""Plans over the API: read with lines and splits, drafts pushed, refusals, cost."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from responsibility.plans.models import Plan
from tests.cast import Cast
from tests.plans.maker import draft, indicator, issued_city, make_townships

URL = "/api/v1/plans/"
SCOPES = ("plans:read", "plans:write")


def client(cast: Cast, code: str, scopes: tuple[str, ...] = SCOPES) -> Client:
    return Client(headers={"Authorization": f"Bearer {cast.token(code, scopes=scopes)}"})


def push(cast: Cast, lines: list[dict[str, Any]], code: str = "371525", **more: Any) -> Any:
    body = str(cast.main("371525").public_id)
    data = {"body": body, "period": "2020", "lines": lines} | more
    return client(cast, code).post(URL, json.dumps(data), content_type="application/json")


def test_lines_and_splits_are_read_in_scope(cast: Cast) -> None:
    issued_city(cast, 50, 30, 20)
    answer = client(cast, "3715").get(f"{URL}?period=2020&kind=yearly").json()
    [plan] = answer["results"]
    [line] = plan["lines"]
    assert line["target"] == "100.000000"
    assert [part["target"] for part in line["parts"]] == ["50.000000", "30.000000", "20.000000"]
    assert client(cast, "371525").get(URL).json()["results"] == []


def test_a_draft_is_pushed_and_pushed_again(cast: Cast) -> None:
    indicator(cast)
    part = {"division": "371525001", "target": "7"}
    made = push(cast, [{"indicator": "people", "target": "7", "parts": [part]}])
    assert made.status_code == 201, made.content
    again = push(cast, [{"indicator": "people", "target": "8", "parts": [part]}])
    assert again.json()["lines"][0]["target"] == "8.000000"
    assert Plan.objects.get().status == "draft"


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        ([{"indicator": "nope", "target": "1"}], "lines[0].indicator"),
        ([{"indicator": "people", "target": "-1"}], "lines.0.target"),
        ([{"indicator": "people", "target": "NaN"}], "lines.0.target"),
        (
            [
                {
                    "indicator": "people",
                    "target": "1",
                    "parts": [{"division": "371502001", "target": "1"}],
                }
            ],
            "lines[0].parts[0].division",
        ),
    ],
)
def test_bad_drafts_are_refused_whole(cast: Cast, lines: list[Any], where: str) -> None:
    indicator(cast)
    answer = push(cast, lines)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["where"] == where
    assert not Plan.objects.exists()


def test_no_scope_no_plan(cast: Cast) -> None:
    assert client(cast, "3715", ("figures:read",)).get(URL).status_code == 403
    assert push(cast, [], code="371502").status_code == 400
    assert push(cast, [], period="2019").status_code == 409


def test_the_list_costs_the_same_for_few_and_many(cast: Cast) -> None:
    draft(cast)
    caller = client(cast, "3715")

    def cost() -> int:
        caller.get(URL)
        with CaptureQueriesContext(connection) as queries:
            assert caller.get(URL).status_code == 200
        return len(queries)

    few = cost()
    for body in make_townships(cast):
        plan = Plan(
            programme=cast.programme,
            kind="yearly",
            body=body,
            period="2020",
            recorder=cast.user("recorder-371525"),
        )
        plan.place(body.division)
        plan.save()
    assert cost() == few <= 12
