"""Tiers, kinds of change, sort keys. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pypinyin import Style, lazy_pinyin


class Tier(StrEnum):
    """Administrative tiers; a column, never the depth of the path."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [(tier.value, TIER_LABELS[tier]) for tier in cls]


TIER_LABELS = {
    Tier.PROVINCE: "省级",
    Tier.CITY: "市级",
    Tier.COUNTY: "县级",
    Tier.TOWNSHIP: "乡级",
    Tier.VILLAGE: "村级",
}
TIER_CODE_LENGTH = {
    Tier.PROVINCE: 2,
    Tier.CITY: 4,
    Tier.COUNTY: 6,
    Tier.TOWNSHIP: 9,
    Tier.VILLAGE: 12,
}


class DivisionKind(StrEnum):
    """Whether the law knows the division, or the city set it up."""

    STATUTORY = "statutory"
    ZONE = "development-zone"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [(cls.STATUTORY, "行政区划"), (cls.ZONE, "市属开发区")]


class ChangeKind(StrEnum):
    """What can happen to a division."""

    CREATE = "create"
    RENAME = "rename"
    RECODE = "recode"
    MERGE = "merge"
    SPLIT = "split"
    TRANSFER = "transfer"
    ABOLISH = "abolish"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return list(zip([kind.value for kind in cls], _CHANGE_LABELS, strict=True))


_CHANGE_LABELS = ["设立", "更名", "变更代码", "合并", "分设", "划转", "撤销"]


class Fate(StrEnum):
    """What became of something open when its place changed."""

    CLOSED = "closed"
    HANDED_OVER = "handed_over"
    OPENED = "opened"
    REDIRECTED = "redirected"
    LEFT = "left"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return list(zip([fate.value for fate in cls], _FATE_LABELS, strict=True))


_FATE_LABELS = ["终止", "移交", "新开", "改由新上级审核", "须人工办理"]


class Certainty(StrEnum):
    """How sure a date or a document is."""

    VERIFIED = "verified"
    PENDING = "pending"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [(cls.VERIFIED, "已核"), (cls.PENDING, "待核")]


def short_code(code: str, tier: str) -> str:
    """Return a code cut to its tier's length (4, 6, 9 or 12), as user names show it.

    >>> short_code("371502011000", "township")
    '371502011'
    """
    return code[: TIER_CODE_LENGTH[Tier(tier)]]


def pinyin_of(name: str) -> tuple[str, str]:
    """Return the full pinyin (a sort key) and the initials of a name."""
    syllables = [part.lower() for part in lazy_pinyin(name, style=Style.NORMAL)]
    joined = "".join(re.sub(r"[^a-z0-9]", "", part) for part in syllables)
    initials = "".join(part[0] for part in syllables if part[:1].isalnum())
    return joined[:200], initials[:60]


def standard_order(code: str, kind: str) -> str:
    """Return the key of the standard order: by code, city development zones last."""
    return ("z" if kind == DivisionKind.ZONE else "a") + code


@dataclass(frozen=True)
class Row:
    """One line of a list of divisions, with its number in the file."""

    number: int
    code: str
    name: str
    tier: str
    parent_code: str
    kind: str


def check_rows(rows: list[Row], known: Mapping[str, tuple[str, str]]) -> list[tuple[int, str, str]]:
    """Return every mistake of a list as (row, column, message).

    ``known`` maps the codes that exist to (name, parent code).
    """
    codes = {row.code for row in rows} | set(known)
    tiers = {row.code: row.tier for row in rows}
    seen: set[str] = set()
    mistakes: list[tuple[int, str, str]] = []
    for row in rows:
        mistakes += [(row.number, column, text) for column, text in _check(row, codes, tiers)]
        if row.code in seen:
            mistakes.append((row.number, "code", f"代码 {row.code} 重复，请删去一行。"))
        seen.add(row.code)
        name, parent = known.get(row.code, (row.name, row.parent_code))
        if (name, parent) != (row.name, row.parent_code):
            text = f"与现有的“{name}”不一致，更名或划转请办区划变更。"
            mistakes.append((row.number, "name", text))
    return mistakes


def _check(row: Row, codes: Collection[str], tiers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(r"[0-9A-Z]{12}", row.code):
        yield "code", f"“{row.code[:20]}”应为 12 位代码。"
    if not row.name or len(row.name) > 60:
        yield "name", "名称应为 1 至 60 字。"
    elif not row.name.isprintable():
        yield "name", "名称里有看不见的字符，请重新输入。"
    if row.tier not in set(Tier):
        yield "tier", f"“{row.tier[:20]}”应为 {'、'.join(Tier)} 之一。"
    if row.kind and row.kind not in set(DivisionKind):
        yield "kind", f"“{row.kind[:20]}”应为 {'、'.join(DivisionKind)} 之一。"
    if row.parent_code and row.parent_code not in codes:
        yield "parent_code", f"上级代码 {row.parent_code[:20]} 不存在。"
    above = tiers.get(row.parent_code)
    if above in _RANK and row.tier in _RANK and _RANK[above] >= _RANK[row.tier]:
        yield "parent_code", "上级的层级应高于本级。"


_RANK: dict[str | None, int] = {tier.value: rank for rank, tier in enumerate(Tier)}


def is_above(upper: str, lower: str) -> bool:
    """Say whether a tier stands above another.

    >>> is_above("city", "village"), is_above("township", "township")
    (True, False)
    """
    return _RANK[upper] < _RANK[lower]


def tier_below(tier: str) -> str | None:
    """Return the next tier down, or None below the village.

    >>> tier_below("county"), tier_below("village")
    ('township', None)
    """
    order = [item.value for item in Tier]
    place = order.index(tier) + 1
    return order[place] if place < len(order) else None


def clean_query(text: str) -> str:
    """Return what was typed into a search box without what no name or code holds."""
    return " ".join(text.replace("\0", "").split())[:60]


@dataclass(frozen=True)
class MarkRow:
    """One line of a list of marks, with its number in the sheet."""

    number: int
    code: str
    mark: str
    since: date
    until: date | None
    basis: str


def parse_day(value: object) -> date | None:
    """Return a date from a cell (date, ``2020-12-17``, ``2020/12/17``, ``2020年12月17日``, a year).

    Raises ValueError for anything else; an empty cell is None.

    >>> parse_day("2020年12月17日"), parse_day("2016"), parse_day(" ")
    (datetime.date(2020, 12, 17), datetime.date(2016, 1, 1), None)
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value if value is not None else "").strip()
    if not text:
        return None
    text = re.sub(r"\.0$", "", text)
    if re.fullmatch(r"\d{4}", text):
        return date(int(text), 1, 1)
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    if not found:
        raise ValueError(text)
    return date(*(int(part) for part in found.groups()))


def village_name(name: str) -> str:
    """Return the display name of a village: 委会 dropped from the list's name.

    >>> village_name("东吕庄村委会"), village_name("里固新村村委会")
    ('东吕庄村', '里固新村')
    """
    if name.endswith("村村委会"):
        return name.removesuffix("村委会")
    if name.endswith("村委会"):
        return name.removesuffix("委会")
    return name.removesuffix("居委会")
