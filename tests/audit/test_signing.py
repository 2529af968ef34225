"""Coming in, failing to, being locked out, and each call of a token leave an event."""

import json

import pytest
from django.test import Client

from responsibility.audit.models import Event
from responsibility.audit.signing import UNKNOWN
from tests.cast import PASSWORD, Cast, make_user


def verbs() -> list[str]:
    return list(Event.objects.order_by("id").values_list("verb", flat=True))


def sign_in(name: str, password: str) -> Client:
    client = Client()
    client.post("/login/", {"login": name, "password": password})
    return client


def test_in_and_out(db: None) -> None:
    user = make_user("somebody")
    user.set_password(PASSWORD)
    user.save()
    client = sign_in("somebody", PASSWORD)
    client.post("/logout/")
    assert verbs() == ["accounts.sign_in", "accounts.sign_out"]
    assert Event.objects.first().actor == "somebody"


def test_failures_then_the_lock(db: None) -> None:
    make_user("somebody")
    for _ in range(6):
        sign_in("somebody", "wrong")
    found = verbs()
    assert found.count("accounts.sign_in_failed") >= 5
    assert "accounts.locked" in found
    assert set(Event.objects.values_list("target_id", flat=True)) == {"somebody"}


def test_a_password_typed_as_a_name_is_not_kept(db: None) -> None:
    sign_in("MySecret-2020", "x")
    event = Event.objects.get()
    assert event.target_id == UNKNOWN
    assert "MySecret" not in event.body


def test_each_call_of_a_token(cast: Cast) -> None:
    token = cast.token("371525")
    client = Client(headers={"Authorization": f"Bearer {token}"})
    client.get("/api/v1/assignments/?year=2020")
    client.get("/api/v1/nothing/")
    event = Event.objects.get(verb="api.call")
    told = json.loads(event.body)
    assert told["note"] == "GET /api/v1/assignments/?year=2020"
    assert told["changes"]["status"] == [None, 200]
    assert token not in event.body


@pytest.mark.parametrize("token", ["", "lp_nonsense"])
def test_strangers_do_not_fill_the_log(db: None, token: str) -> None:
    Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/assignments/")
    assert not Event.objects.exists()
