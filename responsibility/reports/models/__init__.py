"""Report kinds as rows; reports with their texts, cells, review and frozen snapshot."""

from responsibility.reports.models.kinds import CellDef, ReportKind, SectionDef
from responsibility.reports.models.report import (
    Report,
    ReportCell,
    ReportQuerySet,
    ReportRemark,
    ReportSlip,
    ReportSnapshot,
    ReportStep,
    ReportText,
)

__all__ = [
    "CellDef",
    "Report",
    "ReportCell",
    "ReportKind",
    "ReportQuerySet",
    "ReportRemark",
    "ReportSlip",
    "ReportSnapshot",
    "ReportStep",
    "ReportText",
    "SectionDef",
]
