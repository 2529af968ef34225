"""The steps of a yearly run, the sample that can be drawn again, who may verify what."""

import hashlib
from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class Stage(StrEnum):
    """Where a run stands."""

    PREPARING = "preparing"
    COLLECTING = "collecting"
    SELF = "self"
    VERIFYING = "verifying"
    COMPOSED = "composed"
    NOTICED = "noticed"
    FROZEN = "frozen"
    PUBLISHED = "published"


STAGES = {
    Stage.PREPARING: "准备",
    Stage.COLLECTING: "取数",
    Stage.SELF: "自评",
    Stage.VERIFYING: "核验",
    Stage.COMPOSED: "初步结果",
    Stage.NOTICED: "反馈与申诉",
    Stage.FROZEN: "结果已冻结",
    Stage.PUBLISHED: "已通报",
}
ORDER = tuple(Stage)
OPEN = (Stage.COLLECTING, Stage.SELF, Stage.VERIFYING, Stage.COMPOSED, Stage.NOTICED)
"""Steps in which inputs may still change."""
TOLD = (Stage.NOTICED, Stage.FROZEN, Stage.PUBLISHED)
"""Steps in which a unit sees its own marks."""
SETTLED = (Stage.FROZEN, Stage.PUBLISHED)


class Finding(StrEnum):
    """What a verifier found."""

    NONE = ""
    AGREED = "agreed"
    ADJUSTED = "adjusted"


FINDINGS = {Finding.NONE: "未核验", Finding.AGREED: "属实", Finding.ADJUSTED: "已调整"}


class Decision(StrEnum):
    """How an appeal ended."""

    OPEN = ""
    GRANTED = "granted"
    REFUSED = "refused"


DECISIONS = {Decision.OPEN: "待决定", Decision.GRANTED: "采纳", Decision.REFUSED: "不采纳"}


class Mending(StrEnum):
    """Where a rectification stands."""

    OPEN = "open"
    REPORTED = "reported"
    RETURNED = "returned"
    CLOSED = "closed"


MENDINGS = {
    Mending.OPEN: "整改中",
    Mending.REPORTED: "待销号",
    Mending.RETURNED: "已退回",
    Mending.CLOSED: "已销号",
}


def following(stage: str) -> Stage | None:
    """Return the step after this one, or None after the last."""
    place = ORDER.index(Stage(stage)) + 1
    return ORDER[place] if place < len(ORDER) else None


def drawn(seed: str, keys: Collection[str], share: Decimal) -> frozenset[str]:
    """Return the sample: ``share`` percent of the keys, rounded up, by SHA-256 of seed and key.

    Whoever knows the published seed draws the same sample again; the order of keys is nothing.
    """
    count = -(-(Fraction(share) * len(keys)) // 100)
    ranked = sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).hexdigest())
    return frozenset(ranked[: int(count)])


def verifier_problem(
    *, verifier: int, recorders: Collection[int], own_paths: Collection[str], path: str
) -> str:
    """Say why somebody may not verify a subject, or an empty string.

    ``own_paths`` are the places where the verifier holds a post; above the subject is no obstacle.
    """
    if verifier in recorders:
        return "填报本项数据或自评的人不能核验本项。"
    if any(own.startswith(path) for own in own_paths):
        return "核验人不能是被考核单位的人员，请换人核验。"
    return ""
