"""States of runs and receipts. Pure."""

from enum import StrEnum


class RunStatus(StrEnum):
    """Where a background run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return list(zip([item.value for item in cls], _RUN_LABELS, strict=True))


_RUN_LABELS = ["等待", "进行中", "完成", "失败", "已取消"]


class ReceiptStatus(StrEnum):
    """What became of an upload."""

    LOADED = "loaded"
    PARTIAL = "partial"
    REFUSED = "refused"
    UNCHANGED = "unchanged"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return the choices with their Chinese words."""
        return list(zip([item.value for item in cls], _RECEIPT_LABELS, strict=True))


_RECEIPT_LABELS = ["全部载入", "部分载入", "未载入", "无变化"]
OPEN_RUNS = frozenset({RunStatus.WAITING, RunStatus.RUNNING})
SILENT_AFTER = 60  # seconds without a sign of life: the worker of a run is taken for dead
MAX_RUN_ATTEMPTS = 5  # a run that kills its worker each time is given up
RECEIPT_LIMIT = 20_000  # lines kept on one receipt
LATE_AFTER = 90.0  # seconds without a sign of life; one is written every 20


def heartbeat_state(age: float | None) -> tuple[str, str]:
    """Return state and words for the age of a heartbeat in seconds (None: never heard).

    >>> heartbeat_state(5)
    ('ok', '正常，5 秒前')
    """
    if age is None:
        return "unknown", "从未收到"
    if age <= LATE_AFTER:
        return "ok", f"正常，{age:.0f} 秒前"
    minutes = age / 60
    return "late", f"已 {minutes:.0f} 分钟没有信号" if minutes >= 2 else f"已 {age:.0f} 秒没有信号"


def receipt_line(what: str, done: bool, why: str = "") -> dict[str, str | bool]:
    """Return one line of a run's receipt: what, whether it was done, and if not, why.

    >>> receipt_line("冠县", False, "没有负责人。")
    {'what': '冠县', 'done': False, 'why': '没有负责人。'}
    """
    return {"what": what[:200], "done": done, "why": why[:300]}
