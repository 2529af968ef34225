"""Pure rules of reports: what a kind is made of, what a report must hold."""

from responsibility.reports.rules.content import (
    FIGURE,
    TEXT_LIMIT,
    WHOLE,
    change,
    digest,
    missing,
    open_figures,
    open_items,
    period_problem,
)
from responsibility.reports.rules.kinds import (
    CheckRule,
    Column,
    KindStatus,
    Rhythm,
    RowsAre,
    SectionKind,
    Severity,
)

__all__ = [
    "FIGURE",
    "TEXT_LIMIT",
    "WHOLE",
    "CheckRule",
    "Column",
    "KindStatus",
    "Rhythm",
    "RowsAre",
    "SectionKind",
    "Severity",
    "change",
    "digest",
    "missing",
    "open_figures",
    "open_items",
    "period_problem",
]
