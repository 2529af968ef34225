"""The letters' calendar: settlement opened in December, an unsigned letter told of once."""

from datetime import date

import pytest

from responsibility.deadlines.models import Deadline
from responsibility.letters.models import Letter
from responsibility.letters.services import drafting, yearly
from tests.cast import Cast
from tests.deadlines.helpers import make_deadline, make_rule
from tests.duties_maker import make_assignment
from tests.letters.maker import issued, signed


def test_the_settlement_opens_in_december_once_with_its_date(cast: Cast) -> None:
    letter = signed(cast)
    assert yearly.open_settlements(today=date(2020, 12, 1)) == 0, "no rule, no date"
    make_rule("letter-settle", offset=31, roll="forward")
    assert yearly.open_settlements(today=date(2020, 11, 30)) == 0
    assert yearly.open_settlements(today=date(2020, 12, 1)) == 1
    assert yearly.open_settlements(today=date(2020, 12, 2)) == 0
    row = Deadline.objects.get(subject_id=letter.public_id)
    assert (row.rule_key, row.due_on) == ("letter-settle", date(2021, 2, 1)), "31 January: Sunday"


def test_an_unsigned_letter_is_told_of_after_its_date(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = issued(cast)
    told: list[str] = []

    def tell(row: Letter, event: str) -> int:
        told.append(event)
        return 1

    monkeypatch.setattr(yearly, "tell", tell)
    assert yearly.announce_overdue(today=date(2020, 4, 1)) == 0, "its duty has no date"
    owed = make_assignment(cast, "371525")
    letter.kind.duty = owed.duty
    letter.kind.save()
    make_rule("letter")
    make_deadline(cast, "371525", subject_id=owed.public_id, rule="letter", period="2020Q1")
    assert yearly.announce_overdue(today=date(2020, 3, 31)) == 0
    assert yearly.announce_overdue(today=date(2020, 4, 1)) == 1
    assert told == ["overdue"]


def test_a_replaced_letter_owes_no_settlement(cast: Cast) -> None:
    letter, office = signed(cast), cast.user("office-3715")
    make_rule("letter-settle", offset=31, roll="forward")
    yearly.open_settlements(today=date(2020, 12, 1))
    new = drafting.supersede(by=office, letter=letter, reason="上级调整目标")
    assert Deadline.objects.get().status == "open", "the old one stands until the new goes out"
    drafting.issue(by=office, letter=new)
    assert Deadline.objects.get().status == "cancelled"
    assert yearly.open_settlements(today=date(2020, 12, 2)) == 0, "the new one is not signed yet"
