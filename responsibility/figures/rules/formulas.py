"""The formulas of indicators: a small language, read by hand and never by ``eval``.

    formula := term (("+" | "-") term)*
    term    := factor (("*" | "/" | "×" | "÷") factor)*
    factor  := "-" factor | number | key | "[" name "]" | function "(" formula, … ")" | "(" … ")"

A key may hold hyphens (``i-poor-people``), so a minus sign between keys stands between spaces.
Functions: ``prev(x)`` the period before, ``yoy(x)`` the same period last year, ``cumulative(x)``
from the year's beginning, ``sum``, ``min``, ``max`` and ``round(x, places)``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

MAX_LENGTH = 500
MAX_DEPTH = 20
MAX_SHIFTS = 2
SHIFTS = ("prev", "yoy", "cumulative")
CHOOSERS = ("sum", "min", "max")
FUNCTIONS = (*SHIFTS, *CHOOSERS, "round")

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)(?![\w.])"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*)"
    r"|\[(?P<label>[^\[\]]{1,100})\]"
    r"|(?P<mark>[-+*/(),]))",
    re.ASCII,
)
_WIDE = str.maketrans("×÷＋－−＊／（），、", "*/+--*/(),,")
_LABEL = re.compile(r"[\[［]([^\[\]［］]*)[\]］]")


class FormulaError(ValueError):
    """The formula cannot be read; the message is Chinese, ``at`` the place in the text."""

    def __init__(self, message: str, at: int = 0) -> None:
        """Keep the place."""
        super().__init__(message)
        self.at = at


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: Decimal


@dataclass(frozen=True)
class Ref:
    """Another indicator, by key."""

    key: str


@dataclass(frozen=True)
class Negative:
    """The opposite of something."""

    inner: "Node"


@dataclass(frozen=True)
class Binary:
    """Two things joined by ``+ - * /``."""

    mark: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Call:
    """A function of one or more things."""

    name: str
    arguments: tuple["Node", ...]


Node = Number | Ref | Negative | Binary | Call


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            rest = text[at:].lstrip()
            raise FormulaError(f"“{rest[:8]}”处看不懂，请核对。", at)
        kind = match.lastgroup or "mark"
        found.append(_Token(kind, match[kind], match.start(kind)))
        at = match.end()
    return found


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[_Token], names: Mapping[str, str], end: int) -> None:
        self.tokens, self.names, self.end = tokens, names, end
        self.place = self.depth = 0

    def peek(self) -> str:
        """Return the mark that comes next, empty where it is no mark."""
        if self.place < len(self.tokens) and self.tokens[self.place].kind == "mark":
            return self.tokens[self.place].text
        return ""

    def take(self) -> _Token:
        """Return the next token and step over it."""
        if self.place >= len(self.tokens):
            raise FormulaError("公式没有写完。", self.end)
        self.place += 1
        return self.tokens[self.place - 1]

    def expect(self, mark: str, message: str) -> None:
        """Step over a mark that must be there."""
        if self.peek() != mark:
            at = self.tokens[self.place].at if self.place < len(self.tokens) else self.end
            raise FormulaError(message, at)
        self.place += 1

    def sums(self) -> Node:
        """Read terms joined by plus and minus."""
        return self._joined("+-", self.products)

    def products(self) -> Node:
        """Read factors joined by times and divided."""
        return self._joined("*/", self.factor)

    def _joined(self, marks: str, part: Callable[[], Node]) -> Node:
        left = part()
        while self.peek() and self.peek() in marks:
            mark = self.take().text
            left = Binary(mark, left, part())
        return left

    def factor(self) -> Node:
        """Read one thing."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError("括号套得太深，请拆成几个指标。", self.end)
        try:
            return self._factor()
        finally:
            self.depth -= 1

    def _factor(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return Number(Decimal(token.text))
        if token.kind == "label":
            return Ref(self._named(token))
        if token.kind == "name":
            if self.peek() == "(":
                return self._call(token)
            return Ref(token.text)
        if token.text == "-":
            return Negative(self.factor())
        if token.text == "(":
            inner = self.sums()
            self.expect(")", "少一个右括号。")
            return inner
        raise FormulaError(f"“{token.text}”的位置不对。", token.at)

    def _named(self, token: _Token) -> str:
        name = token.text.strip()
        if name not in self.names:
            raise FormulaError(f"没有叫“{name[:20]}”的指标，或有重名。", token.at)
        return self.names[name]

    def _call(self, token: _Token) -> Node:
        if token.text not in FUNCTIONS:
            raise FormulaError(
                f"没有函数“{token.text[:20]}”，可用：{'、'.join(FUNCTIONS)}。", token.at
            )
        self.expect("(", "函数后应有括号。")
        arguments = [self.sums()]
        while self.peek() == ",":
            self.take()
            arguments.append(self.sums())
        self.expect(")", "少一个右括号。")
        _check_call(token, arguments)
        return Call(token.text, tuple(arguments))


def _check_call(token: _Token, arguments: list[Node]) -> None:
    if token.text in SHIFTS and len(arguments) != 1:
        raise FormulaError(f"{token.text}() 里只能写一项。", token.at)
    if token.text == "round":
        places = arguments[1] if len(arguments) == 2 else None
        if not isinstance(places, Number) or places.value not in range(7):
            raise FormulaError("round() 应写作 round(算式, 位数)，位数 0 至 6。", token.at)


def _plain(text: str) -> str:
    """Return the text with full-width signs as plain ones, but for names in brackets."""
    pieces = _LABEL.split(text)
    return "".join(
        f"[{piece}]" if number % 2 else piece.translate(_WIDE)
        for number, piece in enumerate(pieces)
    )


def parse(text: str, names: Mapping[str, str] | None = None) -> Node:
    """Return the tree of a formula; ``names`` gives the key of each name in brackets.

    Raises FormulaError with a Chinese message. Full-width signs are taken as their plain ones.
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"公式最多 {MAX_LENGTH} 字。")
    plain = _plain(text)
    tokens = _tokens(plain)
    if not tokens:
        raise FormulaError("公式还没有写。")
    reader = _Reader(tokens, names or {}, len(plain))
    tree = reader.sums()
    if reader.place < len(tokens):
        token = tokens[reader.place]
        raise FormulaError(f"“{token.text[:20]}”前面少一个运算符。", token.at)
    if any(isinstance(item, Call) and item.name == "round" for item in _below(tree)):
        raise FormulaError("round() 只能写在最外面。")
    if _shifts(tree) > MAX_SHIFTS:
        raise FormulaError(f"上期、同期、累计最多套 {MAX_SHIFTS} 层。")
    return tree


def parts(node: Node) -> tuple[Node, ...]:
    """Return what a node is made of."""
    if isinstance(node, Negative):
        return (node.inner,)
    if isinstance(node, Binary):
        return (node.left, node.right)
    return node.arguments if isinstance(node, Call) else ()


def _shifts(node: Node) -> int:
    below = max((_shifts(part) for part in parts(node)), default=0)
    return below + (isinstance(node, Call) and node.name in SHIFTS)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, from left to right."""
    yield node
    for part in parts(node):
        yield from walk(part)


def _below(node: Node) -> Iterator[Node]:
    return (item for part in parts(node) for item in walk(part))


def keys(node: Node) -> tuple[str, ...]:
    """Return the keys that a formula reads, each once, in their order."""
    return tuple(dict.fromkeys(item.key for item in walk(node) if isinstance(item, Ref)))


def canonical(node: Node) -> str:
    """Return the formula as it is kept: keys, plain signs, no needless brackets."""
    return render(node, PLAIN, lambda ref: ref.key)


@dataclass(frozen=True)
class Style:
    """How a formula is written out."""

    marks: Mapping[str, str]
    number: Callable[[Decimal], str]
    call: Callable[[str, list[str]], str]


_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}


