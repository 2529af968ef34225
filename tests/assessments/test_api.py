"""Assessment over the API: published only, its divisions only, complete by cursor."""

import csv
import hashlib
import io
import json
import re
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from responsibility.assessments.models import AssessmentRun, DataItem, LeafEntry, Subject
from responsibility.assessments.services import appeals, freezing, telling
from responsibility.audit.models import Event
from responsibility.common import api, clock
from tests.assessments import maker
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NAMES = (
    "assessment-runs",
    "assessment-subjects",
    "assessment-scores",
    "assessment-data-items",
    "rectifications",
)
KEYS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")
PERSONAL = re.compile(r"(?<!\d)(\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Return the day that can be moved."""
    day = [date(2021, 1, 11)]
    monkeypatch.setattr(clock, "today", lambda: day[0])
    monkeypatch.setattr(api, "safe_horizon", timezone.now)  # a test is one transaction
    return day


def get(token: str, name: str, **params: Any) -> Any:
    client = Client(headers={"Authorization": f"Bearer {token}"})
    path = name if name.startswith("http") else f"/api/v1/{name}/"
    return client.get(path, params)


def rows(token: str, name: str, **params: Any) -> list[dict[str, Any]]:
    answer = get(token, name, **params)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def frozen(cast: Cast, today: list[date]) -> AssessmentRun:
    run = maker.noticed(cast, maker.opened(cast))
    today[0] += timedelta(days=10)
    return freezing.freeze(by=cast.user("office-3715"), run=run)


def published(cast: Cast, today: list[date], marks: bool = True) -> AssessmentRun:
    run = frozen(cast, today)
    return freezing.publish(by=cast.user("office-3715"), run=run, marks=marks)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_leaves_before_it_is_published(cast: Cast, today: list[date], name: str) -> None:
    frozen(cast, today)
    assert rows(cast.token("3715"), name) == []


def test_a_draft_scheme_never_leaves(cast: Cast) -> None:
    run = maker.opened(cast)
    freezing_scheme = run.scheme
    [found] = rows(cast.token("371502"), "assessment-schemes")
    assert found["id"] == str(freezing_scheme.public_id)
    leaf = found["leaves"][0]
    assert (leaf["key"], leaf["path"], Decimal(leaf["full"])) == ("net", ["主要指标"], 60)
    assert leaf["items"][0]["name"] == "净完成"
    assert "min" in leaf["rule_words"] or "÷" in leaf["rule_words"]
    assert leaf["rule_data"] == {"kind": "ratio", "value": "done", "of": "plan"}
    assert [item["role"] for item in leaf["items"]] == ["completed", "planned"]
    assert (found["grades"][0]["name"], Decimal(found["grades"][0]["low"])) == ("好", 90)
    assert found["red_lines"][0]["limit"] == "较差"
    maker.schemes.create(
        by=cast.user("office-3715"),
        division=cast.place("3715"),
        scheme=maker.schemes.read({**maker.CONTENT, "key": "draft"}),
    )
    drafted = rows(cast.token("3715"), "assessment-schemes")
    assert [row["key"] for row in drafted] == ["small"]


@pytest.mark.parametrize("name", NAMES)
def test_a_token_gets_its_divisions_only(cast: Cast, today: list[date], name: str) -> None:
    published(cast, today)
    mine = rows(cast.token("371525"), name)
    everything = rows(cast.token("3715"), name)
    zone = rows(cast.token("3715Z3"), name)
    if name == "assessment-runs":
        assert len(mine) == len(everything) == 1
    elif name == "rectifications":
        assert {row["division"] for row in mine} <= {"371525000000"}
    else:
        assert {row["division"] for row in mine} == {"371525000000"}
        assert len(everything) == 2 * len(mine)
    assert zone == []


def test_scores_carry_all_that_a_reader_needs(cast: Cast, today: list[date]) -> None:
    published(cast, today)
    found = {row["leaf"]: row for row in rows(cast.token("371502"), "assessment-scores")}
    net = found["net"]
    assert (net["name"], Decimal(net["mark"]), Decimal(net["self_mark"])) == (
        "减贫人口净完成",
        Decimal("57.60"),
        60,
    )
    assert "96" in net["working"]
    assert "2.40" in net["deduction"]
    assert found["duties"]["clause"] == "12"
    assert found["judged"]["working"] == ""  # words of a person stay inside
    items = rows(cast.token("371502"), "assessment-data-items", leaf="net")
    assert {(item["role"], Decimal(item["value"]), item["unit"]) for item in items} == {
        ("completed", 96, "人"),
        ("planned", 100, "人"),
    }


def test_grades_without_marks_when_the_office_says_so(cast: Cast, today: list[date]) -> None:
    published(cast, today, marks=False)
    token = cast.token("371502")
    [unit] = rows(token, "assessment-subjects")
    assert unit["results"][0]["grade"]
    assert unit["results"][0]["total"] is None
    assert unit["results"][0]["leaves"] == {}
    assert {row["mark"] for row in rows(token, "assessment-scores")} == {None}
    assert {row["working"] for row in rows(token, "assessment-scores")} == {""}
    assert {row["lost"] for row in rows(token, "rectifications")} <= {None}


def test_no_personal_data_leaves(cast: Cast, today: list[date]) -> None:
    published(cast, today)
    names = [cast.user(who).label for who in ("inspector-3715", "recorder-371502", "office-3715")]
    for name in (*NAMES, "assessment-schemes"):
        text = KEYS.sub("", get(cast.token("3715"), name).content.decode())
        assert not PERSONAL.search(text), name
        assert not any(person and person in text for person in names), name
        assert not re.search(r'"(self_by|verified_by|typed_by|filed_by|username|phone)"', text)


def test_publishing_reaches_who_polls(cast: Cast, today: list[date]) -> None:
    run = frozen(cast, today)
    since = timezone.now().isoformat()
    token = cast.token("3715")
    for name in NAMES:
        assert rows(token, name, updated_since=since) == []
    freezing.publish(by=cast.user("office-3715"), run=run, marks=True)
    for name in NAMES:
        assert rows(token, name, updated_since=since), name


def test_a_later_decision_is_a_version_and_as_of_gives_the_first(
    cast: Cast, today: list[date]
) -> None:
    run = published(cast, today)
    before = timezone.now()
    unit = maker.subject(run, "东昌府区")
    freezing.amend(
        by=cast.user("office-3715"),
        subject=unit,
        leaf="net",
        reason="审计核减",
        document="聊审〔2021〕1号",
        values={"done": Decimal(90)},
    )
    token = cast.token("371502")
    [now] = rows(token, "assessment-subjects")
    assert [item["version"] for item in now["results"]] == [1, 2]
    assert now["results"][1]["document"] == "聊审〔2021〕1号"
    [then] = rows(token, "assessment-subjects", as_of=before.isoformat())
    assert [item["version"] for item in then["results"]] == [1]
    assert then["results"][0]["leaves"]["net"] != now["results"][1]["leaves"]["net"]
    early = (before - timedelta(days=400)).isoformat()
    assert rows(token, "assessment-subjects", as_of=early) == []
    assert get(token, "assessment-scores", as_of=early).status_code == 400


def test_by_cursor_nothing_is_missing_or_twice_while_scores_change(
    cast: Cast, today: list[date]
) -> None:
    published(cast, today)
    token, seen = cast.token("371502", "371525"), []
    answer = get(token, "assessment-scores", page_size=2).json()
    while True:
        seen += [row["id"] for row in answer["results"]]
        LeafEntry.objects.update(mark=F("mark"))
        if not answer["next"]:
            break
        answer = Client(headers={"Authorization": f"Bearer {token}"}).get(answer["next"]).json()
    assert len(seen) == len(set(seen)) == LeafEntry.objects.count()


@pytest.mark.parametrize("name", NAMES)
def test_bulk_formats_hold_the_same_rows(cast: Cast, today: list[date], name: str) -> None:
    published(cast, today)
    token = cast.token("3715")
    plain = rows(token, name)
    lines = get(token, name, format="ndjson")
    assert lines["Content-Type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in lines.content.splitlines()] == plain
    table = get(token, name, format="csv", page_size=1)
    read = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["id"] for row in read] == [row["id"] for row in plain[:1]]
    assert ('rel="next"' in table.headers.get("Link", "")) is (len(plain) > 1)


def test_a_bulk_request_that_is_wrong_is_refused_in_json(cast: Cast) -> None:
    answer = get(cast.token("3715"), "assessment-scores", format="csv", nothing="1")
    assert answer.status_code == 400
    assert answer.json()["status"] == 400
    assert get(cast.token("3715"), "assessment-scores", format="xml").status_code == 404


def test_an_unchanged_page_is_not_sent_again(cast: Cast, today: list[date]) -> None:
    published(cast, today)
    token = cast.token("3715")
    tag = get(token, "assessment-scores")["ETag"]
    client = Client(headers={"Authorization": f"Bearer {token}", "If-None-Match": tag})
    assert client.get("/api/v1/assessment-scores/").status_code == 304


@pytest.mark.parametrize("name", [*NAMES, "assessment-schemes"])
def test_a_page_costs_the_same_for_one_row_and_many(
    cast: Cast, today: list[date], name: str
) -> None:
    published(cast, today)
    token, cost = cast.token("3715"), []
    get(token, name)
    for size in (1, 50):
        with CaptureQueriesContext(connection) as queries:
            rows(token, name, page_size=size)
        cost.append(len(queries))
    assert cost[0] == cost[1]
    assert cost[1] <= 10, cost


@pytest.mark.parametrize("name", [*NAMES, "assessment-schemes"])
def test_every_call_is_audited(cast: Cast, name: str) -> None:
    get(cast.token("371525"), name, year="2020")
    event = Event.objects.get(verb="api.call")
    assert f"/api/v1/{name}/" in event.body


def test_an_appeal_granted_shows_in_the_published_mark(
    cast: Cast, today: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[dict[str, Any]] = []
    monkeypatch.setattr(telling.webhooks, "announce", lambda **given: heard.append(given) or 1)
    run = maker.noticed(cast, maker.opened(cast))
    unit = maker.subject(run, "东昌府区")
    made = appeals.file_appeal(
        by=cast.user("reviewer-371502"), subject=unit, leaf="net", reason="漏计 4 人"
    )
    made = appeals.decide(
        by=cast.user("office-3715"),
        appeal=made,
        granted=True,
        reason="属实",
        values={"done": Decimal(100)},
    )
    [decided] = [item for item in heard if item["event"] == "appeal.decided"]
    assert decided["payload"]["division"] == "371502000000"
    assert (decided["payload"]["leaf"], decided["payload"]["decision"]) == ("net", made.decision)
    assert not {"before", "after", "mark", "reason"} & set(decided["payload"])
    today[0] += timedelta(days=10)
    run = freezing.freeze(by=cast.user("office-3715"), run=run)
    freezing.publish(by=cast.user("office-3715"), run=run, marks=True)
    [row] = rows(cast.token("371502"), "assessment-scores", leaf="net")
    assert Decimal(row["mark"]) == 60
    assert DataItem.objects.get(subject=unit, leaf="net", key="done").counted == 100
    assert Subject.objects.get(pk=unit.pk).results.count() == 1


def test_a_published_run_is_one_signed_file(cast: Cast, today: list[date]) -> None:
    run = published(cast, today)
    token = cast.token("371525")
    path = f"assessment-runs/{run.public_id}/snapshot"
    answer = get(token, path)
    assert answer.status_code == 200
    assert answer["X-Content-SHA256"] == hashlib.sha256(answer.content).hexdigest()
    assert get(token, path).content == answer.content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"])
    for name, digest in manifest["files"].items():
        assert hashlib.sha256(files[name]).hexdigest() == digest
    key: Any = load_pem_public_key(files["public.pem"])
    key.verify(files["manifest.sig"], files["manifest.json"])
    with pytest.raises(InvalidSignature):
        key.verify(files["manifest.sig"], files["manifest.json"] + b" ")
    scores = [json.loads(line) for line in files["scores.ndjson"].splitlines()]
    assert {row["division"] for row in scores} == {"371525000000"}
    assert scores == rows(token, "assessment-scores")


def test_no_file_before_the_run_is_published(cast: Cast, today: list[date]) -> None:
    run = frozen(cast, today)
    path = f"assessment-runs/{run.public_id}/snapshot"
    assert get(cast.token("3715"), path).status_code == 404
    page = cast.client("office-3715").get(f"/assessments/{run.public_id}/snapshot.zip")
    assert page.status_code == 404
    freezing.publish(by=cast.user("office-3715"), run=run, marks=True)
    page = cast.client("office-3715").get(f"/assessments/{run.public_id}/snapshot.zip")
    assert page.content[:2] == b"PK"


def test_other_systems_hear_of_results_without_marks(
    cast: Cast, today: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[dict[str, Any]] = []
    monkeypatch.setattr(telling.webhooks, "announce", lambda **given: heard.append(given) or 1)
    run = published(cast, today)
    events = [item["event"] for item in heard]
    assert events == ["assessment.noticed"] * 2 + ["assessment.published"] * 2
    assert {item["payload"]["division"] for item in heard} == {"371502000000", "371525000000"}
    assert len({item["key"] for item in heard}) == 4
    freezing.amend(
        by=cast.user("office-3715"),
        subject=maker.subject(run, "东昌府区"),
        leaf="net",
        reason="审计核减",
        document="聊审〔2021〕1号",
        values={"done": Decimal(90)},
    )
    assert heard[-1]["event"] == "assessment.amended"
    assert not any("mark" in str(item["payload"]) or "total" in item["payload"] for item in heard)
