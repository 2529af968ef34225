"""Report kinds as rows; reports with their texts, cells, review and frozen snapshot."""

from responsibility.reports.models.checks import ReportCheck
from responsibility.reports.models.files import ReportFile
from responsibility.reports.models.kinds import CellDef, FigureWish, ReportKind, SectionDef
from responsibility.reports.models.remarks import CannedRemark
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
    "CannedRemark",
    "CellDef",
    "FigureWish",
    "Report",
    "ReportCell",
    "ReportCheck",
    "ReportFile",
    "ReportKind",
    "ReportQuerySet",
    "ReportRemark",
    "ReportSlip",
    "ReportSnapshot",
    "ReportStep",
    "ReportText",
    "SectionDef",
]
