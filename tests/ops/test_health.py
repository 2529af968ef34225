"""The probes: what they answer when all is well, and when a part is missing."""

import time

import pytest
from django.test import Client
from pytest_django import Settings

from liaocheng_poverty import health
from responsibility.jobs import heartbeats, tasks
from responsibility.jobs.models import DeadLetter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_heartbeats() -> None:
    for kind in heartbeats.KINDS:
        heartbeats.client().delete(f"heartbeat:{kind}")


def test_alive_needs_nothing(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_ready_when_worker_and_beat_have_been_heard(client: Client) -> None:
    for kind in heartbeats.KINDS:
        heartbeats.record(kind)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": "ok",
        "redis": "ok",
        "worker": "ok",
        "beat": "ok",
    }


def test_not_ready_when_a_heartbeat_is_late_or_never_came(client: Client) -> None:
    heartbeats.client().set("heartbeat:worker", f"{time.time() - 500:.0f}")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["worker"] == "late: 500 s"
    assert answer.json()["beat"] == "never"


def test_not_ready_without_redis(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["redis"] == "unreachable"
    assert answer.json()["database"] == "ok"


def test_the_heartbeat_task_marks_the_worker_and_its_sending_marks_beat() -> None:
    tasks.heartbeat()
    assert heartbeats.age("worker", now=time.time()) < 5
    assert heartbeats.age("beat", now=time.time()) is None
    tasks._beat_lives()
    assert heartbeats.age("beat", now=time.time()) < 5


def test_a_failed_task_is_kept_with_its_arguments() -> None:
    tasks._keep_dead_letter(sender=tasks.heartbeat, args=(7,), exception=ValueError("no such row"))
    letter = DeadLetter.objects.get()
    assert (letter.task, letter.arguments) == ("jobs.heartbeat", [7])
    assert letter.error == "ValueError: no such row"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_metrics_need_the_token_when_there_is_one(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics").status_code == 404
    wrong = client.get("/metrics", headers={"Authorization": "Bearer another"})
    assert wrong.status_code == 404
    right = client.get("/metrics", headers={"Authorization": "Bearer a-long-token"})
    assert right.status_code == 200
    assert b"http_requests_total" in right.content


@pytest.mark.parametrize(("embedded", "address"), [(False, "127.0.0.1"), (True, "10.1.2.3")])
def test_metrics_without_a_token_are_for_this_machine_alone(
    client: Client, settings: Settings, embedded: bool, address: str
) -> None:
    settings.METRICS_TOKEN, settings.EMBEDDED = "", embedded
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404


def test_metrics_name_the_route_and_the_heartbeat_but_no_address(
    client: Client, settings: Settings
) -> None:
    settings.METRICS_TOKEN, settings.EMBEDDED = "", True
    heartbeats.record("worker")
    client.get("/healthz?name=someone")
    text = client.get("/metrics").content.decode()
    assert 'http_requests_total{method="GET",page="healthz",status="200"}' in text
    assert 'heartbeat_age_seconds{process="worker"}' in text
    assert "someone" not in text


def test_every_check_is_named_in_the_answer() -> None:
    assert set(health.CHECKS) == {"database", "redis", "worker", "beat"}