def render(node: Node, style: Style, leaf: Callable[[Ref], str]) -> str:
    """Return a formula written out in a style, its indicators as ``leaf`` says."""
    return _render(node, style, leaf)[0]


def _render(node: Node, style: Style, leaf: Callable[[Ref], str]) -> tuple[str, int]:
    """Return the text and how strongly it holds together (3: never needs brackets)."""
    if isinstance(node, Number):
        return style.number(node.value), 3
    if isinstance(node, Ref):
        return leaf(node), 3
    if isinstance(node, Call):
        return style.call(node.name, [_render(part, style, leaf)[0] for part in node.arguments]), 3
    if isinstance(node, Negative):
        text, strength = _render(node.inner, style, leaf)
        return "-" + (text if strength == 3 else f"({text})"), 2
    own = _STRENGTH[node.mark]
    left, left_strength = _render(node.left, style, leaf)
    right, right_strength = _render(node.right, style, leaf)
    if left_strength < own:
        left = f"({left})"
    compound = isinstance(node.right, Binary | Negative)
    if right_strength < own or (right_strength == own and compound):
        right = f"({right})"
    return f"{left}{style.marks[node.mark]}{right}", own


PLAIN = Style(
    {"+": " + ", "-": " - ", "*": " * ", "/": " / "},
    lambda value: f"{value:f}",
    lambda name, arguments: f"{name}({', '.join(arguments)})",
)


_SHIFTED = {"prev": "上期", "yoy": "上年同期", "cumulative": "本年累计"}
_CHOSEN = {"sum": "之和", "min": "中的最小数", "max": "中的最大数"}


def _in_chinese(name: str, arguments: list[str]) -> str:
    inner = "、".join(arguments)
    if name in SHIFTS:
        return _SHIFTED[name] + (f"（{inner}）" if " " in inner else inner)
    if name == "round":
        return f"（{arguments[0]}）保留{arguments[1]}位小数"
    return f"（{inner}）{_CHOSEN[name]}"


CHINESE = Style(
    {"+": " ＋ ", "-": " － ", "*": " × ", "/": " ÷ "},
    lambda value: f"{value:f}",
    _in_chinese,
)


def in_words(node: Node, names: Mapping[str, str]) -> str:
    """Return the formula in Chinese words: names of indicators, 上期, 上年同期, 本年累计."""
    text = render(node, CHINESE, lambda ref: names.get(ref.key, ref.key))
    return text.replace("(", "（").replace(")", "）")


def find_cycle(reads: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return a ring of keys that read each other (first = last), empty if there is none.

    ``reads`` gives for each formula the keys that it reads.
    """
    done: set[str] = set()
    for start in reads:
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(reads[start]))]
        path.append(start)
        while stack:
            key, rest = stack[-1]
            following = next((item for item in rest if item not in done), None)
            if following is None:
                done.add(key)
                stack.pop()
                path.pop()
            elif following in path:
                return (*path[path.index(following) :], following)
            elif following in reads:
                stack.append((following, iter(reads[following])))
                path.append(following)
            else:
                done.add(following)
    return ()
