"""The wizard of changes on its pages."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from responsibility.divisions.models import Division, DivisionChange
from tests.cast import Cast

DOCUMENT = "聊政字〔2020〕1号"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def url(division: Division, kind: str) -> str:
    return f"/divisions/{division.public_id}/change/{kind}/"


def data(**extra: Any) -> dict[str, Any]:
    return {
        "effective_on": "2020-06-01",
        "document": DOCUMENT,
        "certainty": "verified",
        "note": "",
        **extra,
    }


def confirm(client: Any, path: str, values: dict[str, Any]) -> Any:
    """Preview, then carry out with the fingerprint of the preview."""
    shown = client.post(path, values)
    assert shown.status_code == 200, text_of(shown)
    fingerprint = shown.context["preview"].plan.fingerprint
    return client.post(path, {**values, "confirm": "1", "fingerprint": fingerprint})


@pytest.mark.parametrize(
    "kind", ["create", "rename", "recode", "merge", "split", "transfer", "abolish"]
)
def test_every_kind_has_its_form(cast: Cast, kind: str):
    response = cast.client("office-3715").get(url(cast.place("371525001"), kind))
    assert response.status_code == 200
    assert "依据文件" in text_of(response)


def test_rename_is_previewed_then_done(cast: Cast):
    client, place = cast.client("office-3715"), cast.place("371525001")
    path, values = url(place, "rename"), data(name="新清泉街道")
    shown = text_of(client.post(path, values))
    assert "预览：1 个区划要变" in shown
    assert "办理更名" in shown
    assert not DivisionChange.objects.exists()
    done = confirm(client, path, values)
    change = DivisionChange.objects.get()
    assert done["Location"] == f"/divisions/changes/{change.public_id}/"
    body = text_of(client.get(done["Location"]))
    assert DOCUMENT in body
    assert "新清泉街道" in body
    assert "新清泉街道" in text_of(client.get("/divisions/changes/"))


def test_transfer_says_who_loses_and_gains_the_sight(cast: Cast):
    client, path = cast.client("office-3715"), url(cast.place("371502001"), "transfer")
    values = data(parent="聊城江北水城旅游度假区 3715Z3")
    shown = text_of(client.post(path, values))
    assert "以后看不到的</dt><dd>东昌府区" in shown
    assert "以后看得到的</dt><dd>聊城江北水城旅游度假区" in shown
    confirm(client, path, values)
    street = cast.place("371502001").public_id
    assert cast.client("reviewer-3715Z3").get(f"/divisions/{street}/").status_code == 200
    assert cast.client("reviewer-371502").get(f"/divisions/{street}/").status_code == 404


def test_split_by_ticking_children(cast: Cast):
    client, street = cast.client("office-3715"), cast.place("371525001")
    child = cast.place("371525001001")
    values = data(
        name="九州街道",
        code="371525901000",
        children=[str(child.public_id)],
        others="古楼社区居委会",
    )
    confirm(client, url(street, "split"), values)
    new = Division.objects.get(name="九州街道")
    assert set(new.children.values_list("code", flat=True)) == {"371525001001", "371502001001"}


def test_merge_and_abolish(cast: Cast):
    client = cast.client("office-3715")
    confirm(client, url(cast.place("371525001"), "merge"), data(others="371502001"))
    gone = Division.objects.get(code="371502001000")
    assert gone.abolished_on
    body = text_of(client.get(f"/divisions/{gone.public_id}/"))
    assert "已撤销" in body
    assert "并入清泉街道" in body
    assert client.get(url(gone, "rename")).status_code == 404
    confirm(client, url(cast.place("371525001001"), "abolish"), data())
    assert Division.objects.get(code="371525001001").abolished_on


@pytest.mark.parametrize(
    ("kind", "extra", "message"),
    [
        ("rename", {"name": ""}, "新名称没有填"),
        ("rename", {"name": "长" * 10_000}, "60"),
        ("rename", {"name": "甲街道", "document": ""}, "依据文件没有填"),
        ("rename", {"name": "甲街道", "effective_on": "2020-02-31"}, "日期不对"),
        ("rename", {"name": "甲街道", "effective_on": "2999-01-01"}, "晚于今天"),
        ("rename", {"name": "甲街道", "certainty": "sure"}, "没有这个选项"),
        ("recode", {"code": "37150"}, "12 位"),
        ("recode", {"code": "371502001000"}, "已被古楼街道使用"),
        ("transfer", {"parent": "火星"}, "没有找到“火星”"),
        ("transfer", {"parent": "371525"}, "本来就属于"),
        ("split", {"name": "甲", "code": "371525901000", "children": ["x"]}, "x"),
        ("split", {"name": "甲", "code": "371525901000"}, "没有选划入"),
        ("merge", {"others": ""}, "没有选区划"),
        ("merge", {"others": "清泉街道"}, "不能并入自己"),
        ("create", {"name": "<b>甲村</b>", "code": "371525001001"}, "已被清泉社区居委会使用"),
    ],
)
def test_bad_input_is_told_and_kept(cast: Cast, kind: str, extra: dict[str, Any], message: str):
    path = url(cast.place("371525001"), kind)
    response = cast.client("office-3715").post(path, data(note="保留的话", **extra))
    assert response.status_code == 400
    body = text_of(response)
    assert message in body
    assert "保留的话" in body
    assert "<b>甲村" not in body
    assert not DivisionChange.objects.exists()


def test_a_stale_confirmation_shows_the_new_preview(cast: Cast):
    client, place = cast.client("office-3715"), cast.place("371525001")
    values = data(name="新清泉街道")
    old = client.post(url(place, "rename"), values).context["preview"].plan.fingerprint
    confirm(client, url(place, "recode"), data(code="371525909000", effective_on="2020-05-01"))
    again = client.post(url(place, "rename"), {**values, "confirm": "1", "fingerprint": old})
    assert again.status_code == 409
    assert "请重新核对预览" in text_of(again)
    assert again.context["preview"].plan.fingerprint != old
    assert DivisionChange.objects.count() == 1


def test_the_same_confirmation_twice_is_refused(cast: Cast):
    client, place = cast.client("office-3715"), cast.place("371525001")
    values = data(name="新清泉街道")
    shown = client.post(url(place, "rename"), values).context["preview"].plan.fingerprint
    send = {**values, "confirm": "1", "fingerprint": shown}
    assert client.post(url(place, "rename"), send).status_code == 302
    assert client.post(url(place, "rename"), send).status_code == 400
    assert DivisionChange.objects.count() == 1


def test_only_the_city_office_and_only_inside(cast: Cast):
    path = url(cast.place("371525001"), "rename")
    assert cast.client("office-371525").get(path).status_code == 403
    assert cast.client("office-371525").post(path, data(name="甲")).status_code == 403
    assert cast.client("office-371502").get(path).status_code == 404
    assert cast.client("office-3715").get(url(cast.place("371525"), "explode")).status_code == 404
    nobody = f"/divisions/{uuid4()}/change/rename/"
    assert cast.client("office-3715").get(nobody).status_code == 404


def test_changes_are_seen_where_they_happened(cast: Cast):
    client, place = cast.client("office-3715"), cast.place("371525001")
    confirm(client, url(place, "rename"), data(name="新清泉街道"))
    path = f"/divisions/changes/{DivisionChange.objects.get().public_id}/"
    assert cast.client("recorder-371525001").get(path).status_code == 200
    assert cast.client("office-371525").get(path).status_code == 200
    assert cast.client("office-371502").get(path).status_code == 404
    assert "新清泉街道" not in text_of(cast.client("office-371502").get("/divisions/changes/"))


def test_lists_cost_the_same_for_few_and_many(cast: Cast):
    client, place = cast.client("office-3715"), cast.place("371525001")

    def count(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    confirm(client, url(place, "rename"), data(name="甲街道", effective_on="2016-01-01"))
    paths = [
        "/divisions/changes/",
        f"/divisions/{place.public_id}/",
        url(place, "split"),
        f"/divisions/changes/{DivisionChange.objects.get().public_id}/",
    ]
    few = [count(path) for path in paths]
    for month in range(1, 12):
        values = data(name=f"甲{month}街道", effective_on=f"2017-{month:02}-01")
        confirm(client, url(place, "rename"), values)
    assert [count(path) for path in paths] == few
    assert max(few) <= 12, few
