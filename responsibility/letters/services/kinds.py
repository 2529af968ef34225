"""Kinds of letters from their catalogue."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from responsibility.audit import services as audit
from responsibility.common.errors import Invalid
from responsibility.divisions.models import BodyKind
from responsibility.duties.models import Duty
from responsibility.letters import rules
from responsibility.letters.models import LetterKind
from responsibility.regulations.models import Programme

FIELDS = (
    "title",
    "basis_kind",
    "basis",
    "article",
    "own_signers",
    "counter_signers",
    "counter_basis",
    "is_compulsory",
    "allows_deputy",
    "deadline_rule",
    "number_prefix",
    "template",
)


@transaction.atomic
def import_kinds(*, path: Path, programme: Programme, by: Any = None) -> dict[str, int]:
    """Load or update kinds by key; letters that were drafted keep their own text.

    Raises Invalid for a template with an unknown placeholder, a body kind or duty that is not
    there, or a kind without a signer.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = {"created": 0, "updated": 0}
    for position, entry in enumerate(data["kinds"], 1):
        _check(entry)
        kind, created = LetterKind.objects.update_or_create(
            key=entry["key"],
            defaults={
                **{name: entry[name] for name in FIELDS if name in entry},
                "programme": programme,
                "position": position,
                "duty": _duty(entry),
            },
        )
        kind.bodies.set(_bodies(entry))
        found["created" if created else "updated"] += 1
    audit.record(by=by, verb="letter_kinds.import", target="letters.letterkind", new=found)
    return found


def _check(entry: dict[str, Any]) -> None:
    key = entry["key"]
    try:
        rules.check_template(entry["template"])
    except rules.BadTemplate as error:
        raise Invalid(f"种类 {key}：{error}", where=key) from error
    signers = entry["own_signers"] + entry.get("counter_signers", [])
    if not entry["own_signers"] or not set(signers) <= set(rules.PRINCIPALS):
        raise Invalid(f"种类 {key}：签署人只能是 secretary、head，签署方至少一人。", where=key)


def _duty(entry: dict[str, Any]) -> Duty | None:
    if "duty" not in entry:
        return None
    duty = Duty.objects.filter(key=entry["duty"]).first()
    if duty is None:
        raise Invalid(f"种类 {entry['key']}：没有责任项 {entry['duty']}。", where=entry["key"])
    return duty


def _bodies(entry: dict[str, Any]) -> list[BodyKind]:
    rows = list(BodyKind.objects.filter(key__in=entry["bodies"]))
    if len(rows) != len(entry["bodies"]):
        raise Invalid(f"种类 {entry['key']}：单位种类不认识。", where=entry["key"])
    return rows
