"""Rows by COPY are the rows that INSERT would have made."""

import pytest
from django.db import IntegrityError

from responsibility.common.bulk import _cell, copy_rows
from responsibility.outbox.models import Notice
from tests.cast import Cast

TEXT = "一行\n两行\t制表\\反斜杠 \\N 'x' \"y\""


def notice(cast: Cast, key: str, **given: object) -> Notice:
    values = {"user": cast.user("recorder-371525"), "title": TEXT, "key": key, **given}
    return Notice(**values)


def test_every_value_arrives_as_it_was(cast: Cast) -> None:
    rows = [notice(cast, "a"), notice(cast, "b", title="二")]
    assert copy_rows(rows) == 2
    found = Notice.objects.get(pk=rows[0].pk)
    assert (found.title, found.key) == (TEXT, "a")
    assert found.public_id is not None
    assert found.created_at is not None
    assert Notice.objects.get(pk=rows[1].pk).title == "二"


def test_all_or_none(cast: Cast) -> None:
    with pytest.raises(IntegrityError):
        copy_rows([notice(cast, "a"), notice(cast, "a")])
    assert not Notice.objects.exists()


def test_nothing_is_nothing(db: None) -> None:
    assert copy_rows([]) == 0


def test_what_cannot_be_carried_is_refused() -> None:
    with pytest.raises(TypeError):
        _cell(["一", "二"])
