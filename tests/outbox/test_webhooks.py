"""Webhooks against a local server: it fails five times, recovers, and can check what it gets."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from responsibility.audit import services as audit
from responsibility.audit.models import Event
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.outbox import posting, services, webhooks
from responsibility.outbox.models import Delivery, Webhook
from responsibility.outbox.rules import HOOK_ATTEMPTS, HookStatus
from tests.cast import Cast


@dataclass
class Receiver:
    """A local system that hears."""

    url: str
    failures: int = 0
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.EMBEDDED = True

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.heard.append(({key.lower(): v for key, v in self.headers.items()}, body))
            status = 503 if len(known.heard) <= known.failures else 204
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    known = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook?a=1")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield known
    server.shutdown()
    server.server_close()


@pytest.fixture
def hook(cast: Cast, receiver: Receiver) -> tuple[Webhook, str]:
    return webhooks.add(
        name="省平台",
        url=receiver.url,
        events=["letter.signed", "plan.issued"],
        places=[cast.place("371525").pk],
        by=cast.user("security-3715"),
    )


def announce(cast: Cast, code: str = "371525001", key: str = "letter:1", **extra: Any) -> int:
    known = {"event": "letter.signed", "subject_type": "letters.letter", "subject_id": "abc"}
    path = cast.place(code).path
    return webhooks.announce(**(known | extra), scope_path=path, payload={"年度": 2020}, key=key)


def due_now() -> None:
    Delivery.objects.filter(status="waiting").update(next_attempt_at=Now())


def check(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """What a receiver does by docs/api.md."""
    parts = [part.split("=", 1) for part in headers["x-signature"].split(",")]
    stamp = dict(parts)["t"]
    mine = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return any(name == "v1" and hmac.compare_digest(mine, value) for name, value in parts)


def test_it_arrives_once_the_receiver_recovers(
    cast: Cast, hook: tuple[Webhook, str], receiver: Receiver
) -> None:
    receiver.failures = 5
    assert announce(cast) == 1
    row = Delivery.objects.get()
    for attempt in range(1, 6):
        due_now()
        assert services.deliver() == (0, 1)
        row.refresh_from_db()
        assert (row.status, row.attempts) == ("waiting", attempt)
        assert row.next_attempt_at > timezone.now() + timedelta(seconds=30 * 2**attempt - 5)
        assert "503" in row.error
        assert services.deliver() == (0, 0), "not before its time"
    due_now()
    assert services.deliver() == (1, 0)
    row.refresh_from_db()
    assert (row.status, row.error) == ("sent", "")
    ids = {headers["x-event-id"] for headers, _ in receiver.heard}
    assert len(receiver.heard) == 6
    assert ids == {str(webhooks.event_id("letter:1"))}


def test_the_signature_verifies_and_the_body_says_what(
    cast: Cast, hook: tuple[Webhook, str], receiver: Receiver
) -> None:
    announce(cast)
    services.deliver()
    headers, body = receiver.heard[0]
    assert check(hook[1], headers, body)
    assert not check("another", headers, body)
    assert not check(hook[1], headers, body + b" ")
    said = json.loads(body)
    assert (said["event"], said["data"], said["replay"]) == ("letter.signed", {"年度": 2020}, False)
    assert said["subject"] == {"type": "letters.letter", "id": "abc"}
    assert headers["x-replay"] == "false"


def test_a_replay_is_marked_and_keeps_the_events_id(
    cast: Cast, hook: tuple[Webhook, str], receiver: Receiver
) -> None:
    announce(cast)
    first = Delivery.objects.get()
    with pytest.raises(Conflict):
        webhooks.replay(delivery=first, by=cast.user("security-3715"))
    services.deliver()
    first.refresh_from_db()
    for _ in range(2):
        webhooks.replay(delivery=first, by=cast.user("security-3715"))
    services.deliver()
    (_, one), (headers, two), (_, three) = receiver.heard
    assert headers["x-replay"] == "true"
    assert check(hook[1], headers, two)
    assert json.loads(two)["replay"] is json.loads(three)["replay"] is True
    assert json.loads(one)["id"] == json.loads(two)["id"] == headers["x-event-id"]


def test_only_subscribed_events_of_granted_divisions_once_per_key(
    cast: Cast, hook: tuple[Webhook, str]
) -> None:
    assert announce(cast, "371502001") == 0
    assert announce(cast, "3715") == 0
    assert announce(cast, event="letter.issued") == 0
    for _ in range(2):
        announce(cast)
    assert Delivery.objects.count() == 1


def test_it_falls_with_the_transaction_of_its_cause(cast: Cast, hook: tuple[Webhook, str]) -> None:
    with transaction.atomic():
        announce(cast)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_without_subscribers_it_costs_one_statement(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert announce(cast) == 0


def test_an_audited_act_is_announced_and_says_no_values(
    cast: Cast, hook: tuple[Webhook, str]
) -> None:
    known = {"target": "plans.plan", "target_id": "abc", "by": None, "new": {"号": 1}}
    path = cast.place("371525001").path
    for verb, scope in (("plans.issue", path), ("plans.draft", path), ("plans.issue", "9/")):
        audit.record(**known, verb=verb, scope_path=scope)
    said = Delivery.objects.get().payload
    assert (said["event"], said["data"], said["subject"]["id"]) == ("plan.issued", {}, "abc")


def test_paused_waits_resumed_sends_ended_gives_up(
    cast: Cast, hook: tuple[Webhook, str], receiver: Receiver
) -> None:
    by = cast.user("security-3715")
    webhooks.set_status(hook=hook[0], status=HookStatus.PAUSED, by=by)
    announce(cast)
    assert services.deliver() == (0, 0)
    webhooks.set_status(hook=hook[0], status=HookStatus.ACTIVE, by=by)
    assert services.deliver() == (1, 0)
    announce(cast, key="letter:2")
    webhooks.set_status(hook=hook[0], status=HookStatus.ENDED, by=by)
    assert Delivery.objects.filter(status="failed").count() == 1
    assert announce(cast, key="letter:3") == 0
    with pytest.raises(Conflict):
        webhooks.rotate(hook=hook[0], by=by)


def test_a_new_secret_signs_beside_the_old_one_for_a_day(
    cast: Cast, hook: tuple[Webhook, str], receiver: Receiver
) -> None:
    fresh = webhooks.rotate(hook=hook[0], by=cast.user("security-3715"))
    announce(cast)
    services.deliver()
    assert check(hook[1], *receiver.heard[0])
    assert check(fresh, *receiver.heard[0])
    Webhook.objects.update(old_until=timezone.now() - timedelta(seconds=1))
    announce(cast, key="letter:2")
    services.deliver()
    assert not check(hook[1], *receiver.heard[1])
    assert check(fresh, *receiver.heard[1])


def test_a_silent_receiver_holds_its_own_deliveries_and_is_given_up_in_the_end(
    cast: Cast, hook: tuple[Webhook, str], receiver: Receiver
) -> None:
    receiver.failures = 99
    announce(cast)
    announce(cast, key="letter:2")
    assert services.deliver() == (0, 1), "the second waits with the first"
    Delivery.objects.update(attempts=HOOK_ATTEMPTS - 1, next_attempt_at=Now())
    services.deliver()
    assert Delivery.objects.filter(status="failed").count() == 1


def test_the_secret_is_in_no_row_and_in_no_audit_event(
    cast: Cast, hook: tuple[Webhook, str]
) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM outbox_webhook")
        stored = bytes(cursor.fetchone()[0])
    assert hook[1].encode() not in stored
    assert not Event.objects.filter(body__contains=hook[1]).exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://10.0.0.8/x",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/",
        "https://localhost/",
        "https://db.internal/",
        "https://user:pw@example.com/",
        "https:///x",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://例子.com/",
        "ftp://example.com/",
        "x",
    ],
)
def test_addresses_that_are_refused_in_service(cast: Cast, settings: Settings, url: str) -> None:
    settings.EMBEDDED = False
    with pytest.raises(Invalid) as refused:
        webhooks.add(
            name="x",
            url=url,
            events=["letter.signed"],
            places=[1],
            by=cast.user("security-3715"),
        )
    assert refused.value.where == "url"


def test_a_name_that_leads_inside_is_not_called(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMBEDDED = False
    answers = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.1.2.3", 443))]
    monkeypatch.setattr(posting.socket, "getaddrinfo", lambda *a, **k: answers)
    monkeypatch.setattr(
        posting.socket, "create_connection", lambda *a, **k: pytest.fail("connected")
    )
    with pytest.raises(posting.Refused, match="private"):
        posting.post("https://example.com/", b"{}", {})


def test_a_redirect_is_not_followed(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    class Answer:
        status = 302

        def read(self, n: int) -> bytes:
            return b""

    monkeypatch.setattr(posting._Pinned, "getresponse", lambda self: Answer())
    with pytest.raises(posting.Refused, match="302"):
        posting.post(receiver.url, b"{}", {})


@pytest.mark.parametrize("name", ["office-3715", "system-3715", "admin-371525"])
def test_only_the_security_administrator_registers(
    cast: Cast, receiver: Receiver, name: str
) -> None:
    with pytest.raises(Forbidden):
        webhooks.add(
            name="x", url=receiver.url, events=["letter.signed"], places=[1], by=cast.user(name)
        )
