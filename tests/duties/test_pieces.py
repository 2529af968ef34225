"""The words of a clause, cut at the words of its duties; a cell of the matrix."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from responsibility.duties.rules import cell_state, pieces

TEXT = "县级党委和政府承担主体责任，制定规划和年度计划，每年报告。"


def test_numbers_stand_where_the_words_begin() -> None:
    found = pieces(TEXT, {1: "承担主体责任", 2: "制定规划和年度计划", 3: "年度计划，每年报告"})
    assert "".join(piece.text for piece in found) == TEXT
    assert [piece.numbers for piece in found if piece.numbers] == [(1,), (2,), (3,)]
    assert [piece.text for piece in found if not piece.quoted] == ["县级党委和政府", "，", "。"]


def test_words_that_are_not_there_mark_nothing() -> None:
    assert [piece.text for piece in pieces(TEXT, {1: "没有这句", 2: ""})] == [TEXT]
    assert pieces("", {1: "x"}) == []


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.text(alphabet="甲乙丙，。", max_size=30),
    st.lists(st.text("甲乙丙，", max_size=6), max_size=5),
)
def test_nothing_of_the_law_is_lost(text: str, quotes: list[str]) -> None:
    found = pieces(text, dict(enumerate(quotes, 1)))
    assert "".join(piece.text for piece in found) == text
    numbers = [number for piece in found for number in piece.numbers]
    assert numbers == sorted(set(numbers), key=numbers.index)
    assert set(numbers) == {n for n, quote in enumerate(quotes, 1) if quote and quote in text}


def test_the_most_urgent_comes_first() -> None:
    base = dict.fromkeys(("total", "done", "returned", "late", "unlisted", "undetermined"), 0)
    assert cell_state(None) == ("draft", "不承担")
    assert cell_state({**base, "unlisted": 1}) == ("draft", "未列明")
    assert cell_state({**base, "undetermined": 2}) == ("draft", "待认定")
    assert cell_state({**base, "total": 1, "done": 1}) == ("green", "已落实")
    assert cell_state({**base, "total": 3, "returned": 1, "late": 2}) == ("yellow", "逾期 2")
    assert cell_state({**base, "total": 3, "returned": 1}) == ("yellow", "退回 1")
    assert cell_state({**base, "total": 3, "done": 1}) == ("blue", "1/3")
