"""Pages and endpoint of letters: what they show, to whom, at what cost."""

import io
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from responsibility.common import clock
from responsibility.jobs import runs
from responsibility.jobs.models import Run
from responsibility.letters.models import Letter
from responsibility.letters.services import batch, drafting
from tests.cast import PASSWORD, Cast
from tests.letters.maker import (
    drafted,
    issued,
    ledger,
    make_kind,
    make_plan,
    seat_all,
    sign,
    signed,
)


def act(cast: Cast, who: str, letter: Letter, **data: str) -> int:
    url = reverse("letter_act", args=[letter.public_id])
    return cast.client(who).post(url, data).status_code


def batch_run(cast: Cast, do: str) -> Run:
    """Press the button, let the worker work, return the run that the page leads to."""
    data = {"kind": "county-city", "year": "2020", "do": do}
    answer = cast.client("office-3715").post(reverse("letter_round"), data)
    run = Run.objects.latest("id")
    assert answer.headers["Location"] == reverse("run", args=[run.public_id])
    runs.execute(run.pk, batch.issue_all if do == "issue" else batch.draft_all)
    run.refresh_from_db()
    return run


def test_the_office_drafts_and_issues_all_from_one_page(cast: Cast) -> None:
    kind = make_kind(cast)
    make_plan(cast)
    office = cast.user("office-3715")
    drafting.draft(by=office, kind=kind, body=cast.main("371502"), year=2020)
    run = batch_run(cast, "draft")
    assert (run.status, run.total, run.done, len(run.receipt)) == ("done", 3, 3, 3)
    refused = [line for line in run.receipt if not line["done"]]
    assert len(refused) == 1
    assert "已有" in refused[0]["why"]
    client = cast.client("office-3715")
    assert "已有" in client.get(reverse("run", args=[run.public_id])).text
    assert [line["done"] for line in batch_run(cast, "issue").receipt] == [True] * 3
    page = reverse("letter_round")
    assert "待签 <span" in client.get(page + "?year=2020").text
    again = client.post(page, {"kind": "county-city", "year": "2020", "do": "issue"})
    assert "没有可以办理的单位" in again.text
    assert client.post(page, {"kind": "没有", "do": "draft"}).status_code == 404


def test_a_cancelled_batch_lists_what_it_left_undone(cast: Cast) -> None:
    kind = make_kind(cast)
    run = batch.start_drafting(by=cast.user("office-3715"), kind=kind, year=2020)
    Run.objects.filter(pk=run.pk).update(cancel_requested=True)
    runs.execute(run.pk, batch.draft_all)
    run.refresh_from_db()
    assert (run.status, run.done) == ("cancelled", 0)
    assert [(line["done"], line["why"]) for line in run.receipt] == [(False, batch.STOPPED)] * 3
    assert not Letter.objects.exists()


def test_the_county_office_may_open_the_round_but_not_draft_its_own(cast: Cast) -> None:
    make_kind(cast)
    client = cast.client("office-371525")
    text = client.post(reverse("letter_round"), {"kind": "county-city", "year": "2020"}).text
    assert "没有可以办理的单位" in text
    assert not Run.objects.exists()
    assert cast.client("recorder-371525").get(reverse("letter_round")).status_code == 403


def test_signing_on_the_page(cast: Cast) -> None:
    letter = issued(cast)
    client, url = cast.client("head-371525"), reverse("letter", args=[letter.public_id])
    assert "等您签署" in client.get(url).text
    assert "看后签署" in client.get("/").text
    send = reverse("letter_act", args=[letter.public_id])
    wrong = client.post(send, {"do": "sign", "side": "own", "password": "x"})
    assert wrong.status_code == 400
    assert "密码不对" in wrong.text
    right = {"do": "sign", "side": "own", "password": PASSWORD}
    assert client.post(send, right).status_code == 302
    shown = client.get(url).text
    assert "等您签署" not in shown
    assert "已签" in shown
    assert client.post(send, right).status_code == 409


def test_a_password_is_never_kept_in_the_audit(cast: Cast) -> None:
    letter = issued(cast)
    assert act(cast, "head-371525", letter, do="sign", side="own", password=PASSWORD) == 302
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(body::text, ' ') FROM audit_event")
        assert PASSWORD not in cursor.fetchone()[0]


