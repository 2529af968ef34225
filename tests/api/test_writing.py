"""Writing over the API goes through the same services, once per Idempotency-Key."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from responsibility.common import clock
from responsibility.duties.models import Assignment
from responsibility.jobs.models import IdempotencyKey
from responsibility.progress.models import ProgressEntry
from tests.cast import Cast
from tests.duties_maker import make_assignment

WRITE = ("progress:read", "progress:write")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


@pytest.fixture
def assignment(cast: Cast) -> Assignment:
    return make_assignment(cast, "371502011")


def post(token: str, data: Any, key: str = "", path: str = "/api/v1/progress/") -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    if key:
        headers["Idempotency-Key"] = key
    return Client(headers=headers).post(path, data, content_type="application/json")


def entry(assignment: Assignment, /, **changes: Any) -> dict[str, Any]:
    return {
        "assignment": str(assignment.public_id),
        "text": "走访 42 户",
        "done_on": "2020-12-10",
        "submit": True,
        **changes,
    }


def test_an_entry_is_logged_and_submitted(cast: Cast, assignment: Assignment) -> None:
    answer = post(cast.token("371502011", scopes=WRITE), entry(assignment))
    assert answer.status_code == 201, answer.content
    row = ProgressEntry.objects.get(public_id=answer.json()["id"])
    assert row.status == "submitted"
    assert row.reviewing_division_id == cast.place("3715Z3").pk


def test_the_same_key_gives_the_same_answer(cast: Cast, assignment: Assignment) -> None:
    token = cast.token("371502011", scopes=WRITE)
    first = post(token, entry(assignment), key="k1")
    again = post(token, entry(assignment), key="k1")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert ProgressEntry.objects.count() == 1
    other = post(token, entry(assignment, text="别的"), key="k1")
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"done_on": "2020-02-31"}, "done_on"),
        ({"text": "字" * 2001}, "text"),
        ({"text": ""}, "text"),
        ({"assignment": "not-a-uuid"}, "assignment"),
        ({"assignment": "00000000-0000-0000-0000-000000000000"}, "assignment"),
        ({"period": "2020Q9"}, "period"),
        ({"figures": {"nope": "1"}}, "figure:nope"),
        ({"figures": {"nope": "-1"}}, "figures.nope"),
        ({"done_on": "2020-12-18"}, "done_on"),
    ],
)
def test_what_is_wrong_is_named(
    cast: Cast, assignment: Assignment, changes: dict[str, Any], where: str
) -> None:
    answer = post(cast.token("371502011", scopes=WRITE), entry(assignment, **changes))
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["where"] == where
    assert not ProgressEntry.objects.exists()


def test_reading_scope_does_not_write_and_other_places_are_unknown(
    cast: Cast, assignment: Assignment
) -> None:
    assert post(cast.token("371502011"), entry(assignment)).status_code == 403
    answer = post(cast.token("371525", scopes=WRITE), entry(assignment))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["where"] == "assignment"


@pytest.mark.parametrize("body", ["", "[]", "null", '{"a":', "1", '"x"'])
def test_no_body_makes_it_fail(cast: Cast, body: str) -> None:
    answer = post(cast.token("371502011", scopes=WRITE), body)
    assert answer.status_code == 400, answer.content


def test_evidence_is_typed_by_its_content(cast: Cast, assignment: Assignment) -> None:
    token = cast.token("371502011", scopes=WRITE)
    made = post(token, entry(assignment, submit=False)).json()
    client = Client(headers={"Authorization": f"Bearer {token}"})
    good = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n%%EOF")
    answer = client.post("/api/v1/evidence/", {"progress": made["id"], "file": good})
    assert answer.status_code == 201, answer.content
    bad = SimpleUploadedFile("b.pdf", b"MZ\x90\x00" + b"\0" * 200)
    answer = client.post("/api/v1/evidence/", {"progress": made["id"], "file": bad})
    assert answer.status_code == 400
    assert "文件内容" in answer.json()["detail"]


def test_another_file_of_the_same_size_is_another_request(
    cast: Cast, assignment: Assignment
) -> None:
    token = cast.token("371502011", scopes=WRITE)
    made = post(token, entry(assignment, submit=False)).json()
    client = Client(headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "f1"})

    def send(data: bytes) -> Any:
        file = SimpleUploadedFile("a.pdf", data)
        return client.post("/api/v1/evidence/", {"progress": made["id"], "file": file})

    first = send(b"%PDF-1.4\n1%%EOF")
    assert first.status_code == 201
    assert send(b"%PDF-1.4\n1%%EOF").json() == first.json()
    assert send(b"%PDF-1.4\n2%%EOF").status_code == 409


def test_a_claim_in_flight_is_409_until_it_is_abandoned(cast: Cast, assignment: Assignment) -> None:
    token = cast.token("371502011", scopes=WRITE)
    assert post(token, entry(assignment), key="k9").status_code == 201
    IdempotencyKey.objects.update(status=None, response="")
    assert post(token, entry(assignment), key="k9").status_code == 409
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    assert post(token, entry(assignment), key="k9").status_code != 409
