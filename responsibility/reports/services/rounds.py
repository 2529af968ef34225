"""What a reviewer compares: the rounds before, and what changed since the last one."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from responsibility.flow.rules import Action
from responsibility.reports.models import Report, ReportRemark, ReportSnapshot
from responsibility.reports.rules import FIGURE, WHOLE


@dataclass(frozen=True)
class Line:
    """One remark: its item, what was said, what was answered, the value before and after."""

    item: str
    label: str
    remark: ReportRemark

    @property
    def changed(self) -> bool:
        """Say whether the item was changed after the remark."""
        return self.remark.settled_at is not None and self.remark.old_value != self.remark.new_value


@dataclass(frozen=True)
class Round:
    """One return: its number and its remarks in the order of the report."""

    number: int
    lines: list[Line]


@dataclass(frozen=True)
class Change:
    """An item that changed between two hand-ins without having been remarked on."""

    label: str
    old: str
    new: str


def rounds_of(report: Report, labels: Mapping[str, str]) -> list[Round]:
    """Return the returns of a report, the last first, each with what became of its remarks."""
    order = {item: place for place, item in enumerate(labels)}
    rows = sorted(
        report.remarks.select_related("by"),
        key=lambda row: (-row.round, order.get(row.item, len(order)), row.pk),
    )
    return [
        Round(number, [Line(row.item, _label(row.item, labels), row) for row in found])
        for number, found in groupby(rows, key=lambda row: row.round)
    ]


def _label(item: str, labels: Mapping[str, str]) -> str:
    return "整份报告" if item == WHOLE else labels.get(item, item)


def also_changed(report: Report, labels: Mapping[str, str], seen: set[str]) -> list[Change]:
    """Return what changed between the last two hand-ins beside the items in ``seen``."""
    if not report.steps.filter(action=Action.RETURN).exists():
        return []
    last = list(
        ReportSnapshot.objects.filter(report_id=report.pk, stage="submitted").order_by("-id")[:2]
    )
    if len(last) < 2:
        return []
    new, old = (_values(snapshot.content) for snapshot in last)
    return [
        Change(label, old.get(item, ""), new.get(item, ""))
        for item, label in labels.items()
        if item not in seen and old.get(item, "") != new.get(item, "")
    ]


def _values(content: Mapping[str, Any]) -> dict[str, str]:
    figures = {
        f"{FIGURE}{key}": str(cell.get("value") or "") for key, cell in content["figures"].items()
    }
    files = {
        key: "、".join(file["name"] for file in found)
        for key, found in content.get("files", {}).items()
    }
    return {**content["texts"], **figures, **files}


def unclear(report: Report) -> str:
    """Return why a report is not clean, so that it is read by itself; empty for a clean one."""
    if report.flags:
        return "有系统提醒，请单独审核。"
    if report.no_data_reason:
        return "答了本单位无此数据，请单独审核。"
    if report.cells.filter(value=None).exists():
        return "有的数据没有数，请单独审核。"
    return ""
