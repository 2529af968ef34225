"""Kinds of bodies from their catalogue, and the bodies of every division."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.divisions.models import Body, BodyKind, Division, DivisionMark, MarkKind
from responsibility.divisions.rules import village_name
from responsibility.divisions.services.units import (
    import_member_units as import_member_units,
)

_STEM = re.compile(r"(特别行政区|自治州|自治县|地区|街道|省|市|县|区|镇|乡)$")
KIND_FIELDS = (
    "name",
    "pattern",
    "street_pattern",
    "tier",
    "division_kind",
    "is_main",
    "is_office",
    "listed",
)


def body_name(kind: BodyKind, division: Division) -> str:
    """Return the name of a kind's body at a division."""
    street = division.name.endswith("街道") and kind.street_pattern
    return (kind.street_pattern if street else kind.pattern).format(
        name=division.name,
        stem=_STEM.sub("", division.name),
        village=village_name(division.name),
    )[:100]


@transaction.atomic
def import_body_kinds(*, path: Path, by: Any = None) -> int:
    """Load mark kinds and body kinds by key; return how many were created or changed."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    changed = 0
    marks = {}
    for entry in data.get("mark_kinds", []):
        marks[entry["key"]], new = MarkKind.objects.get_or_create(
            key=entry["key"], defaults={"name": entry["name"], "tier": entry["tier"]}
        )
        changed += new
    for position, entry in enumerate(data["body_kinds"], 1):
        values = {name: entry[name] for name in KIND_FIELDS if name in entry}
        values |= {"position": position, "needs_mark": marks.get(entry.get("needs_mark", ""))}
        kind = BodyKind.objects.filter(key=entry["key"]).first()
        if kind is None:
            BodyKind.objects.create(key=entry["key"], **values)
            changed += 1
        elif any(getattr(kind, name) != value for name, value in values.items()):
            BodyKind.objects.filter(pk=kind.pk).update(**values)
            changed += 1
    if changed:
        audit.record(
            by=by, verb="body_kinds.import", target="divisions.bodykind", new={"changed": changed}
        )
    return changed


@transaction.atomic
def make_bodies(*, by: Any = None, divisions: Iterable[Division] | None = None) -> int:
    """Make every body that the kinds ask for and that is missing; return how many.

    ``divisions`` limits it to these (by default: the whole tree).

    Kinds filled from a list are left out; kinds that need a mark exist only where it is borne.
    """
    places = None if divisions is None else list(divisions)
    present = Body.objects.filter(ended_on=None)
    if places is not None:
        present = present.filter(division__in=places)
    existing = set(present.values_list("division_id", "kind_id"))
    mains = set(present.filter(is_main=True).values_list("division_id", flat=True))
    marked = set(
        DivisionMark.objects.filter(voided_at=None, validity__contains=clock.today()).values_list(
            "division_id", "kind_id"
        )
    )
    kinds = list(BodyKind.objects.filter(listed=False).order_by("position"))
    fresh = [
        _body(kind, division)
        for division in (Division.objects.living().in_order() if places is None else places)
        for kind in kinds
        if kind.tier == division.tier
        and kind.division_kind in ("", division.kind)
        and (kind.needs_mark_id is None or (division.pk, kind.needs_mark_id) in marked)
        and (division.pk, kind.pk) not in existing
        and not (kind.is_main and division.pk in mains)
    ]
    Body.objects.bulk_create(fresh, batch_size=2000)
    if fresh:
        audit.record(
            by=by, verb="bodies.make", target="divisions.body", new={"created": len(fresh)}
        )
    return len(fresh)


def follow_name(division: Division, old_name: str) -> int:
    """Rename the bodies whose names were made from the division's old name; return how many."""
    before = Division(name=old_name)
    changed = []
    for body in Body.objects.filter(division=division, ended_on=None).select_related("kind"):
        if body.name == body_name(body.kind, before):
            body.name = body_name(body.kind, division)
            changed.append(body)
    Body.objects.bulk_update(changed, ["name"])
    return len(changed)


def end_bodies(divisions: list[Division], day: date) -> int:
    """End the bodies of divisions that cease to exist; return how many."""
    return Body.objects.filter(division__in=divisions, ended_on=None).update(ended_on=day)


def _body(kind: BodyKind, division: Division, name: str = "", *, demo: bool = False) -> Body:
    body = Body(
        kind=kind, name=name or body_name(kind, division), is_main=kind.is_main, is_demo=demo
    )
    body.place(division)
    return body
