"""Texts, numbers, settlement: pure."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responsibility.letters import rules
from responsibility.letters.rules import Outcome, Wanted

VALUES = dict.fromkeys(rules.NAMES.values(), "甲")


def test_a_number_has_the_six_sided_brackets_and_no_leading_zero() -> None:
    assert rules.number_of("聊扶贫组责", 2020, 6) == "聊扶贫组责〔2020〕6号"


@pytest.mark.parametrize("text", ["{不认识}", "{年度", "年度}", "{}"])
def test_a_template_with_a_wrong_placeholder_is_refused(text: str) -> None:
    with pytest.raises(rules.BadTemplate):
        rules.render(text, VALUES)


def test_placeholders_are_filled_once_even_when_a_value_looks_like_one() -> None:
    assert rules.render("{签署方}向{接受方}", {**VALUES, "body": "{年度}"}) == "{年度}向甲\n"


@given(st.text())
def test_any_text_without_braces_stays_itself_in_content(text: str) -> None:
    clean = text.replace("{", "").replace("}", "")
    kept = rules.render(clean, VALUES)
    assert "".join(kept.split()) == "".join(clean.split())


@pytest.mark.parametrize(
    ("target", "actual", "outcome", "short"),
    [
        (100, 100, Outcome.DONE, 0),
        (100, 120, Outcome.DONE, 0),
        (100, 99, Outcome.SHORT, 1),
        (100, None, Outcome.UNMEASURABLE, None),
        (None, 5, Outcome.UNMEASURABLE, None),
        (0, 0, Outcome.DONE, 0),
    ],
)
def test_a_line_settles(
    target: int | None, actual: int | None, outcome: Outcome, short: int | None
) -> None:
    def number(value: int | None) -> Decimal | None:
        return None if value is None else Decimal(value)

    assert rules.settle_line(number(target), number(actual)) == (outcome, number(short))


def test_fewer_may_be_better() -> None:
    assert rules.settle_line(Decimal(3), Decimal(2), lower_is_better=True)[0] is Outcome.DONE


def test_the_bar_stays_between_nothing_and_all() -> None:
    assert rules.share(Decimal(100), Decimal(250)) == 100
    assert rules.share(Decimal(0), Decimal(1)) is None


def test_what_is_missing_keeps_the_order_of_the_kind() -> None:
    wanted = [Wanted("own", "secretary"), Wanted("own", "head"), Wanted("counter", "head")]
    left = rules.missing(wanted, [("own", "head")])
    assert left == [wanted[0], wanted[2]]
