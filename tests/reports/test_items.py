"""Several people and an API client fill one report at once: no update lost, conflicts shown."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from responsibility.common import clock
from responsibility.divisions.services import bodies
from responsibility.duties.services import assigning
from responsibility.reports.models import Report, ReportKind
from responsibility.reports.services import filling, items, review
from responsibility.reports.services.items import Change
from responsibility.reports.services.kinds import import_kinds
from tests.cast import Cast
from tests.shipped import load_rulebook

DATA = Path(__file__).parents[2] / "data"
pytestmark = pytest.mark.django_db


@pytest.fixture
def report(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Report:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))
    bodies.import_body_kinds(path=DATA / "body-kinds.yaml")
    load_rulebook(cast.programme)
    assigning.assign_year(year=2020)
    import_kinds(path=DATA / "report-kinds.yaml", programme=cast.programme)
    kind = ReportKind.objects.get(key="county-yearly")
    by = cast.user("recorder-371525")
    return filling.open_report(by=by, kind=kind, body=cast.main("371525"), period="2020")


def text_of(report: Report, key: str) -> str:
    return report.texts.get(section__key=key).text


def keys(report: Report) -> list[str]:
    return [item.section.key for item in report.texts.order_by("section__position")]


def seals(page: str) -> dict[str, str]:
    found = re.findall(r'name="seal:([^"]+)" value="([0-9a-f]{16})"', page)
    return dict(found)


def test_two_people_on_different_items_both_stay(cast: Cast, report: Report) -> None:
    first, second = keys(report)[:2]
    empty = items.seal("")
    by, other = cast.user("recorder-371525"), cast.user("reviewer-371525")
    items.save_items(by=by, report=report, changes={first: Change("甲", empty)})
    _, [made] = items.save_items(by=other, report=report, changes={second: Change("乙", empty)})
    assert made.state == "saved"
    assert (text_of(report, first), text_of(report, second)) == ("甲", "乙")


def test_the_same_item_is_a_conflict_that_names_what_stands(cast: Cast, report: Report) -> None:
    key, empty = keys(report)[0], items.seal("")
    by, other = cast.user("recorder-371525"), cast.user("reviewer-371525")
    items.save_items(by=by, report=report, changes={key: Change("甲", empty)})
    _, [clash] = items.save_items(by=other, report=report, changes={key: Change("乙", empty)})
    assert (clash.state, clash.now and clash.now.text) == ("conflict", "甲")
    assert clash.now
    assert clash.now.by == by.label or clash.now.by == by.username
    assert text_of(report, key) == "甲"
    knowing = Change("乙", clash.now.seal)
    _, [made] = items.save_items(by=other, report=report, changes={key: knowing})
    assert made.state == "saved"
    assert text_of(report, key) == "乙"


def test_a_trial_writes_nothing(cast: Cast, report: Report) -> None:
    key = keys(report)[0]
    row, [made] = items.save_items(
        by=cast.user("recorder-371525"), report=report, changes={key: Change("甲")}, dry_run=True
    )
    assert made.state == "saved"
    assert (text_of(report, key), row.revision) == ("", report.revision)


def test_what_was_not_returned_is_refused_and_the_rest_saved(cast: Cast, report: Report) -> None:
    by, office = cast.user("recorder-371525"), cast.user("office-3715")
    first, second = keys(report)[:2]
    texts = dict.fromkeys(keys(report), "已写明")
    filling.save_texts(by=by, report=report, texts=texts)
    row = filling.hand_in(by=by, report=report)
    if row.status == "awaiting_approval":
        row = filling.approve(by=cast.user("head-371525"), report=row, agree=True)
    review.return_report(by=office, report=row, remarks={first: "写细"})
    changes = {first: Change("更细"), second: Change("不该改"), "nothing": Change("x")}
    _, made = items.save_items(by=by, report=report, changes=changes)
    assert [item.state for item in made] == ["saved", "refused", "refused"]
    assert text_of(report, second) == "已写明"


# --- the page ------------------------------------------------------------------------------------
def test_the_page_saves_an_item_by_itself(cast: Cast, report: Report) -> None:
    client, key = cast.client("recorder-371525"), keys(report)[0]
    page = client.get(f"/reports/{report.public_id}/edit/").content.decode()
    assert f"?item={key}" in page
    url = f"/reports/{report.public_id}/items/?item={key}"
    saved = client.post(url, {key: "甲", f"seal:{key}": seals(page)[key]}).content.decode()
    assert "已存" in saved
    assert seals(saved)[key] == items.seal("甲")
    clash = client.post(url, {key: "乙", f"seal:{key}": seals(page)[key]}).content.decode()
    assert "与他人的修改冲突" in clash
    assert "甲" in clash
    assert text_of(report, key) == "甲"
    assert client.post(f"/reports/{report.public_id}/items/?item=nothing", {}).status_code == 200
    assert cast.client("recorder-371502").post(url, {key: "丙"}).status_code == 404


def test_a_clash_keeps_what_was_typed_and_saves_the_rest(cast: Cast, report: Report) -> None:
    client = cast.client("recorder-371525")
    first, second = keys(report)[:2]
    url = f"/reports/{report.public_id}/edit/"
    seen = {f"seal:{key}": seal for key, seal in seals(client.get(url).content.decode()).items()}
    other = cast.user("reviewer-371525")
    items.save_items(by=other, report=report, changes={first: Change("他的")})
    answer = client.post(url, {**seen, first: "我的", second: "也是我的", "do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "我的</textarea>" in page
    assert "他的" in page
    assert (text_of(report, first), text_of(report, second)) == ("他的", "也是我的")
    again = {f"seal:{key}": seal for key, seal in seals(page).items()}
    done = client.post(url, {**again, first: "我的", second: "也是我的", "do": "save"})
    assert done.status_code == 302
    assert text_of(report, first) == "我的"


# --- the API -------------------------------------------------------------------------------------
def api(cast: Cast, *codes: str, **headers: str) -> Client:
    token = cast.token(*codes, scopes=("reports:read", "reports:write"))
    return Client(headers={"Authorization": f"Bearer {token}", **headers})


def post(client: Client, report: Report, body: Any, query: str = "", **headers: str) -> Any:
    path = f"/api/v1/reports/{report.public_id}/values/{query}"
    return client.post(path, body, content_type="application/json", headers=headers)


def test_a_client_reads_and_writes_items(cast: Cast, report: Report) -> None:
    client, key = api(cast, "371525"), keys(report)[0]
    answer = client.get(f"/api/v1/reports/{report.public_id}/values/")
    there = {item["key"]: item for item in answer.json()["items"]}
    body = {"items": {key: {"text": "甲", "seal": there[key]["seal"]}}}
    trial = post(client, report, body, "?dry_run=1").json()
    assert (trial["status"], trial["dry_run"], text_of(report, key)) == ("SUCCESS", True, "")
    done = post(client, report, body, **{"If-Match": answer["ETag"]})
    assert done.json()["outcomes"][0]["state"] == "saved"
    assert text_of(report, key) == "甲"
    assert post(client, report, body, **{"If-Match": answer["ETag"]}).status_code == 412
    late = {"items": {key: {"text": "乙", "seal": there[key]["seal"]}}}
    clash = post(client, report, late).json()
    assert (clash["status"], clash["outcomes"][0]["now"]["text"]) == ("ERROR", "甲")
    assert "edited_by" not in clash["outcomes"][0]["now"]


def test_a_client_of_another_place_finds_nothing(cast: Cast, report: Report) -> None:
    client = api(cast, "371502")
    assert client.get(f"/api/v1/reports/{report.public_id}/values/").status_code == 404
    assert post(client, report, {"items": {"x": {"text": ""}}}).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"items": {}}, {"items": {"x": {}}}, {"items": []}, {"items": {"x": {"text": 3}}}]
)
def test_bad_bodies_are_refused(cast: Cast, report: Report, body: Any) -> None:
    answer = post(api(cast, "371525"), report, body)
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or answer.json()["status"] == "ERROR"
