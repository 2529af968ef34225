"""What a division was before the list that was loaded: completed backwards, never rewritten."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.db import connection, transaction

from responsibility.audit import services as audit
from responsibility.common.errors import Invalid
from responsibility.divisions.models import (
    Division,
    DivisionChange,
    DivisionChangeItem,
    DivisionVersion,
)
from responsibility.divisions.rules import Certainty, ChangeKind
from responsibility.divisions.services.planning import Facts
from responsibility.divisions.services.tree import lock_tree


@transaction.atomic
def import_changes(*, path: Path, by: Any = None) -> int:
    """Complete the history from a file of past changes; return how many were new.

    Raises Invalid when a division is unknown; nothing is loaded then. Twice is a no-op.
    """
    entries = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("changes", [])
    return sum(_import_one(entry, by) for entry in entries)


def _import_one(entry: dict[str, Any], by: Any) -> bool:
    division = Division.objects.living().filter(code=str(entry["code"])).first()
    if division is None:
        raise Invalid(f"没有代码为 {entry['code']} 的区划，请先导入区划清单。", where="code")
    old = entry["old"]
    return record_past(
        division=division,
        kind=ChangeKind(entry["kind"]),
        effective_on=entry["effective_on"],
        document=entry["document"],
        certainty=Certainty(entry.get("certainty", Certainty.VERIFIED)),
        note=entry.get("note", ""),
        old_code=str(old.get("code", "")),
        old_name=old.get("name", ""),
        by=by,
    )


@transaction.atomic
def record_past(
    *,
    division: Division,
    kind: ChangeKind,
    effective_on: date,
    document: str,
    certainty: Certainty,
    note: str = "",
    old_code: str = "",
    old_name: str = "",
    by: Any = None,
) -> bool:
    """Say what a division was until a day of its first known version; False when known already.

    Raises Invalid when the day is not inside the first version.
    """
    lock_tree()
    if DivisionChange.objects.filter(
        kind=kind, effective_on=effective_on, items__division=division
    ).exists():
        return False
    first = DivisionVersion.objects.filter(division=division).order_by("validity").first()
    since = first.validity.lower if first else None
    until = first.validity.upper if first else None
    if first is None or (since and since >= effective_on) or (until and until <= effective_on):
        raise Invalid(f"{division.name}在该日已有沿革记录，不能补录。", where="effective_on")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE divisions_divisionversion SET validity = daterange(%s, upper(validity)) "
            "WHERE id = %s",
            [effective_on, first.pk],
        )
    DivisionVersion.objects.create(
        division=division,
        validity=(since, effective_on),
        code=old_code or first.code,
        name=old_name or first.name,
        tier=first.tier,
        kind=first.kind,
        parent=first.parent,
    )
    change = DivisionChange.objects.create(
        kind=kind,
        effective_on=effective_on,
        document=document,
        certainty=certainty,
        note=note,
        made_by=by,
    )
    old = Facts(old_code or first.code, old_name or first.name, first.parent).as_json()
    new = Facts(first.code, first.name, first.parent).as_json()
    DivisionChangeItem.objects.create(change=change, division=division, old=old, new=new)
    audit.record(
        by=by,
        verb="divisions.past",
        target=change,
        scope_path=division.path,
        old=old,
        new={**new, "effective_on": str(effective_on), "document": document},
    )
    return True
