"""The checks of a kind at submission: errors stop it, warnings go along to the reviewer."""

from decimal import Decimal

from responsibility.common import periods
from responsibility.common.errors import Invalid
from responsibility.plans.services.reading import targets
from responsibility.reports.models import Report, ReportCell, ReportCheck
from responsibility.reports.rules import FIGURE, CheckRule, Severity
from responsibility.reports.rules.checking import Facts, breaks


def check(report: Report) -> list[str]:
    """Return the words of the broken warnings; raise Invalid at the first broken error."""
    checks = list(report.kind.checks.all())
    if not checks:
        return []
    facts = _facts(report, checks)
    broken = [item for item in checks if breaks(item.rule, item.params, facts)]
    for item in broken:
        if item.severity == Severity.ERROR:
            raise Invalid(f"{_words(item)}。", where=_where(item))
    return [_words(item) for item in broken]


def _words(check: ReportCheck) -> str:
    return str(check).rstrip("。")


def _where(check: ReportCheck) -> str:
    if check.rule == CheckRule.TEXT_EMPTY:
        return str(check.params.get("section", ""))
    names = [check.params.get(name) for name in ("cell", "left", "total")]
    return FIGURE + str(next((name for name in names if name), ""))


def _facts(report: Report, checks: list[ReportCheck]) -> Facts:
    cells = list(report.cells.select_related("definition__indicator"))
    now = {cell.definition.indicator.key: cell.value for cell in cells}
    last = {cell.definition.indicator.key: cell.last_value for cell in cells}
    texts = {item.section.key: item.text for item in report.texts.select_related("section")}
    rules = {item.rule for item in checks}
    plan = _plan(report, cells) if CheckRule.PLAN_EXCEEDED in rules else {}
    return Facts({**now, **_elsewhere(report, checks)}, last, plan, texts)


def _plan(report: Report, cells: list[ReportCell]) -> dict[str, Decimal | None]:
    year = periods.parse(report.period).year
    found = targets(body_ids=[report.body_id], year=year)
    return {
        cell.definition.indicator.key: found.get((report.body_id, cell.definition.indicator_id))
        for cell in cells
    }


def _elsewhere(report: Report, checks: list[ReportCheck]) -> dict[str, Decimal | None]:
    """Return the cells of the body's other reports of the period that a check names."""
    names = {str(item.params.get("right", "")) for item in checks}
    kinds = {name.partition("/")[0] for name in names if "/" in name}
    if not kinds:
        return {}
    rows = ReportCell.objects.filter(
        report__kind_key__in=kinds, report__body=report.body_id, report__period=report.period
    )
    found = rows.values_list("report__kind_key", "definition__indicator__key", "value")
    return {f"{kind}/{key}": value for kind, key, value in found}
