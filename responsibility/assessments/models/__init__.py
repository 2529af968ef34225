"""Schemes, yearly runs, what they rest on, and what came out."""

from responsibility.assessments.models.inputs import (
    DataItem,
    LeafEntry,
    LeafEvidence,
    PartMark,
    RedLineHit,
)
from responsibility.assessments.models.outcome import Appeal, Rectification, Result
from responsibility.assessments.models.running import AssessmentRun, Subject, Verifier
from responsibility.assessments.models.schemes import SchemeVersion

__all__ = [
    "Appeal",
    "AssessmentRun",
    "DataItem",
    "LeafEntry",
    "LeafEvidence",
    "PartMark",
    "Rectification",
    "RedLineHit",
    "Result",
    "SchemeVersion",
    "Subject",
    "Verifier",
]
