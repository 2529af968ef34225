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
