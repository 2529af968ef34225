"""Signing in: one message for every failure, lockout, forced change, idle sign-out."""

import time
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts.middleware import SEEN
from accounts.models import User
from accounts.services import reset_password
from tests.cast import PASSWORD, Cast

LOGIN = "/login/"


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def office(cast: Cast) -> User:
    user = cast.user("office-371525")
    user.password = make_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, password: str, name: str = "office-371525") -> Any:
    return client.post(LOGIN, {"login": name, "password": password})


def test_the_page_is_chinese_and_open(cast: Cast):
    body = text_of(Client().get(LOGIN))
    assert "<h1>登录</h1>" in body
    assert "不开放自行注册" in body


def test_every_other_page_asks_to_sign_in(cast: Cast):
    for path in ("/", "/users/", "/posts/", "/security/tokens/"):
        response = Client().get(path)
        assert response.status_code == 302
        assert response["Location"].startswith(LOGIN)


def test_signing_in_and_out(office: User):
    client = Client()
    assert sign_in(client, PASSWORD).status_code == 302
    assert client.get("/").status_code == 200
    client.post("/logout/")
    assert client.get("/").status_code == 302


def test_passwords_are_argon2(office: User):
    assert django_settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    office.set_password(PASSWORD)
    assert office.password.startswith("argon2$argon2id")


@pytest.mark.parametrize("name", ["office-371525", "nobody", "' OR 1=1 --", "office-371502"])
def test_one_message_for_every_failure(office: User, name: str):
    response = sign_in(Client(), "wrong-Password-1", name)
    assert response.status_code == 200
    assert "账号或口令不对" in text_of(response)


def test_locked_after_five_failures_even_with_the_right_password(office: User):
    client = Client()
    for _ in range(4):
        assert sign_in(client, "wrong-Password-1").status_code == 200
    locked = sign_in(client, "wrong-Password-1")
    assert locked.status_code == 429
    assert "登录暂时锁定" in text_of(locked)
    assert sign_in(client, PASSWORD).status_code == 429


def test_an_unknown_name_locks_alike(cast: Cast):
    answers = [sign_in(Client(), "wrong-Password-1", "nobody").status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]


def test_one_success_forgets_the_failures(office: User):
    for _ in range(4):
        sign_in(Client(), "wrong-Password-1")
    assert sign_in(Client(), PASSWORD).status_code == 302
    for _ in range(4):
        assert sign_in(Client(), "wrong-Password-1").status_code == 200


def test_a_disabled_account_cannot_sign_in_and_an_open_session_ends(office: User):
    client = Client()
    sign_in(client, PASSWORD)
    User.objects.filter(pk=office.pk).update(is_active=False)
    assert client.get("/").status_code == 302
    client = Client()
    assert sign_in(client, PASSWORD)["Location"] == LOGIN
    assert "已停用" in text_of(client.get(LOGIN))
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("path", ["/accounts/signup/", "/signup/", "/accounts/password/reset/"])
def test_there_is_no_open_sign_up_and_no_reset_by_mail(cast: Cast, path: str):
    assert Client().get(path).status_code == 404
    assert Client().post(path, {"username": "x"}).status_code == 404


def test_an_initial_password_must_be_changed_first(office: User):
    initial = reset_password(user=office)
    client = Client()
    assert sign_in(client, initial).status_code == 302
    for path in ("/", "/users/", "/divisions/"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (302, "/password/")
    change = {
        "old_password": initial,
        "new_password1": "Xin-kou-ling-7",
        "new_password2": "Xin-kou-ling-7",
    }
    assert client.post("/password/", change).status_code == 302
    assert client.get("/").status_code == 200
    office.refresh_from_db()
    assert not office.must_change_password
    assert office.password.startswith("argon2$argon2id")


@pytest.mark.parametrize(
    "password",
    ["Ab1-", "password", "12345678", "abcdefgh", "ABCDEFG1", "Office-371525"],
)
def test_password_rules(office: User, password: str):
    client = Client()
    sign_in(client, PASSWORD)
    change = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    response = client.post("/password/", change)
    assert response.status_code in (200, 400)
    office.refresh_from_db()
    assert office.check_password(PASSWORD)


def test_an_old_password_expires(office: User, settings: Any):
    client = Client()
    sign_in(client, PASSWORD)
    assert client.get("/").status_code == 200
    User.objects.filter(pk=office.pk).update(password_changed_at="2015-01-01T00:00:00Z")
    assert client.get("/")["Location"] == "/password/"
    settings.PASSWORD_DAYS = 0
    assert client.get("/").status_code == 200


def test_idle_sign_out(office: User, settings: Any):
    client = Client()
    sign_in(client, PASSWORD)
    assert client.get("/").status_code == 200
    idle(client, settings.IDLE_MINUTES * 60 - 30)
    assert client.get("/").status_code == 200
    idle(client, settings.IDLE_MINUTES * 60 + 1)
    assert client.get("/")["Location"].startswith(LOGIN)
    assert "自动退出" in text_of(client.get(LOGIN))


def idle(client: Client, seconds: int) -> None:
    """Let the session have been used last so many seconds ago."""
    session = client.session
    session[SEEN] = int(time.time()) - seconds
    session.save()


def test_a_service_account_cannot_sign_in(cast: Cast):
    cast.token("371525")
    service = User.objects.get(is_service=True)
    assert not service.has_usable_password()
    assert sign_in(Client(), "anything-1A", service.username).status_code == 200
