"""The chain: sealed, proved, and what a hand on the database leaves behind."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from responsibility.audit import anchors
from responsibility.audit.models import Event, Link, Seal
from responsibility.audit.services import last_proof, prove, record, seal
from responsibility.audit.verifying import verify

TABLES = ("audit_event", "audit_link", "audit_seal")


@pytest.fixture
def chain(transactional_db: None) -> None:
    """Seven events in two sealed batches, with a fresh anchor file."""
    anchors.path().unlink(missing_ok=True)
    for size in (3, 4):
        for number in range(size):
            record(by=None, verb="test.act", target="test.thing", new={"n": number})
        assert seal() == size


@pytest.fixture
def tamper(chain: None, owner_connection: Any) -> Any:
    """Return a function that runs SQL as the owner with the triggers off."""

    def run(*statements: str) -> None:
        with owner_connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                cursor.execute(statement)

    return run


def event_at(seq: int) -> int:
    return Link.objects.get(seq=seq).event_id


def found() -> tuple[str, int]:
    problem = verify().problem
    assert problem is not None
    return problem.kind, problem.seq


def test_whole(chain: None):
    result = verify()
    assert (result.ok, result.links, result.seals, result.anchors) == (True, 7, 2, 2)
    assert seal() == 0


def test_an_empty_installation_is_whole(transactional_db: None):
    anchors.path().unlink(missing_ok=True)
    assert verify().ok


@pytest.mark.parametrize(
    "change",
    [
        "body = replace(body, 'test.act', 'test.lie')",
        "actor = 'somebody'",
        "verb = 'test.lie'",
        "scope_path = '1/'",
        "digest = repeat('0', 64)",
    ],
)
def test_a_changed_event_is_named(tamper: Any, change: str):
    tamper(f"UPDATE audit_event SET {change} WHERE id = {event_at(4)}")
    assert found() == ("event_altered", 4)


def test_a_changed_time_is_named(tamper: Any):
    tamper(f"UPDATE audit_event SET at = at - interval '1 day' WHERE id = {event_at(2)}")
    assert found() == ("link_broken", 2)


def test_a_change_with_its_digest_breaks_the_link(tamper: Any):
    body = "replace(body, 'changes', 'Changes')"
    digest = f"encode(sha256(convert_to({body}, 'UTF8')), 'hex')"
    tamper(f"UPDATE audit_event SET digest = {digest}, body = {body} WHERE id = {event_at(5)}")
    assert found() == ("link_broken", 5)


def test_a_deleted_event_is_named(tamper: Any):
    gone = event_at(3)
    tamper(f"DELETE FROM audit_event WHERE id = {gone}")
    problem = verify().problem
    assert problem is not None
    assert (problem.kind, problem.seq, problem.event_id) == ("event_missing", 3, gone)


def test_a_deleted_event_with_its_link_is_named(tamper: Any):
    tamper(
        f"DELETE FROM audit_event WHERE id = {event_at(3)}", "DELETE FROM audit_link WHERE seq = 3"
    )
    assert found() == ("link_missing", 3)


def test_a_changed_link_is_named(tamper: Any):
    tamper("UPDATE audit_link SET prev = repeat('a', 64) WHERE seq = 6")
    assert found() == ("link_broken", 6)


CUT = (
    "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_link WHERE seq > 5)",
    "DELETE FROM audit_link WHERE seq > 5",
)


def test_a_cut_tail_is_seen_by_the_seal(tamper: Any):
    tamper(*CUT)
    assert found() == ("tail_cut", 6)


def test_new_links_do_not_cover_a_cut_tail(tamper: Any):
    tamper(*CUT)
    record(by=None, verb="test.act", target="test.thing")
    assert seal() == 1
    assert found() == ("link_missing", 6)


def test_a_tail_cut_with_its_seal_is_seen_by_the_anchor(tamper: Any):
    tamper(
        "DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_link WHERE seq > 3)",
        "DELETE FROM audit_link WHERE seq > 3",
        "DELETE FROM audit_seal WHERE last_seq > 3",
    )
    assert found() == ("tail_cut", 4)
    for _ in range(6):
        record(by=None, verb="test.other", target="test.thing")
    seal()
    assert found() == ("anchor", 7)


def test_a_missing_seal_is_named(tamper: Any):
    tamper("DELETE FROM audit_seal WHERE last_seq = 3")
    assert found() == ("seal_missing", 7)


def test_an_altered_seal_is_named(tamper: Any):
    tamper("UPDATE audit_seal SET hash = repeat('b', 64) WHERE last_seq = 3")
    assert found() == ("seal", 3)


def test_an_altered_anchor_is_named(chain: None):
    file = anchors.path()
    file.write_text(file.read_text().replace("3 3 ", "3 2 ", 1))
    assert found() == ("anchor_file", 0)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_can_change_nothing(chain: None, table: str, statement: str):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    assert verify().ok


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET id = id", "DELETE FROM audit_link"])
def test_the_triggers_refuse_even_the_owner(chain: None, owner_connection: Any, statement: str):
    with owner_connection.cursor() as cursor, pytest.raises(Exception, match="append-only"):
        cursor.execute(statement)


def test_the_command_seals_first(chain: None):
    record(by=None, verb="test.act", target="test.thing")
    out = StringIO()
    call_command("audit_verify", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert (answer["ok"], answer["sealed"], answer["links"], answer["problem"]) == (
        True,
        1,
        8,
        None,
    )
    assert Seal.objects.count() == 3


def test_the_command_fails_with_the_first_broken_item(tamper: Any):
    tamper(f"UPDATE audit_event SET actor = 'x' WHERE id = {event_at(2)}")
    tamper(f"DELETE FROM audit_event WHERE id = {event_at(6)}")
    out = StringIO()
    with pytest.raises(CommandError, match="第 2 环的事件"):
        call_command("audit_verify", "--json", stdout=out)
    assert json.loads(out.getvalue())["problem"]["kind"] == "event_altered"


def test_the_daily_proof_is_kept(tamper: Any):
    assert last_proof() is None
    prove()
    proof = last_proof()
    assert proof is not None
    assert proof[1]["ok"] is True
    tamper(f"DELETE FROM audit_event WHERE id = {event_at(1)}")
    prove()
    proof = last_proof()
    assert proof is not None
    assert proof[1]["ok"] is False
    assert "被删除" in proof[1]["problem"]
    assert Event.objects.filter(verb="audit.verify").count() == 2
