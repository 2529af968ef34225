"""What stands behind a number: the children that make a sum, the inputs of a formula, the entry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any

from django.urls import reverse

from responsibility.common import periods
from responsibility.divisions.models import Body, DivisionVersion
from responsibility.divisions.rules import Tier
from responsibility.figures import origins
from responsibility.figures.models import FigureValue, Indicator, IndicatorVersion
from responsibility.figures.origins import Origin
from responsibility.figures.readers import Use
from responsibility.figures.rules import SourceKind, adds_up
from responsibility.figures.rules.evaluation import Dictionary, Reading, needed
from responsibility.figures.rules.formulas import in_words, keys
from responsibility.figures.services import ledger
from responsibility.figures.services.reading import Sheet, known_at, sheet

TIERS = list(Tier)
CHANGED = {
    "name": "名称",
    "unit": "计量单位",
    "definition": "口径",
    "period_type": "周期",
    "tier": "填报层级",
    "nature": "性质",
    "formula": "公式",
    "basis": "依据",
    "retired_on": "停用日期",
}


@dataclass(frozen=True)
class Piece:
    """One number behind another: whose, of which indicator and period."""

    name: str
    body: Body | None
    indicator: Indicator
    period: str
    reading: Reading


@dataclass
class Behind:
    """A number with everything one step behind it."""

    indicator: Indicator
    body: Body
    period: str
    reading: Reading
    row: FigureValue | None = None
    origin: Origin | None = None
    words: str = ""
    numbers: str = ""
    inputs: list[Piece] = field(default_factory=list)
    children: list[Piece] = field(default_factory=list)
    unseen: int = 0

    @property
    def missing(self) -> list[Piece]:
        """Return the children that have not reported."""
        return [piece for piece in self.children if piece.reading.value is None]


def behind(
    *, user: Any, body: Body, indicator: Indicator, period: str, as_of: datetime | None = None
) -> Behind:
    """Return a number and what it is made of, one step down, in the user's scope.

    The tree is that of the period's last day; with ``as_of`` the numbers are those known then.
    """
    places = _children(user, body, indicator, period) if body.is_main else []
    bodies = [child for _, child in places if child]
    found = sheet(
        bodies=[body.pk, *(child.pk for child in bodies)],
        keys=[indicator.key],
        periods=[period],
        as_of=as_of,
    )
    row = _row(body, indicator, period, as_of)
    reading = found.read(body.pk, indicator.key, period)
    result = Behind(indicator, body, period, reading, row)
    if row is not None and row.source_kind == SourceKind.TYPED:
        result.origin = origins.of(row.source_model, row.source_id)
    if indicator.key in found.dictionary.formulas:
        _put_formula(result, found)
    result.children = [
        Piece(name, child, indicator, period, found.read(child.pk, indicator.key, period))
        for name, child in places
        if child
    ]
    result.unseen = sum(child is None for _, child in places)
    return result


def _row(
    body: Body, indicator: Indicator, period: str, as_of: datetime | None
) -> FigureValue | None:
    rows = FigureValue.objects.filter(body=body, indicator=indicator, period=period, dimension="")
    return known_at(rows, as_of).first()


def _children(
    user: Any, body: Body, indicator: Indicator, period: str
) -> list[tuple[str, Body | None]]:
    """Return the children as of the period, named as then; None for one out of the user's sight."""
    tier = body.division.tier
    if tier not in TIERS or TIERS.index(Tier(tier)) >= TIERS.index(Tier(indicator.tier)):
        return []
    versions = list(
        DivisionVersion.objects.as_of(ledger.as_of(period))
        .filter(parent=body.division_id)
        .select_related("division")
        .order_by("division__sort_key")
    )
    bodies = {
        child.division_id: child
        for child in Body.objects.visible_to(user).filter(
            division_id__in=[version.division_id for version in versions], is_main=True
        )
    }
    return [(version.name, bodies.get(version.division_id)) for version in versions]


def _put_formula(result: Behind, found: Sheet) -> None:
    tree = found.dictionary.formulas[result.indicator.key]
    evaluator = found.evaluator(result.body.pk)
    result.words = in_words(tree, found.dictionary.names)
    result.numbers = evaluator.with_numbers(result.indicator.key, result.period)
    rows = {row.key: row for row in Indicator.objects.filter(key__in=keys(tree))}
    pairs = needed(tree, result.period)
    order = {key: place for place, key in enumerate(keys(tree))}
    for key, period in sorted(pairs, key=lambda pair: (order[pair[0]], pair[1])):
        result.inputs.append(
            Piece(
                rows[key].name,
                result.body,
                rows[key],
                period,
                found.read(result.body.pk, key, period),
            )
        )


def versions(
    *, body: Body, indicator: Indicator, period: str, limit: int = 50
) -> Sequence[FigureValue]:
    """Return what stood before, newest first, with who wrote it."""
    return list(
        FigureValue.objects.filter(body=body, indicator=indicator, period=period, dimension="")
        .select_related("recorded_by")
        .order_by("-recorded_at", "-id")[:limit]
    )


def formula_words(indicator: Indicator, known: Dictionary) -> str:
    """Return an indicator's formula in Chinese words; empty where there is none."""
    tree = known.formulas.get(indicator.key)
    return in_words(tree, known.names) if tree else ""


def inputs_of(indicator: Indicator, known: Dictionary) -> list[tuple[str, str]]:
    """Return (key, name) of the indicators that a formula reads, in its order."""
    tree = known.formulas.get(indicator.key)
    return [(key, known.names[key]) for key in keys(tree)] if tree else []


def formulas_reading(indicator: Indicator, known: Dictionary) -> list[Use]:
    """Return the formulas that read an indicator."""
    return [
        Use("公式", known.names[key], reverse("indicator", args=[key]))
        for key, tree in known.formulas.items()
        if indicator.key in keys(tree)
    ]


def described(versions: Sequence[IndicatorVersion]) -> list[tuple[IndicatorVersion, list[str]]]:
    """Return each version (newest first) with what it changed, in words."""
    found = []
    for version, before in zip_longest(versions, versions[1:]):
        changes = [
            f"{word}：{before.content.get(name) or '空'} → {version.content.get(name) or '空'}"
            for name, word in CHANGED.items()
            if before is not None and before.content.get(name) != version.content.get(name)
        ]
        found.append((version, changes))
    return found


def summed_words(indicator: Indicator) -> str:
    """Return in words where a number is entered and what sums it."""
    tier = indicator.get_tier_display()
    if indicator.source_kind == SourceKind.FORMULA:
        return "各级分别按公式计算，不由下级相加"
    if indicator.source_kind == SourceKind.QUERY:
        return "从台账提取，不用填报"
    above = [word for value, word in Tier.choices() if _is_above(value, indicator.tier)]
    if not adds_up(indicator.nature) or not above:
        return f"{tier}填报，不向上汇总"
    return f"{tier}填报，{'、'.join(reversed(above))}逐级汇总，上级不得再要"


def _is_above(tier: str, entered: str) -> bool:
    return 0 < TIERS.index(Tier(tier)) < TIERS.index(Tier(entered))


def recent_periods(indicator: Indicator, period: str, count: int = 6) -> list[str]:
    """Return a period and those before it, newest first."""
    found = [periods.parse(period)]
    while len(found) < count:
        try:
            found.append(periods.previous(found[-1]))
        except ValueError:
            break
    return [item.code for item in found]
