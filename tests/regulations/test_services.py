"""Importing, correcting, adopting; a new version never disturbs the old."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.regulations.models import Clause, RegulationVersion
from responsibility.regulations.services import importing, notes
from tests.cast import Cast

FILE = Path(__file__).parents[2] / "data" / "liaocheng-rules-2019.txt"
TEXT = FILE.read_text("utf-8")


def test_import_twice_is_one_version(cast: Cast) -> None:
    first, new = importing.import_text(programme=cast.programme, text=TEXT)
    again, newer = importing.import_text(programme=cast.programme, text=TEXT)
    assert (new, newer) == (True, False)
    assert first == again
    assert Clause.objects.count() == 42


def test_adoption_and_a_new_version(cast: Cast) -> None:
    office = cast.user("office-3715")
    first, _ = importing.import_text(programme=cast.programme, text=TEXT, by=office)
    importing.adopt(version=first, issuer="", effective_on=None, by=office)
    clause = first.articles.get(number="1").clauses.get()
    with pytest.raises(Conflict, match="不能改动"):
        importing.correct_clause(by=office, clause=clause, text="改")
    second, _ = importing.import_text(
        programme=cast.programme, text=TEXT.replace("负总责", "总负责"), by=office
    )
    importing.adopt(
        version=second,
        issuer="市委办公室",
        effective_on=date(2019, 10, 1),
        certainty="verified",
        by=office,
    )
    first.refresh_from_db()
    assert first.status == "superseded"
    assert RegulationVersion.objects.count() == 2
    assert first.articles.count() == 40


def test_verified_needs_issuer_and_date(cast: Cast) -> None:
    version, _ = importing.import_text(programme=cast.programme, text=TEXT)
    with pytest.raises(Invalid, match="已核"):
        importing.adopt(version=version, issuer="", effective_on=None, certainty="verified")


def test_only_the_city_office_imports_and_interprets(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        importing.import_text(programme=cast.programme, text=TEXT, by=cast.user("office-371502"))
    version, _ = importing.import_text(programme=cast.programme, text=TEXT)
    article = version.articles.get(number="11")
    with pytest.raises(Forbidden):
        notes.add_interpretation(
            by=cast.user("office-371502"),
            article=article,
            text="甲",
            issuer="乙",
            document="",
            issued_on=date(2020, 1, 1),
        )


@pytest.mark.parametrize("data", [b"", b"\x00\x01PK", b"\xff\xfe\x00" * 20])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="不是文本"):
        importing.decode(data)


def test_the_command_prints_json_without_a_database(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_regulation", str(FILE), "--dry-run", "--json")
    data = json.loads(capsys.readouterr().out)
    assert data["counts"]["articles"] == 40
    assert set(data) == {
        "title",
        "issuer",
        "effective",
        "counts",
        "chapters",
        "articles",
        "warnings",
    }
