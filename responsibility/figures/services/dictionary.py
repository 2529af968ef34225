"""Loading the indicator dictionary from its catalogue file."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from responsibility.audit import services as audit
from responsibility.common.errors import Invalid
from responsibility.figures.models import Indicator
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
    "basis",
    "position",
)


@transaction.atomic
def import_indicators(*, path: Path, programme: Programme, by: Any = None) -> dict[str, int]:
    """Load or update indicators by key; twice is a no-op. Returns counts."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries = data.get("indicators") if isinstance(data, dict) else data
    if not isinstance(entries, list):
        raise Invalid("指标文件应含 indicators 列表。", where=path.name)
    known = {item.key: item for item in Indicator.objects.filter(programme=programme)}
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    for position, entry in enumerate(entries, 1):
        values = {"position": position, **{k: v for k, v in entry.items() if k in FIELDS}}
        counts[_load(programme, entry["key"], values, known.get(entry["key"]), by)] += 1
    return counts


def _load(
    programme: Programme, key: str, values: dict[str, Any], found: Indicator | None, by: Any
) -> str:
    if found is None:
        created = Indicator.objects.create(programme=programme, key=key, **values)
        audit.record(by=by, verb="indicator.create", target=created, new={"key": key, **values})
        return "created"
    old = {name: getattr(found, name) for name in values}
    if old == values:
        return "unchanged"
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    audit.record(by=by, verb="indicator.update", target=found, old=old, new=values)
    return "updated"
