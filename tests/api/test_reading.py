"""Reading over the API: scope, paging, filters, ETag, one shape of refusals."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiToken
from responsibility.api_urls import ENDPOINTS
from responsibility.divisions.rules import ChangeKind
from responsibility.divisions.services.changes import change_division
from responsibility.divisions.services.planning import Proposal
from responsibility.duties.models import Assignment
from tests.cast import READ_SCOPES, Cast, token_row
from tests.duties_maker import make_assignment

URL = "/api/v1/assignments/"


def get(token: str, path: str = URL, **headers: str) -> Any:
    return Client(headers={"Authorization": f"Bearer {token}", **headers}).get(path)


@pytest.fixture
def rows(cast: Cast) -> list[Assignment]:
    codes = ("371502011", "371502001", "371525001", "3715", "371502011001")
    return [make_assignment(cast, code) for code in codes]


def divisions(answer: Any) -> set[str]:
    return {row["division"] for row in answer.json()["results"]}


@pytest.mark.parametrize("name", list(ENDPOINTS))
def test_no_token_is_401_in_the_one_shape(db: None, name: str) -> None:
    answer = Client().get(f"/api/v1/{name}/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail", "errors"}


@pytest.mark.parametrize("name", list(ENDPOINTS))
def test_without_the_scope_it_is_403(cast: Cast, name: str) -> None:
    token = cast.token("3715", scopes=("events:read",))
    assert get(token, f"/api/v1/{name}/").status_code == 403


@pytest.mark.parametrize("name", list(ENDPOINTS))
def test_every_endpoint_answers_a_page(cast: Cast, rows: list[Assignment], name: str) -> None:
    answer = get(cast.token("3715"), f"/api/v1/{name}/?page_size=5")
    assert answer.status_code == 200, answer.content
    assert {"results", "next"} <= set(answer.json())


def test_a_token_sees_its_divisions_and_nothing_else(cast: Cast, rows: list[Assignment]) -> None:
    answer = get(cast.token("371502", "371525"))
    assert divisions(answer) == {"371502001000", "371525001000"}
    zone = get(cast.token("3715Z3"))
    assert divisions(zone) == {"371502011000", "371502011001"}
    hidden = next(row for row in rows if row.division.code == "371502011000")
    token = cast.token("371502")
    assert get(token, f"{URL}{hidden.public_id}/").status_code == 404
    assert get(token, f"{URL}?division=371502011000").status_code == 400


def test_two_tokens_in_turn_each_get_their_own(cast: Cast, rows: list[Assignment]) -> None:
    first, second = cast.token("371525"), cast.token("3715Z3")
    for _ in range(2):
        assert divisions(get(first)) == {"371525001000"}
        assert divisions(get(second)) == {"371502011000", "371502011001"}


def test_revoked_expired_or_disabled_is_401(cast: Cast) -> None:
    for change in ({"revoked_at": timezone.now()}, {"expires_at": timezone.now()}):
        token = cast.token("3715")
        ApiToken.objects.filter(pk=token_row(token).pk).update(**change)
        assert get(token).status_code == 401
    token = cast.token("3715")
    owner = token_row(token).user
    owner.is_active = False
    owner.save()
    assert get(token).status_code == 401
    assert get("lp_nonsense").status_code == 401
    assert get("é").status_code == 401


def test_cursor_pages_give_every_row_once(cast: Cast, rows: list[Assignment]) -> None:
    token, path, seen = cast.token("3715"), f"{URL}?page_size=2", []
    while path:
        body = get(token, path).json()
        seen += [row["id"] for row in body["results"]]
        path = body["next"]
    assert sorted(seen) == sorted(str(row.public_id) for row in rows)


def test_updated_since_gives_what_changed(cast: Cast, rows: list[Assignment]) -> None:
    token = cast.token("3715")
    Assignment.objects.update(created_at=timezone.now() - timedelta(hours=1))
    old = timezone.now() - timedelta(days=1)
    body = get(token, f"{URL}?updated_since={old.isoformat().replace('+', '%2B')}").json()
    assert "next_since" in body
    assert get(token, f"{URL}?updated_since=yesterday").status_code == 400


def test_an_unchanged_page_is_304(cast: Cast, rows: list[Assignment]) -> None:
    token = cast.token("3715")
    first = get(token)
    again = get(token, **{"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert not again.content
    assert "no-cache" in first["Cache-Control"]


@pytest.mark.parametrize(
    "query",
    [
        "page_size=0",
        "page_size=501",
        "page_size=abc",
        "page_size=99999999999999999999",
        "cursor=xx",
        "colour=red",
        "year=abc",
        "as_of=2020-01-01",
        "division=999999999999",
        "division=%27;drop table",
    ],
)
def test_bad_parameters_are_named(cast: Cast, query: str) -> None:
    answer = get(cast.token("3715"), f"{URL}?{query}")
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["message"]


def test_filters(cast: Cast, rows: list[Assignment]) -> None:
    token = cast.token("3715")
    assert divisions(get(token, f"{URL}?division=371502011")) == {"371502011000", "371502011001"}
    assert len(get(token, f"{URL}?year=2020&tier=township").json()["results"]) == 3
    assert get(token, f"{URL}?year=2019").json()["results"] == []


def cost(token: str, size: int) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert get(token, f"{URL}?page_size={size}").status_code == 200
    return len(queries)


def test_the_cost_is_the_same_for_two_and_twenty(cast: Cast) -> None:
    for number in range(20):
        make_assignment(cast, "371502011", key=f"k-{number}")
    token = cast.token("3715")
    cost(token, 2)
    assert cost(token, 2) == cost(token, 20) <= 12


def test_the_scopes_of_the_cast_cover_every_endpoint() -> None:
    assert {viewset.scope for viewset in ENDPOINTS.values()} <= set(READ_SCOPES)


def test_rows_that_moved_out_are_named_as_gone(cast: Cast, rows: list[Assignment]) -> None:
    old, new = cast.token("371502"), cast.token("3715Z3")
    moved = next(row for row in rows if row.division.code == "371502001000")
    since = (timezone.now() - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = f"{URL}?updated_since={since}"
    assert "gone" not in get(old, path).json()
    proposal = Proposal(
        kind=ChangeKind.TRANSFER,
        division=cast.place("371502001"),
        parent=cast.place("3715Z3"),
        effective_on=date(2020, 6, 1),
        document="聊政字〔2020〕1号",
    )
    change_division(proposal, by=cast.user("office-3715"))
    assert get(old, path).json()["gone"] == [str(moved.public_id)]
    assert get(old, f"{URL}{moved.public_id}/").status_code == 404
    assert "gone" not in get(new, path).json()
    later = (timezone.now() + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "gone" not in get(old, f"{URL}?updated_since={later}").json()
