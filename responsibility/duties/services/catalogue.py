"""Loading the duty catalogue against the adopted text."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Invalid
from responsibility.deadlines.models import DeadlineRule
from responsibility.divisions.models import BodyKind, MarkKind
from responsibility.duties.models import ClauseWithoutDuty, Duty, DutyBearer, DutyClause
from responsibility.duties.rules import check_catalogue, unknown_names
from responsibility.figures.models import Indicator
from responsibility.regulations.models import Clause, Programme, RegulationVersion, VersionStatus

FIELDS = {
    "title": "title",
    "category": "category",
    "rhythm": "rhythm",
    "result": "result",
    "first_responsible": "first_responsible",
    "society": "society_reason",
    "deadline_rule": "deadline_rule",
    "check": "check_key",
}


def read(path: Path) -> dict[str, Any]:
    """Return the catalogue of a file; raise Invalid when it is none."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid("目录文件不是 YAML，请核对。", where=path.name) from error
    if not isinstance(data, dict) or not isinstance(data.get("duties"), list):
        raise Invalid("目录文件应含 duties 列表。", where=path.name)
    return data


@transaction.atomic
def import_catalogue(*, path: Path, by: Any = None) -> dict[str, int]:
    """Load the catalogue: new duties, changed ones; twice is a no-op. Returns counts.

    Raises Invalid with every mistake; nothing is loaded then.
    """
    data = read(path)
    version = (
        RegulationVersion.objects.filter(
            regulation__title=data.get("regulation", ""), status=VersionStatus.ADOPTED
        )
        .select_related("regulation__programme")
        .first()
    )
    if version is None:
        raise Invalid(f"还没有采用《{data.get('regulation', '')}》，请先导入并采用细则。")
    clauses = {
        (clause.article.number, clause.number): clause
        for clause in Clause.objects.filter(article__version=version).select_related("article")
    }
    try:
        mistakes = check_catalogue(data, {key: clause.text for key, clause in clauses.items()})
        mistakes += unknown_names(data, _known())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid("目录里有条目缺少必填项，请核对。", where=path.name) from error
    if mistakes:
        raise Invalid(
            "；".join(mistakes[:5]) + (f"（共 {len(mistakes)} 处）" if mistakes[5:] else "")
        )
    counts = _load(data, version.regulation.programme, clauses)
    if counts["created"] or counts["updated"] or counts["retired"]:
        audit.record(by=by, verb="duties.import", target="duties.duty", new=counts)
    return counts


def _known() -> dict[str, set[str]]:
    kinds = set(BodyKind.objects.values_list("key", flat=True))
    return {
        "bearers": kinds,
        "unlisted": kinds,
        "needs_mark": set(MarkKind.objects.values_list("key", flat=True)),
        "deadline_rule": set(DeadlineRule.objects.values_list("key", flat=True)),
        "indicators": set(Indicator.objects.values_list("key", flat=True)),
    }


def _load(
    data: dict[str, Any], programme: Programme, clauses: dict[tuple[str, int], Clause]
) -> dict[str, int]:
    kinds = {kind.key: kind for kind in BodyKind.objects.all()}
    marks = {mark.key: mark for mark in MarkKind.objects.all()}
    indicators = {item.key: item for item in Indicator.objects.all()}
    counts = {"created": 0, "updated": 0, "unchanged": 0, "retired": 0}
    for item in data.get("clauses", []):
        ClauseWithoutDuty.objects.update_or_create(
            clause=clauses[(str(item["article"]), int(item["clause"]))],
            defaults={"reason": item["none"]},
        )
    for position, entry in enumerate(data["duties"], 1):
        values = {field: entry.get(name, "") for name, field in FIELDS.items()}
        values |= {"position": position, "needs_mark": marks.get(entry.get("needs_mark", ""))}
        values["retired_on"] = None
        duty, outcome = _save(entry["key"], programme, values)
        moved = _tie(duty, entry, clauses) + _bear(duty, entry, kinds)
        wanted = [indicators[key] for key in entry.get("indicators", [])]
        if {i.pk for i in duty.indicators.all()} != {i.pk for i in wanted}:
            duty.indicators.set(wanted)
            moved += 1
        counts["updated" if outcome == "unchanged" and moved else outcome] += 1
    keys = [entry["key"] for entry in data["duties"]]
    gone = Duty.objects.filter(programme=programme, retired_on=None).exclude(key__in=keys)
    counts["retired"] = gone.update(retired_on=clock.today())
    return counts


def _save(key: str, programme: Programme, values: dict[str, Any]) -> tuple[Duty, str]:
    duty = Duty.objects.filter(key=key).first()
    if duty is None:
        return Duty.objects.create(key=key, programme=programme, **values), "created"
    if all(getattr(duty, name) == value for name, value in values.items()):
        return duty, "unchanged"
    for name, value in values.items():
        setattr(duty, name, value)
    duty.save()
    return duty, "updated"


def _tie(duty: Duty, entry: dict[str, Any], clauses: dict[tuple[str, int], Clause]) -> int:
    """Tie a duty to its clauses of this version; returns how many ties changed."""
    wanted = {
        clauses[(str(item["article"]), int(item["clause"]))].pk: (
            str(item["role"]),
            str(item["quote"]),
        )
        for item in entry["clauses"]
    }
    ours = {clause.pk for clause in clauses.values()}
    present = {
        tie.clause_id: (tie.role, tie.quote)
        for tie in DutyClause.objects.filter(duty=duty)
        if tie.clause_id in ours
    }
    moved = {pk for pk in wanted.keys() | present.keys() if wanted.get(pk) != present.get(pk)}
    DutyClause.objects.filter(duty=duty, clause_id__in=moved - wanted.keys()).delete()
    for pk in sorted(moved & wanted.keys()):
        role, quote = wanted[pk]
        DutyClause.objects.update_or_create(
            duty=duty, clause_id=pk, defaults={"role": role, "quote": quote}
        )
    return len(moved)


def _bear(duty: Duty, entry: dict[str, Any], kinds: dict[str, BodyKind]) -> int:
    """Say which kinds of bodies bear a duty; returns how many changed."""
    wanted = {kinds[name].pk: False for name in entry.get("bearers", [])}
    wanted |= {kinds[name].pk: True for name in entry.get("unlisted", [])}
    present = {row.kind_id: row.unlisted for row in DutyBearer.objects.filter(duty=duty)}
    moved = {pk for pk in wanted.keys() | present.keys() if wanted.get(pk) != present.get(pk)}
    DutyBearer.objects.filter(duty=duty, kind_id__in=moved - wanted.keys()).delete()
    for pk in sorted(moved & wanted.keys()):
        DutyBearer.objects.update_or_create(
            duty=duty, kind_id=pk, defaults={"unlisted": wanted[pk]}
        )
    return len(moved)
