"""The importer reads the genre: the published text, and what scripts make of it."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responsibility.regulations.rules import Parsed, parse

TEXT = (Path(__file__).parents[2] / "data" / "liaocheng-rules-2019.txt").read_text("utf-8")
WHOLE = {"chapters": 8, "sections": 0, "articles": 40, "clauses": 42, "items": 0}


def codes(parsed: Parsed) -> set[str]:
    return {warning.code for warning in parsed.warnings}


def test_the_published_text() -> None:
    parsed = parse(TEXT)
    assert parsed.title == "聊城市脱贫攻坚责任制实施细则"
    assert parsed.counts == WHOLE
    assert [a.number for a in parsed.articles] == [str(n) for n in range(1, 41)]
    twice = [a.number for a in parsed.articles if len(a.clauses) == 2]
    assert twice == ["4", "6"]
    assert [c.title for c in parsed.chapters][6:] == ["", "附"]
    assert parsed.articles[-1].clauses[0].text == "本实施细则自发布之日起施行。"
    assert parsed.issuer is None
    assert parsed.effective is None
    assert codes(parsed) == {
        "page_metadata",
        "no_issuer",
        "no_chapter_title",
        "short_chapter_title",
        "footer",
        "no_effective_date",
    }
    assert not any("盗版" in c.text for a in parsed.articles for c in a.clauses)


def glued(text: str) -> str:
    return re.sub(r"(第[一二三四五六七八九十]+[章条])[  ]+", r"\1", text)


def markdown(text: str) -> str:
    text = re.sub(r"^(第[一二三四五六七八九十]+章)", r"## \1", text, flags=re.M)
    return re.sub(r"^(第[一二三四五六七八九十]+条)", r"### **\1**", text, flags=re.M)


@pytest.mark.parametrize(
    "changed",
    [
        glued(TEXT),
        markdown(TEXT),
        TEXT.replace(" ", "　").replace("条", "\u200b条"),
        TEXT.replace("\n", "\r\n"),
        "﻿" + TEXT,
        TEXT.replace("第", "　第"),
    ],
    ids=["glued", "markdown", "spaces", "crlf", "bom", "indented"],
)
def test_transformed_texts_keep_their_counts(changed: str) -> None:
    parsed = parse(changed)
    assert parsed.counts == WHOLE
    assert "no_chapter_title" in codes(parsed)


def test_everything_on_one_line() -> None:
    parsed = parse(" ".join(TEXT.split()))
    assert parsed.counts == WHOLE
    assert "one_line" in codes(parsed)
    assert parsed.title == "聊城市脱贫攻坚责任制实施细则"


def test_everything_on_one_line_without_a_single_space() -> None:
    parsed = parse("".join(TEXT.split()))
    assert (parsed.counts["chapters"], parsed.counts["articles"]) == (8, 40)
    assert "one_line" in codes(parsed)


@pytest.mark.parametrize("length", [900, 2000, 3333])
def test_cut_off_in_the_middle_of_a_sentence(length: int) -> None:
    cut = TEXT[:length]
    while cut[-1] in "。 \n":
        cut = cut[:-1]
    parsed = parse(cut)
    warning = next(w for w in parsed.warnings if w.code == "truncated")
    assert warning.where.startswith(f"第{parsed.articles[-1].number}条")
    assert "疑似截断" in warning.message


def test_mentions_of_articles_are_linked_and_never_headings() -> None:
    parsed = parse(
        TEXT.replace(
            "第二十二条 乡级党委和政府应当",
            "第二十二条 乡级党委和政府应当依照本细则第二十条和第二十一条第一款的规定，",
        )
    )
    assert parsed.counts == WHOLE
    clause = next(a for a in parsed.articles if a.number == "22").clauses[0]
    assert clause.refers_to == ["20", "21"]


def test_a_mention_at_the_start_of_a_broken_line_is_no_heading() -> None:
    parsed = parse(TEXT.replace("制定本实施细则。", "依照本细则\n第二十条的规定制定。"))
    assert parsed.counts == WHOLE


def test_without_chapters() -> None:
    parsed = parse(re.sub(r"第[一二三四五六七八九十]+章.*", "", TEXT))
    assert parsed.counts == {**WHOLE, "chapters": 0}
    assert "no_chapters" in codes(parsed)


def test_items_and_points() -> None:
    parsed = parse(
        "示例办法\n第一条 应当做到：\n（一）先做甲；\n（二）再做乙：\n1.乙之一；\n2.乙之二。\n"
        "另起一款。\n第二条 本办法自2020年1月1日起施行。"
    )
    first = parsed.articles[0]
    assert parsed.counts == {"chapters": 0, "sections": 0, "articles": 2, "clauses": 3, "items": 2}
    assert [item.text for item in first.clauses[0].items] == ["先做甲；", "再做乙："]
    assert [p["text"] for p in first.clauses[0].items[1].points] == ["乙之一；", "乙之二。"]
    assert parsed.effective == "2020-01-01"


def test_items_in_the_running_text() -> None:
    parsed = parse("办法\n第一条 下列情形：（一）甲；（二）乙；（三）丙。\n第二条 完。")
    assert [item.number for item in parsed.articles[0].clauses[0].items] == ["1", "2", "3"]


def test_numbers_past_one_hundred_and_inserted_articles() -> None:
    lines = ["条例"]
    for number, name in ((99, "九十九"), (100, "一百"), (101, "一百零一"), (102, "一百零二")):
        lines.append(f"第{name}条 第{number}个。")
    lines.insert(3, "第一百条之一 插入的。")
    numbers = [article.number for article in parse("\n".join(lines)).articles]
    assert numbers == ["99", "100", "100-1", "101", "102"]


def test_sections() -> None:
    parsed = parse("办法\n第一章 总则\n第一节 目的\n第一条 甲。\n第二节 范围\n第二条 乙。")
    assert parsed.counts["sections"] == 2
    assert parsed.articles[1].section == "2"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("办法\n第一条 甲。\n第三条 丙。", "skipped_number"),
        ("办法\n第一条 甲。\n第二条 乙。\n第二条 又乙。", "repeated_number"),
        ("没有条文的文字。", "no_articles"),
        ("", "no_title"),
    ],
)
def test_what_is_odd_is_said(text: str, code: str) -> None:
    assert code in codes(parse(text))


@given(st.text(alphabet="第一二三十百条章节款项。；：（）、 \n　\u200b之1甲", max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_it_fail(text: str) -> None:
    parsed = parse(text)
    for article in parsed.articles:
        assert article.clauses


@given(st.lists(st.integers(1, 3), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_every_clause_is_kept(shape: list[int]) -> None:
    names = "一二三四五六七八九十"
    lines = ["办法"]
    for index, count in enumerate(shape, 1):
        name = ("" if index <= 10 else "十" if index < 20 else "二十") + (
            names[(index - 1) % 10] if index not in (10, 20) else ("十" if index == 10 else "")
        )
        lines.append(f"第{name}条 首款内容{index}。")
        lines += [f"后款内容{index}之{n}。" for n in range(2, count + 1)]
    parsed = parse("\n".join(lines))
    assert [len(article.clauses) for article in parsed.articles] == shape
