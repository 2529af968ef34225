"""The indicator dictionary: loading it from a file, changing it, and keeping its formulas sound."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Max

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.figures.models import FigureValue, Indicator, IndicatorVersion
from responsibility.figures.rules import SourceKind
from responsibility.figures.rules.evaluation import Dictionary
from responsibility.figures.rules.formulas import (
    PLAIN,
    FormulaError,
    Node,
    canonical,
    find_cycle,
    keys,
    parse,
    render,
)
from responsibility.figures.rules.units import check_units
from responsibility.regulations.models import Programme

FIELDS = (
    "name",
    "unit",
    "definition",
    "period_type",
    "tier",
    "nature",
    "source_kind",
    "source_key",
    "formula",
    "basis",
    "position",
)
FIXED = {"unit": "计量单位", "period_type": "周期", "tier": "填报层级", "source_kind": "来源"}


@transaction.atomic
def import_indicators(*, path: Path, programme: Programme, by: Any = None) -> dict[str, int]:
    """Load or update indicators by key; twice is a no-op. Returns counts.

    Raises Invalid for a file of another shape and for formulas that cannot stand.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries = data.get("indicators") if isinstance(data, dict) else data
    if not isinstance(entries, list):
        raise Invalid("指标文件应含 indicators 列表。", where=path.name)
    known = {item.key: item for item in Indicator.objects.filter(programme=programme)}
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    for position, entry in enumerate(entries, 1):
        values = {"position": position, **{k: v for k, v in entry.items() if k in FIELDS}}
        counts[_put(programme, entry["key"], values, known.get(entry["key"]), by, "导入")] += 1
    check_formulas()
    return counts


@transaction.atomic
def create_indicator(
    *, by: Any, programme: Programme, key: str, values: Mapping[str, Any], reason: str = ""
) -> Indicator:
    """Add an indicator to the dictionary. Raises Invalid, naming the field."""
    access_of(by).require(Right.MANAGE_FIGURES)
    if Indicator.objects.filter(key=key).exists():
        raise Invalid("这个键已经用过，请换一个。", where="key")
    _put(programme, key, _read_formula(values), None, by, reason)
    check_formulas()
    return Indicator.objects.get(key=key)


@transaction.atomic
def admit_indicator(
    *, by: Any, programme: Programme, key: str, values: Mapping[str, Any], reason: str
) -> Indicator:
    """Add what the gate of reports let through; the gate has asked for the right."""
    last = Indicator.objects.filter(programme=programme).aggregate(last=Max("position"))["last"]
    _put(programme, key, {"position": (last or 0) + 1, **values}, None, by, reason)
    return Indicator.objects.get(key=key)


@transaction.atomic
def change_indicator(
    *, by: Any, indicator: Indicator, values: Mapping[str, Any], reason: str
) -> Indicator:
    """Change an indicator's entry: a new version, by whom, when and why.

    What numbers already rest on (unit, period, tier, source) stands. Raises Invalid, Conflict.
    """
    access_of(by).require(Right.MANAGE_FIGURES)
    row = Indicator.objects.select_for_update(of=("self",)).get(pk=indicator.pk)
    if not reason.strip():
        raise Invalid("请写明修改原因。", where="reason")
    if _put(row.programme, row.key, _read_formula(values), row, by, reason) == "unchanged":
        raise Conflict("没有改动，未存新版。")
    check_formulas()
    return row


@transaction.atomic
def retire_indicator(*, by: Any, indicator: Indicator, reason: str) -> Indicator:
    """Stop using an indicator from today; its numbers stay. Refused while formulas read it."""
    access_of(by).require(Right.MANAGE_FIGURES)
    row = Indicator.objects.select_for_update(of=("self",)).get(pk=indicator.pk)
    if row.retired_on:
        raise Conflict("这个指标已经停用。")
    if not reason.strip():
        raise Invalid("请写明停用原因。", where="reason")
    read_by = [name for name, used in _reads_with_names() if row.key in used]
    if read_by:
        raise Conflict(f"“{read_by[0][:20]}”的公式用到它，不能停用。")
    row.retired_on = clock.today()
    row.save()
    _keep_version(row, by, reason)
    audit.record(by=by, verb="indicator.retire", target=row, new={"reason": reason})
    return row


def _reads_with_names() -> list[tuple[str, tuple[str, ...]]]:
    rows = Indicator.objects.filter(source_kind=SourceKind.FORMULA, retired_on=None)
    return [(row.name, keys(parse(row.formula))) for row in rows]


