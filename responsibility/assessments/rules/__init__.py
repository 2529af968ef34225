"""Scoring: schemes as data and the arithmetic of marks. Nothing of Django is here.

The files ``scheme``, ``parsing``, ``measures``, ``leaves`` and ``totals`` need Python alone, so
that a score can be recomputed elsewhere with the same arithmetic.
"""

from .leaves import score_leaf
from .outlook import Outlook, outlook, simulate
from .parsing import SchemeError, dump_scheme, parse_inputs, parse_scheme
from .scheme import (
    Band,
    Bands,
    Bonus,
    DataItem,
    Deduction,
    Grade,
    Inputs,
    Leaf,
    Manual,
    Node,
    Part,
    PerCase,
    PerGap,
    Problem,
    Ratio,
    Reach,
    RedLine,
    Result,
    Rule,
    Scheme,
    ScoreResult,
    Stage,
    State,
    Unscored,
)
from .totals import score_scheme
from .validation import Known, validate

__all__ = [
    "Band",
    "Bands",
    "Bonus",
    "DataItem",
    "Deduction",
    "Grade",
    "Inputs",
    "Known",
    "Leaf",
    "Manual",
    "Node",
    "Outlook",
    "Part",
    "PerCase",
    "PerGap",
    "Problem",
    "Ratio",
    "Reach",
    "RedLine",
    "Result",
    "Rule",
    "Scheme",
    "SchemeError",
    "ScoreResult",
    "Stage",
    "State",
    "Unscored",
    "dump_scheme",
    "outlook",
    "parse_inputs",
    "parse_scheme",
    "score_leaf",
    "score_scheme",
    "simulate",
    "validate",
]
