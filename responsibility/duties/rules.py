"""States of assignments, categories and rhythms of duties. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any


def _choices(enum: type[StrEnum], labels: list[str]) -> list[tuple[str, str]]:
    return list(zip([item.value for item in enum], labels, strict=True))


class Category(StrEnum):
    """What kind of responsibility."""

    LEADERSHIP = "leadership"
    DEPARTMENT = "department"
    SOCIETY = "society"
    ASSISTANCE = "assistance"


CATEGORIES = _choices(Category, ["领导责任", "部门责任", "社会责任", "帮扶责任"])


class Rhythm(StrEnum):
    """How often a duty is due."""

    ONCE = "once"
    YEARLY = "yearly"
    HALF_YEARLY = "half_yearly"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"
    STANDING = "standing"
    ON_EVENT = "on_event"


RHYTHMS = _choices(Rhythm, ["一次性", "每年", "每半年", "每季度", "每月", "经常性", "遇事即办"])


class ClauseRole(StrEnum):
    """What a clause does for a duty."""

    CREATES = "creates"
    SUPPORTS = "supports"


CLAUSE_ROLES = _choices(ClauseRole, ["设定", "佐证"])


class Standing(StrEnum):
    """Whether a duty really binds a body."""

    ACTIVE = "active"
    UNLISTED = "unlisted"
    UNDETERMINED = "undetermined"
    DETERMINED = "determined"
    NOT_APPLICABLE = "not_applicable"
    ENDED = "ended"


STANDINGS = _choices(Standing, ["承担", "未列明", "待认定", "已认定", "不适用", "单位已撤销"])


class Status(StrEnum):
    """How an assignment stands, from what was logged on it."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DONE = "done"


STATUSES = _choices(Status, ["未开展", "进行中", "待审核", "退回", "已落实"])


class BadCatalogue(ValueError):  # noqa: N818 - reads as a word where it is caught
    """The catalogue breaks a rule; the message is Chinese and names the entry."""


def check_catalogue(data: Mapping[str, Any], clauses: Mapping[tuple[str, int], str]) -> list[str]:
    """Return every mistake of a duty catalogue against the clauses of its regulation.

    Every clause is covered (duties, or ``none`` with a reason); every quote is a substring of its
    clause and occurs once; every duty names its bearers or says why there are none.
    """
    mistakes: list[str] = []
    covered = {(str(item["article"]), int(item["clause"])) for item in data.get("clauses", [])}
    keys: set[str] = set()
    for entry in data["duties"]:
        key = entry.get("key", "?")
        if key in keys:
            mistakes.append(f"{key}：编号重复。")
        keys.add(key)
        mistakes += [f"{key}：{text}" for text in _check_duty(entry, clauses)]
        covered |= {(str(c["article"]), int(c["clause"])) for c in entry.get("clauses", [])}
    for article, clause in clauses:
        if (article, clause) not in covered:
            mistakes.append(f"第{article}条第{clause}款没有责任项，也没有写明原因。")
    return mistakes


NAMES = {
    "bearers": "责任主体种类",
    "unlisted": "责任主体种类",
    "needs_mark": "标记",
    "deadline_rule": "时限规则",
    "indicators": "指标",
}


