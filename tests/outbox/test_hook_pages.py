"""The security administrator's pages of webhooks."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from responsibility.outbox import webhooks
from responsibility.outbox.models import Delivery, Webhook
from tests.cast import Cast

WHO = "security-3715"


def make(cast: Cast, name: str = "省平台") -> Webhook:
    return webhooks.add(
        name=name,
        url="https://example.com/hook",
        events=["letter.signed"],
        places=[cast.place("371525").pk],
        by=cast.user(WHO),
    )[0]


def send_to(cast: Cast, number: int = 0) -> Delivery:
    webhooks.announce(
        event="letter.signed",
        subject_type="letters.letter",
        subject_id="abc",
        scope_path=cast.place("371525001").path,
        payload={"secret-content": 1},
        key=f"letter:{number}",
    )
    return Delivery.objects.order_by("-id")[0]


def form(cast: Cast, **extra: Any) -> dict[str, Any]:
    return {
        "name": "省平台",
        "url": "https://example.com/hook",
        "divisions": "371525",
        "events": ["letter.signed"],
    } | extra


def test_registering_shows_the_secret_once(cast: Cast) -> None:
    client = cast.client(WHO)
    answer = client.post("/security/webhooks/new/", form(cast))
    hook = Webhook.objects.get()
    assert answer.status_code == 200
    assert hook.secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert hook.places == [cast.place("371525").pk]
    text = client.get("/security/webhooks/").content.decode()
    assert "省平台" in text
    assert "冠县" in text
    assert hook.secret not in text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("url", "http://example.com", "https://"),
        ("url", "", "地址"),
        ("name", " ", "没有填"),
        ("divisions", "", "没有选区划"),
        ("events", [], "没有选事件"),
        ("events", ["nothing"], "没有这种事件"),
    ],
)
def test_bad_input_keeps_what_was_typed(cast: Cast, field: str, value: Any, words: str) -> None:
    answer = cast.client(WHO).post("/security/webhooks/new/", form(cast, **{field: value}))
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Webhook.objects.exists()


def test_the_log_shows_no_content_and_replays(cast: Cast) -> None:
    hook, client = make(cast), cast.client(WHO)
    row = send_to(cast)
    path = f"/security/webhooks/{hook.public_id}/"
    Delivery.objects.update(status="sent")
    text = client.get(path).content.decode()
    assert "责任书签订" in text
    assert "secret-content" not in text
    assert client.post(f"/security/deliveries/{row.public_id}/replay/").status_code == 302
    assert "重放）" in client.get(path).content.decode()
    assert client.post(f"/security/deliveries/{uuid4()}/replay/").status_code == 404


def test_pause_resume_rotate_end(cast: Cast) -> None:
    hook, client = make(cast), cast.client(WHO)
    path = f"/security/webhooks/{hook.public_id}/act/"
    for act, status in (("pause", "paused"), ("resume", "active")):
        assert client.post(path, {"act": act}).status_code == 302
        assert Webhook.objects.get().status == status
    old = Webhook.objects.get().secret
    answer = client.post(path, {"act": "rotate"})
    assert Webhook.objects.get().secret in answer.content.decode()
    assert Webhook.objects.get().secret != old
    assert client.post(path, {"act": "x"}).status_code == 400
    assert client.post(path, {"act": "end"}).status_code == 302
    assert client.post(path, {"act": "resume"}).status_code == 409
    assert client.get(path).status_code == 405


@pytest.mark.parametrize("name", ["office-3715", "system-3715", "audit-3715"])
def test_nobody_else(cast: Cast, name: str) -> None:
    hook, client = make(cast), cast.client(name)
    row = send_to(cast)
    for path in ("", "new/", f"{hook.public_id}/"):
        assert client.get(f"/security/webhooks/{path}").status_code == 403
    assert client.post(f"/security/webhooks/{hook.public_id}/act/").status_code == 403
    assert client.post(f"/security/deliveries/{row.public_id}/replay/").status_code == 403
    assert cast.client(WHO).get(f"/security/webhooks/{uuid4()}/").status_code == 404


def test_lists_cost_the_same_for_2_and_20(cast: Cast) -> None:
    hook, client = make(cast), cast.client(WHO)
    paths, counts = ("/security/webhooks/", f"/security/webhooks/{hook.public_id}/"), []
    for more in (2, 18):
        for number in range(more):
            make(cast, f"系统{number}")
            send_to(cast, number + more)
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                client.get(path)
            counts.append(len(captured))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 12
