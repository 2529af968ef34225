"""Loading report kinds from their catalogue."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from responsibility.audit import services as audit
from responsibility.common.errors import Invalid
from responsibility.divisions.models import BodyKind
from responsibility.duties.models import Duty
from responsibility.figures.models import Indicator
from responsibility.regulations.models import Programme
from responsibility.reports.models import CellDef, ReportKind, SectionDef

FIELDS = ("title", "article", "basis", "rhythm", "needs_approval", "deadline_rule")


@transaction.atomic
def import_kinds(*, path: Path, programme: Programme, by: Any = None) -> int:
    """Load kinds by key; return how many were new. What reports rest on is never removed."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    created = 0
    for entry in data["kinds"]:
        values: dict[str, Any] = {name: entry[name] for name in FIELDS if name in entry}
        values["duty"] = Duty.objects.filter(key=entry.get("duty", "")).first()
        kind, new = ReportKind.objects.update_or_create(
            key=entry["key"], defaults={**values, "programme": programme}
        )
        kind.submitters.set(BodyKind.objects.filter(key__in=entry["submitters"]))
        _sections(kind, entry["sections"])
        created += new
        if new:
            audit.record(by=by, verb="report_kind.create", target=kind, new={"key": kind.key})
    return created


def _sections(kind: ReportKind, entries: list[dict[str, Any]]) -> None:
    known = {item.key: item for item in Indicator.objects.all()}
    for position, entry in enumerate(entries, 1):
        section, _ = SectionDef.objects.update_or_create(
            kind=kind,
            key=entry["key"],
            defaults={
                "title": entry["title"],
                "section_kind": entry["kind"],
                "guidance": entry.get("guidance", ""),
                "position": position,
            },
        )
        for number, key in enumerate(entry.get("indicators", []), 1):
            if key not in known:
                raise Invalid(f"{kind.key}：没有指标“{key}”。")
            CellDef.objects.update_or_create(
                section=section, indicator=known[key], defaults={"position": number}
            )