def unknown_names(data: Mapping[str, Any], known: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Yield every name in a catalogue that nothing loaded answers to, by entry.

    ``known``: field → names. A mark that nobody knows must not become a duty for everyone.
    """
    for entry in data["duties"]:
        for name, label in NAMES.items():
            given = entry.get(name) or []
            for item in [given] if isinstance(given, str) else given:
                if item not in known[name]:
                    yield f"{entry.get('key', '?')}：没有{label}“{item}”。"


def _check_duty(entry: Mapping[str, Any], clauses: Mapping[tuple[str, int], str]) -> Iterator[str]:
    for item in entry.get("clauses", []):
        text = clauses.get((str(item["article"]), int(item["clause"])))
        if text is None:
            yield f"没有第{item['article']}条第{item['clause']}款。"
        elif not item.get("quote"):
            yield f"第{item['article']}条第{item['clause']}款没有引原文。"
        elif text.count(item["quote"]) != 1:
            yield f"引文在条文中出现 {text.count(item['quote'])} 次，应恰好一次。"
    if not any(item.get("role") == ClauseRole.CREATES for item in entry.get("clauses", [])):
        yield "没有设定它的条款。"
    borne = [*entry.get("bearers", []), *entry.get("unlisted", [])]
    if not entry.get("bearers") and not entry.get("society"):
        yield "没有责任主体，也没有写明不落到单位的原因。"
    if borne and entry.get("society"):
        yield "既有责任主体，又写了不落到单位的原因。"
    if len(set(borne)) < len(borne):
        yield "责任主体重复。"
    if not entry.get("title"):
        yield "没有标题。"
    if entry.get("category") not in set(Category):
        yield f"类别“{entry.get('category')}”不在可选之列。"
    if entry.get("rhythm") not in set(Rhythm):
        yield f"频次“{entry.get('rhythm')}”不在可选之列。"


@dataclass(frozen=True)
class Bearing:
    """What decides whether and how a body bears a duty."""

    unlisted: bool
    extended: bool
    needs_mark: bool
    is_marked: bool


def standing_of(bearing: Bearing) -> Standing | None:
    """Return how a duty stands for a body, or None where it is not borne at all.

    A zone bears only where the clause names it, or after the office extended the duty (未列明
    until then). A duty that asks for a mark binds marked divisions only.
    """
    if bearing.needs_mark and not bearing.is_marked:
        return None
    if bearing.unlisted and not bearing.extended:
        return Standing.UNLISTED
    return Standing.ACTIVE


WAITS_FOR_MARK = "尚未导入本地“{mark}”名单，导入后即认定；没有的请认定为不适用"
MARKS_KNOWN = "已导入本地“{mark}”名单，由名单上的单位承担"
MARK_ENDED = "“{mark}”标记已作废或到期"
WAITS_FOR_EXTENSION = "条文未列明市属开发区，须由市办按依据（如参照县级）明确后承担"


@dataclass(frozen=True)
class Piece:
    """A stretch of a clause's text: the duties that begin here, and whether it is quoted."""

    numbers: tuple[int, ...]
    text: str
    quoted: bool


def pieces(text: str, quotes: Mapping[int, str]) -> list[Piece]:
    """Cut a clause's text at the quotes of its duties (number → exact words).

    >>> [p.text for p in pieces("甲做一。乙做二。", {1: "做一", 2: "做二"})]
    ['甲', '做一', '。乙', '做二', '。']
    """
    starts: dict[int, list[int]] = {}
    quoted = [False] * len(text)
    for number, quote in quotes.items():
        at = text.find(quote) if quote else -1
        if at < 0:
            continue
        starts.setdefault(at, []).append(number)
        quoted[at : at + len(quote)] = [True] * len(quote)
    cuts = [at for at in range(1, len(text)) if at in starts or quoted[at] != quoted[at - 1]]
    edges = [0, *cuts, len(text)]
    return [
        Piece(tuple(starts.get(start, ())), text[start:end], quoted[start])
        for start, end in pairwise(edges)
        if end > start
    ]


def cell_state(counts: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return (colour, words) of one duty in one county: the most urgent first.

    ``counts`` has total, done, returned, late, unlisted, undetermined, and perhaps red (past the
    limit); None: nobody bears it.
    """
    if not counts or not any(counts[key] for key in ("total", "unlisted", "undetermined")):
        return "draft", "不承担"
    if not counts["total"]:
        return "draft", "未列明" if counts["unlisted"] else "待认定"
    share = f"{counts['done']}/{counts['total']}"
    if counts["done"] == counts["total"]:
        return "green", "已落实" if counts["total"] == 1 else share
    if counts.get("red"):
        return "red", f"超限 {counts['red']}"
    if counts["late"]:
        return "yellow", f"逾期 {counts['late']}"
    if counts["returned"]:
        return "yellow", f"退回 {counts['returned']}"
    return "blue", "进行中" if counts["total"] == 1 else share
