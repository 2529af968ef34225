"""Tables of the divisions below and lists of ledgers, as they stood when figures were taken."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Q

from responsibility.common import periods
from responsibility.divisions.models import Division
from responsibility.figures.models import FigureValue
from responsibility.reports import rules, sources
from responsibility.reports.models import Report, SectionDef
from responsibility.reports.rules import Column, RowsAre, SectionKind

SHOWN = (Column.PERIOD, Column.LAST, Column.CHANGE)
Values = Mapping[tuple[int, int, str], Decimal]


def tables_of(report: Report) -> list[dict[str, Any]]:
    """Return [{key, title, heads, rows: [[{head, text}]]}] in the order of the sections."""
    sections = list(
        report.kind.sections.filter(
            Q(section_kind=SectionKind.LIST)
            | Q(section_kind=SectionKind.FIGURES, rows_are=RowsAre.DIVISIONS)
        )
        .prefetch_related("cells__indicator")
        .order_by("position")
    )
    placed = [item for item in sections if item.section_kind == SectionKind.FIGURES]
    found = _by_division(report, placed) if placed else {}
    return [found.get(item.pk) or _list(item, report) for item in sections]


def _list(section: SectionDef, report: Report) -> dict[str, Any]:
    drawn = sources.draw(section.source, report.body, report.period)
    rows = [
        [{"head": head, "text": text} for head, text in zip(drawn.heads, row.cells, strict=True)]
        for row in drawn.rows
    ]
    return {
        "key": section.key,
        "title": section.title,
        "heads": list(drawn.heads),
        "rows": rows,
    }


def _by_division(report: Report, sections: list[SectionDef]) -> dict[int, dict[str, Any]]:
    places = list(Division.objects.living().filter(parent=report.division).order_by("sort_key"))
    last = periods.previous(periods.parse(report.period)).code
    values = _values(sections, places, (report.period, last))
    return {
        section.pk: _table(section, places, values, report.period, last) for section in sections
    }


def _values(sections: list[SectionDef], places: list[Division], codes: tuple[str, str]) -> Values:
    wanted = {cell.indicator_id for section in sections for cell in section.cells.all()}
    rows = FigureValue.objects.current().filter(
        indicator__in=wanted,
        period__in=codes,
        dimension="",
        body__is_main=True,
        division__in=places,
    )
    return {(row.division_id, row.indicator_id, row.period): row.value for row in rows}


def _table(
    section: SectionDef, places: list[Division], values: Values, period: str, last: str
) -> dict[str, Any]:
    columns = [column for column in SHOWN if column in section.columns] or [Column.PERIOD]
    cells = sorted(section.cells.all(), key=lambda cell: cell.position)
    heads = ["区划"] + [
        f"{cell.indicator.name}（{cell.indicator.unit}）{column.label}"
        for cell in cells
        for column in columns
    ]
    rows = []
    for place in places:
        row = [{"head": "", "text": place.name}]
        for cell in cells:
            now = values.get((place.pk, cell.indicator_id, period))
            before = values.get((place.pk, cell.indicator_id, last))
            shown = {
                Column.PERIOD: now,
                Column.LAST: before,
                Column.CHANGE: rules.change(now, before),
            }
            row += [
                {"head": f"{cell.indicator.name}{column.label}", "text": _text(shown[column])}
                for column in columns
            ]
        rows.append(row)
    return {"key": section.key, "title": section.title, "heads": heads, "rows": rows}


def _text(value: Decimal | None) -> str:
    return "—" if value is None else f"{value.normalize():f}"
