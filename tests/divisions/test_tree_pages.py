"""The tree, the search, the picker and the page of one place: content, scope, cost, nonsense."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from responsibility.divisions.models import Division
from responsibility.divisions.places import PlaceField, PlacesField
from responsibility.divisions.rules import Certainty, ChangeKind
from responsibility.divisions.services.changes import change_division
from responsibility.divisions.services.history import record_past
from responsibility.divisions.services.planning import Proposal
from responsibility.divisions.services.tree import create_division
from tests.cast import Cast

HTMX = {"headers": {"HX-Request": "true"}}


def text_of(response: Any) -> str:
    return str(response.content.decode())


def cost(client: Client, path: str, **extra: Any) -> int:
    client.get(path, **extra)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path, **extra).status_code == 200
    return len(captured)


def page_of(division: Division) -> str:
    return f"/divisions/{division.public_id}/"


# --- the tree ----------------------------------------------------------------------------------


def test_the_city_office_sees_the_top_opened_and_the_rest_closed(cast: Cast):
    body = text_of(cast.client("office-3715").get("/divisions/"))
    assert "聊城市" in body
    assert "冠县" in body
    assert "清泉街道" not in body
    at = cast.place("371525").public_id
    assert "清泉街道" in text_of(cast.client("office-3715").get(f"/divisions/?at={at}"))


def test_zones_stand_last_and_are_named_so(cast: Cast):
    body = text_of(cast.client("office-3715").get("/divisions/"))
    assert body.index("东昌府区") < body.index("冠县") < body.index("聊城江北水城旅游度假区")
    assert "市属开发区" in body


def test_the_street_belongs_to_the_zone_in_tree_search_page_and_picker(cast: Cast):
    street = cast.place("371502011")
    for name, there in (("reviewer-3715Z3", True), ("reviewer-371502", False)):
        client = cast.client(name)
        assert ("李海务街道" in text_of(client.get("/divisions/"))) is there
        found = text_of(client.get("/divisions/?q=lhwjd"))
        assert (street.short_code in found) is there
        assert client.get(page_of(street)).status_code == (200 if there else 404)
        assert client.get(f"{page_of(street)}node/", **HTMX).status_code == (200 if there else 404)
        picked = client.get("/divisions/pick/?q=李海务&format=json").json()["results"]
        assert bool(picked) is there
        at = client.get(f"/divisions/?at={street.public_id}")
        assert ("宇星社区" in text_of(at)) is there


def test_a_node_opens_and_closes_without_the_page(cast: Cast):
    client, path = cast.client("office-3715"), f"{page_of(cast.place('371525'))}node/"
    opened = text_of(client.get(path, **HTMX))
    assert "清泉街道" in opened
    assert "<html" not in opened
    assert "清泉街道" not in text_of(client.get(f"{path}?open=0", **HTMX))
    plain = client.get(path)
    assert plain.status_code == 302
    assert "清泉街道" in text_of(client.get(plain["Location"]))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("清泉社区", "清泉社区"),
        ("qqsq", "清泉社区"),
        ("qingquan", "清泉街道"),
        ("371525001", "清泉街道"),
        (" 清泉 街道", ""),
        ("%", ""),
        ("'; DROP TABLE x", ""),
        ("<script>", ""),
        ("\0清泉街道", "清泉街道"),
        ("长" * 500, ""),
    ],
)
def test_search(cast: Cast, query: str, name: str):
    response = cast.client("office-3715").get("/divisions/", {"q": query})
    assert response.status_code == 200
    body = text_of(response)
    assert "<script>alert" not in body
    assert (f">{name}<" in body) if name else "没有找到" in body


@pytest.mark.parametrize(
    "query", ["at=x", "at=00000000-0000-4000-8000-000000000000", "q=&page=-1", "page=99999999999"]
)
def test_nonsense_shows_the_tree(cast: Cast, query: str):
    response = cast.client("office-371525").get(f"/divisions/?{query}")
    assert response.status_code == 200
    assert "冠县" in text_of(response)


def test_those_without_business_are_refused(cast: Cast):
    client = cast.client("audit-3715")
    for path in ("/divisions/", "/divisions/changes/", "/divisions/marks/"):
        assert client.get(path).status_code == 403
    assert client.get(page_of(cast.place("371525"))).status_code == 404
    assert client.get("/divisions/pick/?q=冠县&format=json").json() == {"results": []}


def _more(cast: Cast, count: int) -> None:
    have = Division.objects.filter(tier="village").count()
    for number in range(have, have + count):
        create_division(
            code=f"371525001{number:03}",
            name=f"冠县{number}村村委会",
            tier="village",
            parent=cast.place("371525001"),
            since=date(2015, 1, 1),
        )


def test_cost_is_the_same_for_few_and_many(cast: Cast):
    client, street = cast.client("office-3715"), cast.place("371525001")
    paths = [
        f"/divisions/?at={street.public_id}",
        "/divisions/?q=371525",
        page_of(street),
        f"{page_of(street)}?as_of=2019-01-01",
        "/divisions/pick/?q=371525&format=json",
    ]
    _more(cast, 3)
    few = [cost(client, path) for path in paths]
    _more(cast, 20)
    assert [cost(client, path) for path in paths] == few
    assert max(few) <= 12, few


# --- one place -----------------------------------------------------------------------------------


def test_a_place_with_its_bodies_crumbs_and_those_below(cast: Cast):
    body = text_of(cast.client("recorder-371525001").get(page_of(cast.place("371525001"))))
    assert "清泉社区" in body
    assert cast.main("371525001").name in body
    assert "<li>冠县</li>" in body, "above one's own is plain text"
    assert "更名" not in body
    office = text_of(cast.client("office-3715").get(page_of(cast.place("371525001"))))
    assert ">更名</a>" in office
    assert f'href="{page_of(cast.place("371525"))}">冠县' in office


def test_as_of_shows_the_name_and_those_below_of_that_day(cast: Cast):
    county, zone = cast.place("371502"), cast.place("3715Z3")
    record_past(
        division=county,
        kind=ChangeKind.RENAME,
        effective_on=date(2019, 9, 1),
        document="批复",
        certainty=Certainty.PENDING,
        old_name="东昌府县",
        old_code="371599000000",
    )
    change_division(
        Proposal(
            ChangeKind.TRANSFER,
            cast.place("371502001"),
            date(2020, 6, 1),
            "聊政字〔2020〕1号",
            parent=zone,
        )
    )
    client = cast.client("office-3715")
    now, then = (text_of(client.get(page_of(county) + q)) for q in ("", "?as_of=2018-05-01"))
    assert "古楼街道" not in now
    assert "古楼街道" in then
    assert "东昌府县" in then
    assert "371599000000" in then
    assert "待核" in now
    own = text_of(cast.client("reviewer-371502").get(page_of(county) + "?as_of=2018-05-01"))
    assert "古楼街道" not in own, "it is another's now"
    assert "东昌府区" in text_of(client.get("/divisions/?q=371599"))


@pytest.mark.parametrize("day", ["2020-02-31", "x", "<b>"])
def test_a_bad_day_is_told(cast: Cast, day: str):
    response = cast.client("office-3715").get(page_of(cast.place("371525")), {"as_of": day})
    assert response.status_code == 400
    assert "日期不对" in text_of(response)


def test_a_day_before_all_records(cast: Cast):
    response = cast.client("office-3715").get(
        page_of(cast.place("371525")), {"as_of": "1900-01-01"}
    )
    assert "还没有设立" in text_of(response)


# --- the picker ---


def test_the_picker_answers_a_datalist_for_the_field_as_typed(cast: Cast):
    client = cast.client("office-3715")
    body = text_of(client.get("/divisions/pick/?field=place&place=清泉&tier=township", **HTMX))
    assert body.count("<option") == 1
    assert 'value="清泉街道 371525001"' in body
    assert client.get("/divisions/pick/?q=清泉").status_code == 302
    odd = client.get("/divisions/pick/?q=清泉&tier=moon&right=all&format=json")
    assert len(odd.json()["results"]) == 2


class Form(forms.Form):
    place = PlaceField(label="区划", required=False)
    places = PlacesField(label="多个", required=False)


def form_of(cast: Cast, name: str, **data: str) -> Form:
    form = Form(data)
    for field in ("place", "places"):
        form.fields[field].of(cast.user(name))  # type: ignore[attr-defined]
    return form


@pytest.mark.parametrize("text", ["清泉街道 371525001", "清泉街道", "371525001", "371525001000"])
def test_the_field_takes_a_name_or_a_code(cast: Cast, text: str):
    form = form_of(cast, "office-3715", place=text, places=f"{text}\n东昌府区\n{text}")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["place"] == cast.place("371525001")
    assert form.cleaned_data["places"] == [cast.place("371525001"), cast.place("371502")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("东昌府区", "没有找到"),
        ("371502", "没有找到代码 371502"),
        ("火星", "没有找到“火星”"),
        ("\0", "字符"),
        ("长" * 101, "100"),
    ],
)
def test_the_field_never_reaches_beyond_the_scope(cast: Cast, text: str, message: str):
    form = form_of(cast, "office-371525", place=text)
    assert not form.is_valid()
    assert message in str(form.errors["place"])


def test_places_of_one_name_are_told_apart_by_code(cast: Cast):
    create_division(
        code="371525002000",
        name="清泉街道",
        tier="township",
        parent=cast.place("371525"),
    )
    form = form_of(cast, "office-3715", place="清泉街道")
    assert not form.is_valid()
    assert "371525001、371525002" in str(form.errors["place"])