def _read_formula(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with the formula in its kept form."""
    given = dict(values)
    if given.get("source_kind") == SourceKind.FORMULA:
        try:
            given["formula"] = canonical(read(given.get("formula", "")))
        except FormulaError as error:
            raise Invalid(str(error), where="formula") from None
    return given


def read(text: str) -> Node:
    """Return the tree of a formula in which names may stand in brackets. Raises FormulaError."""
    rows = list(Indicator.objects.values_list("name", "key"))
    names = [name for name, _ in rows]
    return parse(text, {name: key for name, key in rows if names.count(name) == 1})


def with_names(formula: str) -> str:
    """Return a kept formula as the office writes it: names in brackets where they are unique."""
    if not formula:
        return ""
    rows = list(Indicator.objects.values_list("name", "key"))
    names = [name for name, _ in rows]
    plain = {key: f"[{name}]" for name, key in rows if names.count(name) == 1 and "[" not in name}
    return render(parse(formula), PLAIN, lambda ref: plain.get(ref.key, ref.key))


def _put(
    programme: Programme,
    key: str,
    values: dict[str, Any],
    found: Indicator | None,
    by: Any,
    reason: str,
) -> str:
    if found is None:
        created = Indicator.objects.create(programme=programme, key=key, **values)
        _keep_version(created, by, reason)
        audit.record(by=by, verb="indicator.create", target=created, new={"key": key, **values})
        return "created"
    old = {name: getattr(found, name) for name in values}
    if old == values:
        return "unchanged"
    _check_fixed(found, values)
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    _keep_version(found, by, reason)
    audit.record(by=by, verb="indicator.update", target=found, old=old, new=values)
    return "updated"


def _check_fixed(found: Indicator, values: Mapping[str, Any]) -> None:
    for name, word in FIXED.items():
        if name not in values or getattr(found, name) == values[name]:
            continue
        if FigureValue.objects.filter(indicator=found).exists():
            raise Invalid(f"已有数据，{word}不能改。请停用后另立指标。", where=name)


def _keep_version(row: Indicator, by: Any, reason: str) -> None:
    last = row.versions.aggregate(last=Max("number"))["last"] or 0
    IndicatorVersion.objects.create(
        indicator=row,
        number=last + 1,
        content={
            **{name: getattr(row, name) for name in FIELDS},
            "retired_on": row.retired_on.isoformat() if row.retired_on else None,
        },
        reason=reason[:200],
        recorded_by=by,
    )


def load(as_of: datetime | None = None) -> Dictionary:
    """Return names, units and formulas; with ``as_of`` as they were known at that moment.

    An entry of which no version is that old is taken as it stands.
    """
    rows = {row["key"]: row for row in Indicator.objects.values("key", "name", "unit", "formula")}
    if as_of is not None:
        versions = IndicatorVersion.objects.filter(recorded_at__lte=as_of)
        rows |= dict(
            versions.order_by("indicator_id", "-number")
            .distinct("indicator_id")
            .values_list("indicator__key", "content")
        )
    return Dictionary(
        {key: row["name"] for key, row in rows.items()},
        {key: row["unit"] for key, row in rows.items()},
        {key: parse(row["formula"]) for key, row in rows.items() if row["formula"]},
    )


def check_formulas() -> None:
    """Raise Invalid if any formula reads what is not there, unlike units, or itself."""
    rows = {row.key: row for row in Indicator.objects.all()}
    reads: dict[str, tuple[str, ...]] = {}
    for row in rows.values():
        if row.formula:
            reads[row.key] = check_formula(row, rows)
    ring = find_cycle(reads)
    if ring:
        words = " → ".join(rows[key].name for key in ring)
        raise Invalid(f"公式互相引用：{words[:60]}。", where="formula")


def check_formula(row: Indicator, rows: Mapping[str, Indicator]) -> tuple[str, ...]:
    """Return the keys that a formula reads; raise Invalid where it cannot stand."""
    try:
        tree = parse(row.formula)
        used = keys(tree)
        for key in used:
            _check_input(row, rows.get(key), key)
        check_units(tree, row.unit, {key: item.unit for key, item in rows.items()})
    except FormulaError as error:
        raise Invalid(f"“{row.name[:20]}”：{error}", where="formula") from None
    return used


def _check_input(row: Indicator, found: Indicator | None, key: str) -> None:
    if found is None:
        raise FormulaError(f"没有指标“{key[:30]}”。")
    if found.period_type != row.period_type:
        raise FormulaError(
            f"“{found.name[:12]}”是{found.get_period_type_display()}数，"
            f"与{row.get_period_type_display()}不一致。"
        )
    if found.retired_on and not row.retired_on:
        raise FormulaError(f"“{found.name[:20]}”已停用。")
