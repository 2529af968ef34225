"""Telling a heading 第X条 from a mention of article X."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from responsibility.regulations.rules.cleaning import SENTENCE_END
from responsibility.regulations.rules.numerals import to_int

_NUMERAL = r"[零〇一二两三四五六七八九十百千0-9][零〇一二两三四五六七八九十百千0-9 ]{0,12}?"
TOKEN = re.compile(rf"第 ?({_NUMERAL}) ?(章|节|条)( ?之 ?([一二三四五六七八九十]{{1,3}}))?")
_BEFORE_MENTION = re.compile(
    r"(依照|按照|依据|根据|违反|符合|适用|参照|执行|除|见|详见|本|该"
    r"|(?:细则|办法|条例|规定|规则|意见|方案|法|通知|决定|章程)|》|、|和|及|与|或|至|到|照|—|-|“|‘)$"
)
_AFTER_MENTION = re.compile(
    r"^ ?(第 ?[零〇一二三四五六七八九十百0-9]+ ?[款项目]|规定|所|的|之规定|中|以及"
    r"|和第|及第|与第|或第|至第|、第|第[一二三四五六七八九十]+款)"
)


@dataclass(frozen=True)
class Token:
    """A heading found in the whole text, from ``start`` to ``end``."""

    start: int
    end: int
    kind: str
    number: int
    branch: int

    @property
    def label(self) -> str:
        """Return the number as text (``12``, ``10-1``)."""
        return f"{self.number}-{self.branch}" if self.branch else str(self.number)


@dataclass(frozen=True)
class Mention:
    """A reference to another article in the running text."""

    start: int
    label: str


def scan(text: str) -> tuple[list[Token], list[Mention]]:
    """Return the headings and the mentions of a whole text (lines joined by newlines)."""
    headings: list[Token] = []
    mentions: list[Mention] = []
    for token in _tokens(text):
        if _is_heading(text, token, headings):
            headings.append(token)
        elif token.kind == "条":
            mentions.append(Mention(token.start, token.label))
    return headings, mentions


def _tokens(text: str) -> Iterator[Token]:
    for match in TOKEN.finditer(text):
        number = to_int(match[1])
        if number:
            branch = to_int(match[4]) if match[4] else 0
            yield Token(match.start(), match.end(), match[2], number, branch or 0)


def _is_heading(text: str, token: Token, headings: list[Token]) -> bool:
    before = text[max(0, token.start - 40) : token.start]
    tail = before.rstrip(" \n")
    at_line_start = not before or before.rstrip(" ").endswith("\n")
    if _AFTER_MENTION.match(text[token.end : token.end + 14]):
        return False
    if _follows_title(text, token, headings):
        return True
    if tail and _BEFORE_MENTION.search(tail) and not tail.endswith(tuple(SENTENCE_END[:6])):
        if not at_line_start or tail[-1] in "、和及与或至到本照":
            return False
        return not headings or _is_next(token, headings)
    if at_line_start or _opens_series(token, headings):
        return True
    ended = not tail or tail[-1] in SENTENCE_END + "：:" or before.endswith("  ")
    return ended and _is_next(token, headings)


def _follows_title(text: str, token: Token, headings: list[Token]) -> bool:
    """Say whether only a short title stands between the last 章 or 节 heading and this one."""
    if not headings or headings[-1].kind == "条":
        return False
    between = text[headings[-1].end : token.start].strip()
    short = len(between) <= 30 and not any(char in "。；，," for char in between)
    return short and _is_next(token, headings)


def _opens_series(token: Token, headings: list[Token]) -> bool:
    """Say whether it is 第一章 (or 第一条 of a text without chapters), the first of its kind."""
    return token.number == 1 and not headings and token.kind != "节"


def _is_next(token: Token, headings: list[Token]) -> bool:
    """Say whether the number continues its own series (small skips allowed)."""
    series = [item for item in headings if item.kind == token.kind]
    if not series:
        return token.number <= 3
    last = series[-1]
    if token.kind == "节" and token.number == 1:
        return True
    if token.branch:
        return token.number == last.number and token.branch == last.branch + 1
    return last.number < token.number <= last.number + 3
