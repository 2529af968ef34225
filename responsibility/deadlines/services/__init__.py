"""The only writers of deadlines, their rules and the calendar."""

from responsibility.deadlines.services.calendar_days import declare_day, void_day
from responsibility.deadlines.services.catalogue import (
    Move,
    change_rule,
    import_rules,
    preview_change,
    recompute,
    recompute_uncertain,
)
from responsibility.deadlines.services.explanations import decide_explanation, explain
from responsibility.deadlines.services.lifecycle import cancel, close, pause, reopen, resume, settle
from responsibility.deadlines.services.opening import Opening, explain_date, open_event, open_many
from responsibility.deadlines.services.sweeping import Swept, sweep

__all__ = [
    "Move",
    "Opening",
    "Swept",
    "cancel",
    "change_rule",
    "close",
    "decide_explanation",
    "declare_day",
    "explain",
    "explain_date",
    "import_rules",
    "open_event",
    "open_many",
    "pause",
    "preview_change",
    "recompute",
    "recompute_uncertain",
    "reopen",
    "resume",
    "settle",
    "sweep",
    "void_day",
]