def test_a_changed_text_shows_red(cast: Cast) -> None:
    letter = signed(cast)
    Letter.objects.filter(pk=letter.pk).update(text=letter.text + "。")
    text = cast.client("office-3715").get(reverse("letter", args=[letter.public_id])).text
    assert "核验不一致" in text


def test_remarks_travel_and_what_was_typed_stays(cast: Cast) -> None:
    make_plan(cast)
    letter = drafting.consult(by=cast.user("office-3715"), letter=drafted(cast))
    client, url = cast.client("recorder-371525"), reverse("letter_remark", args=[letter.public_id])
    bad = client.post(url, {"text": "长" * 501})
    assert bad.status_code == 400
    assert "长长长" in bad.text
    assert client.post(url, {"text": "目标偏高", "line": "1"}).status_code == 302
    found = letter.remarks.get()
    assert found.line == letter.lines.get()
    reply = reverse("letter_answer", args=[found.public_id])
    office = cast.client("office-3715")
    assert client.post(reply, {"do": "agree"}).status_code == 403
    assert office.post(reply, {"do": "decline"}).status_code == 400
    assert office.post(reply, {"do": "agree", "answer": "改"}).status_code == 302


def test_the_settlement_page_through_the_year(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = signed(cast)
    ledger(cast, 40)
    url = reverse("letter_settlement", args=[letter.public_id])
    county = cast.client("office-371525")
    assert 'value="40"' in county.get(url).text
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 31))
    refused = county.post(url, {"why:visits": " "})
    assert refused.status_code == 400
    assert "请写说明" in refused.text
    assert county.post(url, {"why:visits": "汛情影响"}).status_code == 302
    office = cast.client("office-3715")
    assert "退回重新对账" in office.get(url).text
    assert act(cast, "office-3715", letter, do="settle") == 302
    assert "汛情影响" in office.get(url).text


def test_the_sheet_names_who_has_not_signed(cast: Cast) -> None:
    letter = issued(cast)
    sign(cast, letter, "head-371525")
    answer = cast.client("office-3715").get(reverse("letter_export") + "?year=2020")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert rows[0][0] == "责任书"
    assert "冠县党委、政府" not in str(rows[1][8]) or "书记" in rows[1][8]
    assert rows[1][8].count("、") >= 2


def test_print_is_the_text_itself(cast: Cast) -> None:
    letter = issued(cast)
    text = cast.client("head-371525").get(reverse("letter_print", args=[letter.public_id])).text
    assert "聊扶贫组责〔2020〕1号" in text
    assert letter.text_hash[:16] in text


@pytest.mark.parametrize("do", ["", "nonsense", "sign", "supersede", "withdraw", "settle"])
def test_a_bad_act_gets_a_clear_answer(cast: Cast, do: str) -> None:
    letter = drafted(cast)
    status = act(cast, "office-3715", letter, do=do)
    assert status in (400, 403, 409)


@pytest.mark.parametrize("who", ["office-3715", "head-371525"])
def test_pages_cost_at_most_twelve_statements(cast: Cast, who: str) -> None:
    letter = issued(cast)
    client = cast.client(who)
    for name in ("letter", "letter_settlement", "letter_print"):
        url = reverse(name, args=[letter.public_id])
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= 12, (name, [q["sql"][:90] for q in queries])


def test_the_list_costs_the_same_for_one_and_for_three(cast: Cast) -> None:
    kind, office = make_kind(cast), cast.user("office-3715")
    client, url = cast.client("office-3715"), reverse("letter_list") + "?year=2020"
    drafting.draft(by=office, kind=kind, body=cast.main("371525"), year=2020)
    counts = []
    for _ in range(2):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
        drafting.draft_many(by=office, kind=kind, year=2020)
    assert counts[0] == counts[1] <= 12


def test_the_endpoint_reads_targets_and_signatures_without_names(cast: Cast) -> None:
    letter = signed(cast)
    client = Client(headers={"Authorization": f"Bearer {cast.token('371525')}"})
    row = client.get("/api/v1/letters/").json()["results"][0]
    assert row["id"] == str(letter.public_id)
    assert row["lines"][0]["target"] == "100.000000"
    assert len(row["signatures"]) == 4
    assert "user" not in row["signatures"][0]
    other = Client(headers={"Authorization": f"Bearer {cast.token('371502')}"})
    assert other.get("/api/v1/letters/").json()["results"] == []


def test_principals_without_a_letter_see_no_block(cast: Cast) -> None:
    seat_all(cast)
    assert "等您签署" not in cast.client("head-371525").get("/").text
