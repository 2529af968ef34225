"""Tiers, kinds of change, sort keys. Pure."""

import re
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
