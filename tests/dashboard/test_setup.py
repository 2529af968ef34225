"""The first run: closed without the code, led through once, gone afterwards."""

from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.dashboard import setup
from responsibility.divisions.models import Division
from responsibility.duties.models import Assignment, Duty
from responsibility.regulations.models import RegulationVersion
from tests.cast import Cast

PATH = "/setup/"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def code() -> str:
    out = StringIO()
    call_command("setup_code", stdout=out)
    return out.getvalue().split("代码 ")[1].split("（")[0]


def opened() -> Client:
    client = Client()
    assert client.post(PATH, {"step": "code", "code": code()}).status_code == 302
    return client


def take(client: Client, step: str, **data: Any) -> Any:
    return client.post(PATH, {"step": step, **data}, follow=True)


@pytest.mark.django_db
def test_the_whole_walk():
    client = opened()
    assert "2,556 个区划" in text_of(take(client, "places"))
    assert Division.objects.count() >= 2556
    assert "请核对后采用" in text_of(take(client, "text"))
    assert "已采用细则" in text_of(take(client, "adopt", issuer="", effective_on=""))
    assert RegulationVersion.objects.get().certainty == "pending"
    take(client, "duties")
    assert Duty.objects.exists()
    assert Assignment.objects.exists()
    city = Division.objects.get(tier="city")
    office = {"city": str(city.public_id), "username": "office-3715", "label": "市扶贫办"}
    done = text_of(take(client, "office", **office))
    shown = dict(
        zip(
            [part.split("<")[0] for part in done.split('data-l="用户名">')[1:]],
            [part.split("<")[0] for part in done.split("<code>")[1:]],
            strict=True,
        )
    )
    assert set(shown) == {
        f"{role}-3715" for role in ("office", "admin", "system", "security", "audit")
    }
    user = User.objects.get(username="office-3715")
    assert user.check_password(shown["office-3715"])
    assert user.must_change_password
    assert access_of(user).has(Right.ARCHIVE)
    assert client.get(PATH).status_code == 404
    assert Client().get(PATH).status_code == 404
    out = StringIO()
    call_command("setup_code", stdout=out)
    assert "已经完成" in out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["", "AAAA-AAAA-AAAA-AAAA", "x" * 10_000, "<script>"])
def test_nothing_opens_without_the_code(wrong: str):
    code()
    client = Client()
    response = client.post(PATH, {"step": "code", "code": wrong})
    assert response.status_code == 400
    assert "一次性代码" in text_of(take(client, "places"))
    assert not Division.objects.exists()


@pytest.mark.django_db
def test_ten_wrong_codes_end_it():
    right, client = code(), Client()
    for _ in range(11):
        client.post(PATH, {"step": "code", "code": "WRONG"})
    response = client.post(PATH, {"step": "code", "code": right})
    assert response.status_code == 400
    assert "setup_code" in text_of(response)


@pytest.mark.django_db
def test_a_new_code_ends_the_one_before():
    first = code()
    second = code()
    assert Client().post(PATH, {"step": "code", "code": first}).status_code == 400
    assert Client().post(PATH, {"step": "code", "code": second.lower()}).status_code == 302


@pytest.mark.django_db
def test_bad_files_are_told_and_steps_keep_their_order():
    client = opened()
    bad = SimpleUploadedFile("x.csv", b"MZ\0\0")
    response = client.post(PATH, {"step": "places", "file": bad})
    assert response.status_code == 400
    assert not Division.objects.exists()
    assert "导入区划" in text_of(take(client, "office", username="x", label="y"))
    assert not User.objects.exists()
    none = SimpleUploadedFile("x.csv", b"code,name,tier,parent_code,kind\n")
    assert client.post(PATH, {"step": "places", "file": none}).status_code == 400


def test_closed_where_an_office_works(cast: Cast):
    assert Client().get(PATH).status_code == 404
    assert cast.client("security-3715").get(PATH).status_code == 404
    assert not setup.is_open()
