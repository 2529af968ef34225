"""A formula tried before it is kept: in words, checked, and with a body's numbers put in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from responsibility.common import periods
from responsibility.common.errors import Invalid
from responsibility.common.periods import PeriodType
from responsibility.divisions.models import Body
from responsibility.figures.models import Indicator
from responsibility.figures.rules.evaluation import Reading, needed
from responsibility.figures.rules.formulas import FormulaError, canonical, find_cycle, in_words
from responsibility.figures.rules.formulas import keys as keys_of
from responsibility.figures.services import dictionary
from responsibility.figures.services.reading import sheet


@dataclass(frozen=True)
class Preview:
    """What a formula says and gives; without a formula all is empty."""

    words: str = ""
    body: Body | None = None
    period: str = ""
    numbers: str = ""
    reading: Reading | None = None


def preview(*, key: str, values: Mapping[str, Any], body: Body | None, today: date) -> Preview:
    """Return a formula in words and worked out for a body, without saving anything.

    Raises Invalid (where = formula) for whatever saving would refuse.
    """
    if not values.get("formula"):
        return Preview()
    try:
        tree = dictionary.read(values["formula"])
    except FormulaError as error:
        raise Invalid(str(error), where="formula") from None
    known = {row.key: row for row in Indicator.objects.all()}
    wanted = Indicator(
        key=key,
        name=values["name"],
        unit=values["unit"],
        period_type=values["period_type"],
        formula=canonical(tree),
    )
    known[key] = wanted
    used = dictionary.check_formula(wanted, known)
    reads = {
        row.key: keys_of(dictionary.read(row.formula)) for row in known.values() if row.formula
    }
    if find_cycle({**reads, key: used}):
        raise Invalid("公式互相引用，绕回到它自己。", where="formula")
    names = {row.key: row.name for row in known.values()}
    words = in_words(tree, names)
    kind = PeriodType(values["period_type"])
    if body is None or kind is PeriodType.SPAN:
        return Preview(words)
    period = periods.previous(periods.containing(today, kind)).code
    pairs = needed(tree, period)
    found = sheet(
        bodies=[body.pk], keys={item for item, _ in pairs}, periods={item for _, item in pairs}
    )
    found.dictionary.names = {**found.dictionary.names, key: values["name"]}
    found.dictionary.units = {**found.dictionary.units, key: values["unit"]}
    evaluator = found.evaluator(body.pk)
    return Preview(
        words,
        body,
        period,
        evaluator.numbers_of(tree, period),
        evaluator.work(tree, values["unit"], period),
    )
