"""操作记录: who may read it, what is shown of whose values, the export, the signs of the chain."""

from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from responsibility.audit.models import Event
from responsibility.audit.services import prove, record, seal
from responsibility.audit.words import target_words, verb_words
from responsibility.postings.rules import Role
from tests.cast import PASSWORD, Cast, post

AUDITOR = "audit-3715"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def act(cast: Cast, code: str, old: str, new: str, **extra: Any) -> Event:
    """Record that the office of 冠县 changed something at a place."""
    return record(
        by=cast.user("office-371525"),
        verb="progress.save",
        target="progress.progressentry",
        target_id=f"id-{code}",
        scope_path=cast.place(code).path,
        old={"summary": old},
        new={"summary": new},
        **extra,
    )


@pytest.mark.parametrize(
    "name", ["office-3715", "security-3715", "system-3715", "admin-371525", "recorder-371525"]
)
def test_only_the_audit_administrator_reads_it(cast: Cast, name: str):
    client = cast.client(name)
    assert client.get("/audit/").status_code == 403
    assert client.get("/audit/export/").status_code == 403
    assert client.post("/audit/prove/").status_code == 403
    assert "/audit/" not in text_of(client.get("/"))


def test_the_menu_leads_there(cast: Cast):
    body = text_of(cast.client(AUDITOR).get("/audit/"))
    assert 'href="/audit/"' in body
    assert "操作记录" in body


def test_values_stay_hidden_without_scope(cast: Cast):
    event = act(cast, "371525", "旧的说法", "新的说法", note="原因写在这里")
    body = text_of(cast.client(AUDITOR).get("/audit/"))
    assert "office-371525" in body
    assert "进展：保存" in body
    assert "id-371525" in body
    assert event.digest[:16] in body
    for hidden in ("旧的说法", "新的说法", "原因写在这里"):
        assert hidden not in body


def test_values_are_shown_over_objects_of_ones_territory(cast: Cast):
    act(cast, "371525", "旧冠县", "新冠县")
    act(cast, "371502", "旧东昌府", "新东昌府")
    post(cast.user(AUDITOR), Role.OFFICE, cast.place("371525"))
    body = text_of(cast.client(AUDITOR).get("/audit/"))
    assert "旧冠县" in body
    assert "新冠县" in body
    assert "旧东昌府" not in body


def test_personal_values_are_shown_to_nobody(cast: Cast):
    act(cast, "371525", "甲", "乙", personal=frozenset({"summary"}))
    post(cast.user(AUDITOR), Role.OFFICE, cast.place("371525"))
    body = text_of(cast.client(AUDITOR).get("/audit/"))
    assert "***" in body
    assert "甲 →" not in body


def test_markup_in_values_is_text(cast: Cast):
    act(cast, "371525", "a", "<script>alert(1)</script>")
    post(cast.user(AUDITOR), Role.OFFICE, cast.place("371525"))
    assert "<script>alert" not in text_of(cast.client(AUDITOR).get("/audit/"))


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("actor=office-371525", True),
        ("actor=office-3715", False),
        ("verb=progress", True),
        ("verb=reports", False),
        ("target=progress.progressentry&target_id=id-371525", True),
        ("target_id=other", False),
        ("since=2000-01-01&until=2100-01-01", True),
        ("until=2000-01-01", False),
        ("since=2100-01-01", False),
    ],
)
def test_filters(cast: Cast, query: str, seen: bool):
    act(cast, "371525", "a", "b")
    body = text_of(cast.client(AUDITOR).get(f"/audit/?{query}"))
    assert (">id-371525<" in body) is seen


def test_one_objects_whole_story_is_one_click_away(cast: Cast):
    act(cast, "371525", "a", "b")
    act(cast, "371502", "a", "b")
    client = cast.client(AUDITOR)
    link = "?target=progress.progressentry&amp;target_id=id-371525"
    assert link in text_of(client.get("/audit/"))
    body = text_of(client.get("/audit/" + link.replace("&amp;", "&")))
    assert "id-371525" in body
    assert "id-371502" not in body


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("since=2020-02-31", "没有这一天"),
        ("verb=nonsense", "没有这个选项"),
        ("target=nonsense", "没有这个选项"),
        ("since=2020-02-01&until=2020-01-01", "截止日期早于起始日期"),
        ("actor=" + "x" * 100, "最多 60 字"),
    ],
)
@pytest.mark.parametrize("path", ["/audit/", "/audit/export/"])
def test_bad_filters_are_told(cast: Cast, path: str, query: str, message: str):
    response = cast.client(AUDITOR).get(f"{path}?{query}")
    assert response.status_code == 400
    assert message in text_of(response)


def test_the_export_hides_the_same_and_is_itself_recorded(cast: Cast):
    act(cast, "371525", "旧的说法", "=cmd()")
    client = cast.client(AUDITOR)
    response = client.get("/audit/export/?actor=office-371525")
    rows = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert rows.startswith("\ufeff时间,账号")
    assert "id-371525" in rows
    assert "旧的说法" not in rows
    assert "不在您的业务范围内" in rows
    event = Event.objects.get(verb="audit.export")
    assert event.actor == AUDITOR
    assert "office-371525" in event.body


def test_no_cell_of_the_export_is_a_formula(cast: Cast):
    act(cast, "371525", "a", "=cmd()")
    post(cast.user(AUDITOR), Role.OFFICE, cast.place("371525"))
    response = cast.client(AUDITOR).get("/audit/export/")
    rows = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=cmd()" in rows
    assert ",=cmd()" not in rows


def test_the_state_of_the_chain_is_shown(cast: Cast):
    client = cast.client(AUDITOR)
    assert "未核验" in text_of(client.get("/audit/"))
    act(cast, "371525", "a", "b")
    seal()
    body = text_of(client.get("/audit/"))
    assert "等待入链 0 条" in body
    with patch("responsibility.audit.verifying.anchors.read_all", return_value=[]):
        prove()
    assert "完好" in text_of(client.get("/audit/"))


def test_asking_for_a_proof(cast: Cast, django_capture_on_commit_callbacks: Any):
    with (
        patch("responsibility.common.tasks.current_app.send_task") as sent,
        django_capture_on_commit_callbacks(execute=True),
    ):
        assert cast.client(AUDITOR).post("/audit/prove/").status_code == 302
    sent.assert_called_once_with("audit.verify", args=())
    assert Event.objects.get(verb="audit.ask").actor == AUDITOR


def test_statements_do_not_grow_with_the_rows(cast: Cast):
    client = cast.client(AUDITOR)
    client.get("/audit/")

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/audit/?verb=progress").status_code == 200
        return len(seen)

    act(cast, "371525", "a", "b")
    few = count()
    for number in range(20):
        act(cast, "371525", "a", str(number))
    assert count() == few <= 12


def test_where_somebody_signed_in_from_is_shown(cast: Cast):
    user = cast.user("office-371525")
    user.password = make_password(PASSWORD)
    user.save()
    Client().post("/login/", {"login": user.username, "password": PASSWORD})
    body = text_of(cast.client(AUDITOR).get("/audit/?verb=accounts&actor=office-371525"))
    assert "账号：登录" in body
    assert "127.0.0.1" in body


def test_words():
    assert verb_words("progress.submit") == "进展：报送"
    assert verb_words("unknown.thing") == "unknown：thing"
    assert verb_words("plain") == "plain"
    assert target_words("audit.event") == "审计事件"
    assert target_words("demo") == "demo"
