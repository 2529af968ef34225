"""Pages of accounts, roles, posts and security: who may, what they say, how many statements."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiToken, User
from accounts.rules import token_digest
from responsibility.common import clock
from responsibility.common.rights import Right
from responsibility.postings.models import DivisionGrant, HandOver, Post, Posting
from responsibility.postings.rules import PrincipalKind, Role
from responsibility.postings.services import posts
from tests.cast import Cast, grant, make_user, post


def text_of(response: Any) -> str:
    return str(response.content.decode())


def statements(cast: Cast, name: str, path: str) -> int:
    client = cast.client(name)
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


NEW = {
    "username": "recorder-new",
    "label": "清泉街道填报员",
    "role": "recorder",
    "division": "371525001",
    "since": "2020-01-01",
}


def test_opening_an_account_shows_the_password_once(cast: Cast):
    client = cast.client("admin-371525")
    response = client.post("/users/new/", NEW)
    account = User.objects.get(username="recorder-new")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    body = text_of(response)
    shown = body.split("<code>")[1].split("</code>")[0]
    assert account.check_password(shown)
    assert shown not in account.password
    assert account.must_change_password
    assert shown not in text_of(client.get("/users/recorder-new/"))
    assert client.post("/users/new/", NEW).status_code == 409


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"division": "371502001"}, "没有找到代码"),
        ({"division": ""}, "区划没有选"),
        ({"role": "security"}, "没有这个角色"),
        ({"role": ""}, "角色没有选"),
        ({"username": "<b>x</b>"}, "只能用字母"),
        ({"username": "x" * 10_000}, "60"),
        ({"since": "2020-02-31"}, "日期不对"),
        ({"until": "2019-01-01"}, "早于"),
        ({"role": "office"}, "没有"),
        ({"body": "没有这个局"}, "请写单位全称"),
        ({"username": "office-3715"}, "已存在"),
    ],
)
def test_bad_input_is_told_and_kept(cast: Cast, change: dict[str, str], message: str):
    response = cast.client("admin-371525").post("/users/new/", {**NEW, **change})
    assert response.status_code in (400, 403, 409)
    assert message in text_of(response)
    assert not User.objects.filter(username="recorder-new").exists()


@pytest.mark.parametrize(
    "path",
    ["/users/", "/users/new/", "/users/passwords/"],
)
@pytest.mark.parametrize("name", ["recorder-371525", "office-371525", "audit-3715", "system-3715"])
def test_accounts_are_for_administrators(cast: Cast, path: str, name: str):
    assert cast.client(name).get(path).status_code == 403


def test_the_list_holds_ones_own_territory(cast: Cast):
    body = text_of(cast.client("admin-371525").get("/users/"))
    assert "recorder-371525001" in body
    assert "371502" not in body
    assert "office-3715<" not in body
    assert "office-371502" in text_of(cast.client("security-3715").get("/users/?q=office-371502"))


def test_another_countys_account_is_not_found(cast: Cast):
    client = cast.client("admin-371525")
    assert client.get("/users/office-371502/").status_code == 404
    assert client.post("/users/office-371502/reset/").status_code == 404
    assert client.post("/users/nobody/active/", {"active": "0"}).status_code == 404


def test_reset_and_disable(cast: Cast):
    client = cast.client("admin-371525")
    body = text_of(client.post("/users/recorder-371525/reset/"))
    shown = body.split("<code>")[1].split("</code>")[0]
    account = cast.user("recorder-371525")
    assert account.check_password(shown)
    assert account.must_change_password
    client.post("/users/recorder-371525/active/", {"active": "0"})
    assert not cast.user("recorder-371525").is_active
    assert client.post("/users/recorder-371525/reset/").status_code == 409
    client.post("/users/recorder-371525/active/", {"active": "1"})
    assert cast.user("recorder-371525").is_active


def test_an_account_that_reaches_further_is_left_to_the_security_administrator(cast: Cast):
    post(cast.user("recorder-371525"), Role.RECORDER, cast.place("371502001"))
    client = cast.client("admin-371525")
    assert client.get("/users/recorder-371525/").status_code == 200
    assert client.post("/users/recorder-371525/reset/").status_code == 403
    grant(cast.user("reviewer-371525"), Right.VIEW, cast.place("371502"))
    assert client.post("/users/reviewer-371525/reset/").status_code == 403
    assert cast.client("security-3715").post("/users/recorder-371525/reset/").status_code == 200


def test_nobody_resets_himself_here(cast: Cast):
    assert cast.client("admin-371525").post("/users/admin-371525/reset/").status_code == 403


def test_printing_passwords_of_a_unit(cast: Cast):
    client = cast.client("admin-371525")
    body = text_of(client.post("/users/passwords/", {"division": "371525001"}))
    assert "recorder-371525001001" in body
    assert "recorder-371525<" not in body
    again = client.post("/users/passwords/", {"division": "371525001"})
    assert again.status_code == 400
    assert "没有等待" in text_of(again)
    assert client.post("/users/passwords/", {"division": "371502"}).status_code == 400


def test_giving_standing_in_and_ending(cast: Cast):
    make_user("newcomer")
    post(User.objects.get(username="newcomer"), Role.RECORDER, cast.place("371525001"))
    client = cast.client("admin-371525")
    given = {"user": "newcomer", "role": "reviewer", "division": "371525", "since": "2020-01-01"}
    assert client.post("/postings/new/", given).status_code == 302
    row = Posting.objects.get(user__username="newcomer", role="reviewer")
    assert client.get(f"/postings/{row.public_id}/deputy/").status_code == 200
    data = {"user": "recorder-371525", "since": str(clock.today()), "reason": "公出"}
    assert client.post(f"/postings/{row.public_id}/deputy/", data).status_code == 302
    assert Posting.objects.filter(user__username="recorder-371525", role="reviewer").exists()
    end = {"last_day": str(clock.today()), "reason": "调离"}
    assert client.post(f"/postings/{row.public_id}/end/", end).status_code == 302
    row.refresh_from_db()
    assert row.last_day == clock.today()
    assert client.post(f"/postings/{row.public_id}/end/", end).status_code == 409


def test_roles_elsewhere_are_not_found(cast: Cast):
    row = Posting.objects.get(user__username="recorder-371525")
    assert cast.client("admin-371502").get(f"/postings/{row.public_id}/end/").status_code == 404
    assert cast.client("recorder-371525").get(f"/postings/{row.public_id}/end/").status_code == 403
    bad = {"user": "recorder-371502", "role": "recorder", "division": "371525"}
    response = cast.client("admin-371525").post("/postings/new/", bad)
    assert response.status_code == 400
    assert "不在您的范围内" in text_of(response)


@pytest.fixture
def secretary(cast: Cast) -> Post:
    return posts.create_post(
        body=cast.main("371525"), title="书记", principal=PrincipalKind.SECRETARY, by=None
    )


def test_posts_on_the_places_page_with_gaps(cast: Cast, secretary: Post):
    client = cast.client("office-371525")
    path = f"/divisions/{cast.place('371525').public_id}/"
    assert "空缺" in text_of(client.get(path))
    assert str(secretary) in text_of(client.get("/posts/?vacant=1"))
    stranger = cast.client("office-371502")
    assert str(secretary) not in text_of(stranger.get("/posts/"))
    assert stranger.get(f"/posts/{secretary.public_id}/").status_code == 404


def test_setting_up_and_handing_over_a_post(cast: Cast, secretary: Post):
    admin = cast.client("admin-371525")
    made = admin.post("/posts/new/", {"division": "371525", "title": "县长", "principal": "head"})
    assert made.status_code == 302
    data = {"user": "recorder-371525", "since": str(clock.today())}
    path = f"/posts/{secretary.public_id}/hand-over/"
    assert cast.client("recorder-371525").post(path, data).status_code == 403
    assert cast.client("admin-371502").post(path, data).status_code == 404
    assert admin.post(path, data).status_code == 302
    row = HandOver.objects.get()
    successor = cast.client("recorder-371525")
    assert "待您确认" in text_of(successor.get("/", follow=True))
    address = f"/hand-overs/{row.public_id}/"
    assert cast.client("recorder-371502").get(address).status_code == 404
    assert admin.post(address, {"note": "x"}).status_code == 403
    assert successor.post(address, {"note": "已知悉"}).status_code == 302
    row.refresh_from_db()
    assert row.confirmed_at
    assert successor.post(address, {}).status_code == 409
    tenure = row.incoming
    end = {"last_day": str(clock.today()), "reason": "调离"}
    assert admin.post(f"/tenures/{tenure.public_id}/end/", end).status_code == 302


SECURITY = [
    "/security/exceptions/",
    "/security/exceptions/new/",
    "/security/tokens/",
    "/security/tokens/new/",
    "/security/scope/",
]


@pytest.mark.parametrize("path", SECURITY)
def test_security_pages_are_the_security_administrators(cast: Cast, path: str):
    assert cast.client("security-3715").get(path).status_code == 200
    for name in ("office-3715", "admin-371525", "system-3715", "audit-3715", "recorder-371525"):
        assert cast.client(name).get(path).status_code == 403


def test_giving_and_revoking_an_exception(cast: Cast):
    client = cast.client("security-3715")
    data = {
        "user": "recorder-371525",
        "right": "view_business",
        "division": "371502",
        "since": str(clock.today()),
        "until": str(clock.today()),
        "reason": "交叉检查",
    }
    assert client.post("/security/exceptions/new/", data).status_code == 302
    row = DivisionGrant.objects.get()
    assert "交叉检查" in text_of(client.get("/security/exceptions/"))
    bad = {**data, "right": "manage_accounts", "until": ""}
    response = client.post("/security/exceptions/new/", bad)
    assert response.status_code == 400
    path = f"/security/exceptions/{row.public_id}/revoke/"
    assert client.post(path, {"reason": ""}).status_code == 400
    assert client.post(path, {"reason": "结束"}).status_code == 302
    assert "已失效" in text_of(client.get("/security/exceptions/"))


def test_issuing_a_token_shows_it_once(cast: Cast):
    client = cast.client("security-3715")
    data = {
        "name": "省平台",
        "divisions": "371525\n3715Z3",
        "scopes": ["duties:read"],
        "days": "30",
    }
    response = client.post("/security/tokens/new/", data)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    token = text_of(response).split('readonly value="')[1].split('"')[0]
    row = ApiToken.objects.get(digest=token_digest(token))
    listed = text_of(client.get("/security/tokens/"))
    assert token not in listed
    assert "冠县" in listed
    path = f"/security/tokens/{row.public_id}/revoke/"
    assert cast.client("office-3715").post(path).status_code == 403
    assert client.post(path).status_code == 302
    assert "已吊销" in text_of(client.get("/security/tokens/"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"divisions": "999999"}, "没有找到代码"),
        ({"divisions": ""}, "没有选区划"),
        ({"scopes": ["all"]}, "没有这种"),
        ({"scopes": []}, "没有选权限范围"),
        ({"days": "-1"}, "至少 1 天"),
        ({"days": "abc"}, "应是整数"),
        ({"name": "x" * 10_000}, "100"),
    ],
)
def test_a_token_asked_for_wrongly(cast: Cast, change: dict[str, Any], message: str):
    data = {"name": "省平台", "divisions": "371525", "scopes": ["duties:read"], "days": "30"}
    response = cast.client("security-3715").post("/security/tokens/new/", {**data, **change})
    assert response.status_code == 400
    assert message in text_of(response)


def test_who_sees_it_and_what_one_sees(cast: Cast):
    client = cast.client("security-3715")
    place = cast.place("371502011")
    record = f"divisions.division:{place.public_id}"
    seers = text_of(client.get("/security/scope/", {"object": record}))
    for name in ("recorder-371502011", "office-3715Z3", "office-3715"):
        assert f">{name}<" in seers
    assert ">office-371502<" not in seers
    assert ">system-3715<" not in seers
    alone = text_of(client.get("/security/scope/", {"user": "recorder-371525"}))
    assert "冠县及下级" in alone
    both = text_of(client.get("/security/scope/", {"user": "office-371502", "object": record}))
    assert "看不到" in both
    for bad in ({"user": "nobody"}, {"object": "x"}, {"object": "accounts.user:1"}):
        assert client.get("/security/scope/", bad).status_code == 400


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("admin-371525", "/users/"),
        ("admin-371525", "/users/recorder-371525/"),
        ("admin-371525", "/postings/"),
        ("office-371525", "/posts/"),
        ("security-3715", "/security/exceptions/"),
        ("security-3715", "/security/tokens/"),
        ("security-3715", "/security/scope/?user=recorder-371525"),
    ],
)
def test_as_many_statements_for_2_rows_as_for_16(cast: Cast, name: str, path: str):
    more(cast, range(2))
    few = statements(cast, name, path)
    more(cast, range(2, 16))
    assert statements(cast, name, path) == few
    assert few <= 12


def more(cast: Cast, numbers: range) -> None:
    """Make accounts with postings, exceptions, posts held and tokens."""
    place, body = cast.place("371525001"), cast.main("371525001")
    for number in numbers:
        user = make_user(f"more-{number}")
        post(user, Role.RECORDER, place)
        since = date(2016, 1, 1 + number)
        post(cast.user("recorder-371525"), Role.RECORDER, cast.place("371525"), since=since)
        grant(user, Right.VIEW, place)
        row = posts.create_post(body=body, title=f"岗位{number}", by=None)
        posts.appoint(post=row, user=user, since=clock.today(), by=None)
        cast.token("371525")
