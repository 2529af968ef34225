"""What a report kind is made of, and what its life is. Pure."""

from enum import StrEnum

from responsibility.common.periods import PeriodType

SHORT_DAYS = 3
"""Working days below which a deadline asks for a reason."""


class _Labelled(StrEnum):
    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return [(item.value, LABELS[item]) for item in cls]

    @property
    def label(self) -> str:
        """Return the Chinese word."""
        return LABELS[self]


class SectionKind(_Labelled):
    """What a section holds."""

    TEXT = "text"
    FIGURES = "figures"
    LIST = "list"
    FILES = "files"


class RowsAre(_Labelled):
    """What the rows of a figure table are."""

    INDICATORS = "indicators"
    DIVISIONS = "divisions"


class Column(_Labelled):
    """What a figure table shows of each figure."""

    PERIOD = "period"
    LAST = "last"
    CHANGE = "change"
    CUMULATIVE = "cumulative"
    PLAN = "plan"
    COMPLETION = "completion"


class Rhythm(_Labelled):
    """How often a report is due."""

    YEARLY = "yearly"
    HALF = "half_yearly"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"
    EVENT = "event"
    ONCE = "once"

    @property
    def period_type(self) -> PeriodType:
        """Return the type of the periods that reports of this rhythm are of."""
        return PERIODS[self]


class KindStatus(_Labelled):
    """Where one version of a kind stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    RETIRED = "retired"


class Severity(_Labelled):
    """What a check that does not hold does: stops the report, or is shown to the reviewer."""

    ERROR = "error"
    WARNING = "warning"


class CheckRule(_Labelled):
    """What a check compares. The keys of its ``params`` stand in ``PARAMS``."""

    RANGE = "range"
    SUM = "sum"
    EQUAL = "equal"
    AT_MOST = "at_most"
    JUMP = "jump"
    PLAN_EXCEEDED = "plan_exceeded"
    TEXT_EMPTY = "text_empty"


PARAMS: dict[CheckRule, tuple[tuple[str, ...], tuple[str, ...]]] = {
    CheckRule.RANGE: (("cell",), ("min", "max")),
    CheckRule.SUM: (("total", "parts"), ()),
    CheckRule.EQUAL: (("left", "right"), ()),
    CheckRule.AT_MOST: (("left", "right"), ()),
    CheckRule.JUMP: (("cell", "percent"), ()),
    CheckRule.PLAN_EXCEEDED: (("cell", "percent"), ()),
    CheckRule.TEXT_EMPTY: (("section",), ()),
}
"""Needed and optional parameters of each rule.

``cell``, ``left``, ``right``, ``total`` are indicator keys of the report's own cells; ``right``
may be ``kind-key/indicator-key``, the same body's and period's cell of another report. ``parts``
is a list of indicator keys. ``min``, ``max``, ``percent`` are decimal numbers as text (``"30"`` is
30 %). ``section`` is a section's key.
"""

LABELS: dict[StrEnum, str] = {
    SectionKind.TEXT: "文字",
    SectionKind.FIGURES: "数据",
    SectionKind.LIST: "清单",
    SectionKind.FILES: "附件",
    RowsAre.INDICATORS: "按指标",
    RowsAre.DIVISIONS: "按下级区划",
    Column.PERIOD: "本期",
    Column.LAST: "上期",
    Column.CHANGE: "变化",
    Column.CUMULATIVE: "本年累计",
    Column.PLAN: "计划",
    Column.COMPLETION: "完成率",
    Rhythm.YEARLY: "每年",
    Rhythm.HALF: "每半年",
    Rhythm.QUARTERLY: "每季度",
    Rhythm.MONTHLY: "每月",
    Rhythm.EVENT: "事项发生后",
    Rhythm.ONCE: "一次性",
    KindStatus.DRAFT: "草稿",
    KindStatus.PROPOSED: "待准入",
    KindStatus.APPROVED: "在用",
    KindStatus.RETIRED: "停用",
    Severity.ERROR: "错误，不能报送",
    Severity.WARNING: "提醒审核员",
    CheckRule.RANGE: "取值范围",
    CheckRule.SUM: "分项之和等于合计",
    CheckRule.EQUAL: "两数相等",
    CheckRule.AT_MOST: "一数不大于另一数",
    CheckRule.JUMP: "比上期变动过大",
    CheckRule.PLAN_EXCEEDED: "超过计划",
    CheckRule.TEXT_EMPTY: "文字没有写",
}
PERIODS = {
    Rhythm.YEARLY: PeriodType.YEAR,
    Rhythm.HALF: PeriodType.HALF,
    Rhythm.QUARTERLY: PeriodType.QUARTER,
    Rhythm.MONTHLY: PeriodType.MONTH,
    Rhythm.EVENT: PeriodType.MONTH,
    Rhythm.ONCE: PeriodType.YEAR,
}
TRANSITIONS: dict[str, dict[KindStatus, KindStatus]] = {
    "propose": {KindStatus.DRAFT: KindStatus.PROPOSED},
    "withdraw": {KindStatus.PROPOSED: KindStatus.DRAFT},
    "decline": {KindStatus.PROPOSED: KindStatus.DRAFT},
    "approve": {KindStatus.PROPOSED: KindStatus.APPROVED},
    "retire": {KindStatus.APPROVED: KindStatus.RETIRED, KindStatus.DRAFT: KindStatus.RETIRED},
}


def after(action: str, status: str) -> KindStatus | None:
    """Return where an action leads from a status, or None where it may not be taken."""
    return TRANSITIONS.get(action, {}).get(KindStatus(status))


def needs_reason(days: int | None) -> bool:
    """Say whether a limit of so many working days asks its issuer for a reason."""
    return days is not None and days < SHORT_DAYS
