"""Conditions that are not dates. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """What is amiss."""

    PRINCIPAL_VACANT = "principal_vacant"
    NO_RECORDER = "no_recorder"
    NO_REVIEWER = "no_reviewer"
    NO_CONTACT_LEADER = "no_contact_leader"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [(kind.value, LABELS[kind]) for kind in cls]


LABELS = {
    Kind.PRINCIPAL_VACANT: "党政正职空缺",
    Kind.NO_RECORDER: "没有填报员",
    Kind.NO_REVIEWER: "没有审核员",
    Kind.NO_CONTACT_LEADER: "没有联系领导",
}
BASES = {
    Kind.PRINCIPAL_VACANT: "细则第四条：保持党政正职相对稳定",
    Kind.NO_RECORDER: "本市设定：有责任的地方须有人填报",
    Kind.NO_REVIEWER: "本市设定：下级报送的须有人审核",
    Kind.NO_CONTACT_LEADER: "本市设定：每个县（市、区）有一名市级领导联系",
}
MENDS = {
    Kind.PRINCIPAL_VACANT: "在“岗位”里登记任职，或登记主持工作的人。",
    Kind.NO_RECORDER: "在“岗位”里给填报员授权。",
    Kind.NO_REVIEWER: "在“岗位”里给审核员授权。",
    Kind.NO_CONTACT_LEADER: "在“岗位”里登记联系领导。",
}


@dataclass(frozen=True)
class Finding:
    """One thing amiss: the subject by (model label, public id), and where it lies."""

    subject_type: str
    subject_id: UUID
    division_id: int
    title: str
    body_id: int | None = None
