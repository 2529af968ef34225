"""What a letter takes from plans: the lines of the plan in force, or what was handed down."""

from typing import Any
from uuid import UUID

from responsibility.divisions.models import Body
from responsibility.plans.services import reading


def lines_for(body: Body, year: int) -> tuple[UUID | None, list[dict[str, Any]]]:
    """Return the plan (its public id) and its lines as values of ``LetterLine``.

    A body's own plan in force; without one, what the tier above has handed down to it.
    """
    own = reading.issued_lines(body, year)
    if own:
        return own[0].plan.public_id, [_line(line, line.target, line.baseline) for line in own]
    parts = reading.handed_down(body, str(year))
    plan = parts[0].line.plan.public_id if parts else None
    return plan, [_line(part.line, part.target, None) for part in parts]


def _line(line: Any, target: Any, baseline: Any) -> dict[str, Any]:
    return {
        "indicator": line.indicator,
        "name": line.indicator.name,
        "unit": line.indicator.unit,
        "target": target,
        "baseline": baseline,
        "definition": line.definition,
        "source": line.source,
        "responsible": str(line.responsible_body or ""),
        "due_on": line.due_on,
    }
