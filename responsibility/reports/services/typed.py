"""The figures that a report itself asks for: typed in it, in the ledger once it has passed."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from responsibility.common.errors import Invalid
from responsibility.figures.rules import parse_value
from responsibility.figures.services.ledger import set_values
from responsibility.reports.models import Report, ReportCell
from responsibility.reports.rules import FIGURE

TYPED = "typed"


def keep(
    report: Report, figures: Mapping[str, str], allowed: Collection[str] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keep typed figures ({indicator key: text}); return what changed as (old, new).

    Blank takes a number back. What was not returned stays. Raises Invalid at ``figure:KEY``.
    """
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    cells = report.cells.filter(definition__typed=True, definition__indicator__key__in=figures)
    for cell in cells.select_related("definition__indicator"):
        key = cell.definition.indicator.key
        item = f"{FIGURE}{key}"
        value = _parse(figures[key], item)
        if value == cell.value or (allowed is not None and item not in allowed):
            continue
        old[item], new[item] = text_of(cell.value), text_of(value)
        cell.value, cell.how = value, TYPED if value is not None else "missing"
        cell.reported = cell.expected = int(value is not None)
        cell.save()
    return old, new


def text_of(value: Decimal | None) -> str | None:
    """Return a number in its plain form, None for none."""
    return None if value is None else f"{value.normalize():f}"


def _parse(text: str, where: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        return parse_value(text)
    except ValueError as error:
        raise Invalid(str(error), where=where) from None


def check_typed(report: Report) -> None:
    """Raise Invalid naming the first figure that is asked for and not there."""
    empty = (
        report.cells.filter(definition__typed=True, value=None)
        .select_related("definition__indicator")
        .order_by("definition__section__position", "definition__position")
        .first()
    )
    if empty is not None:
        item = empty.definition.indicator
        message = f"“{item.name}”还没有填；没有的填 0。"
        raise Invalid(message, where=f"{FIGURE}{item.key}")


def enter(report: Report, keys: Collection[str] | None = None) -> None:
    """Write the typed figures of a passed report into the ledger, in its recorder's name."""
    cells = ReportCell.objects.filter(
        report=report, definition__typed=True, value__isnull=False
    ).select_related("definition__indicator")
    values = {
        cell.definition.indicator: cell.value
        for cell in cells
        if cell.value is not None and (keys is None or cell.definition.indicator.key in keys)
    }
    if values:
        set_values(
            by=report.recorder,
            body=report.body,
            period=report.period,
            values=values,
            source=report,
        )
