"""Plans: kinds, stages, splits that add up, checks, allocation by factors. Pure."""

from responsibility.plans.rules.apportion import BadSplit, apportion, remainder_words, step_of
from responsibility.plans.rules.checks import (
    Line,
    Part,
    PlanKind,
    absurd,
    balance,
    blocking,
    line_problems,
)

__all__ = [
    "BadSplit",
    "Line",
    "Part",
    "PlanKind",
    "absurd",
    "apportion",
    "balance",
    "blocking",
    "line_problems",
    "remainder_words",
    "step_of",
]
