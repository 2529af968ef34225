"""Loading report kinds from their catalogue."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Invalid
from responsibility.deadlines.models import DeadlineRule
from responsibility.divisions.models import Body, BodyKind
from responsibility.duties.models import Duty
from responsibility.figures.models import Indicator
from responsibility.regulations.models import Programme
from responsibility.reports.models import CellDef, ReportCheck, ReportKind, SectionDef
from responsibility.reports.rules import KindStatus
from responsibility.reports.services.timing import days_given

FIELDS = (
    "title",
    "article",
    "basis_kind",
    "basis",
    "purpose",
    "addressee",
    "tiers",
    "rhythm",
    "needs_approval",
    "deadline_rule",
    "allows_no_data",
)
SECTION_FIELDS = ("guidance", "advised_length", "rows_are", "columns", "source")
SINCE = date(2019, 1, 1)


@transaction.atomic
def import_kinds(*, path: Path, programme: Programme, by: Any = None) -> int:
    """Load the versions that are not there yet; return how many were new.

    A version that was loaded is never changed: reports rest on it, and the office may have gone
    on from it. The next version in the file closes the one before it.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    known = set(ReportKind.objects.values_list("key", "version"))
    issuer = Body.objects.filter(kind__key="city.office", ended_on=None).order_by("id").first()
    created = 0
    for entry in data["kinds"]:
        if (entry["key"], entry.get("version", 1)) in known:
            continue
        kind = _load(entry, programme, issuer)
        created += 1
        audit.record(by=by, verb="report_kind.create", target=kind, new={"key": kind.key})
    return created


def _load(entry: dict[str, Any], programme: Programme, issuer: Body | None) -> ReportKind:
    values: dict[str, Any] = {name: entry[name] for name in FIELDS if name in entry}
    since = entry.get("in_force_from", SINCE)
    template = entry.get("template", False)
    if not template:
        close_before(entry["key"], since)
    kind = ReportKind.objects.create(
        key=entry["key"],
        version=entry.get("version", 1),
        programme=programme,
        issuer=issuer,
        duty=Duty.objects.filter(key=entry.get("duty", "")).first(),
        is_template=template,
        status=KindStatus.DRAFT if template else KindStatus.APPROVED,
        validity=None if template else (since, None),
        **values,
    )
    rule = DeadlineRule.objects.by_key([kind.deadline_rule]).get(kind.deadline_rule)
    kind.days_given = days_given(kind, rule, clock.today())
    kind.save(update_fields=["days_given"])
    kind.submitters.set(BodyKind.objects.filter(key__in=entry["submitters"]))
    _sections(kind, entry["sections"])
    ReportCheck.objects.bulk_create(
        ReportCheck(kind=kind, position=number, **check)
        for number, check in enumerate(entry.get("checks", []), 1)
    )
    return kind


def close_before(key: str, day: date) -> None:
    """End the approved version in force so that the next one begins on a day."""
    for old in ReportKind.objects.select_for_update(of=("self",)).filter(
        key=key, status=KindStatus.APPROVED, validity__contains=day
    ):
        if old.in_force_from == day:
            raise Invalid("当前版本今天才起用，明天以后才能换新版本。", where="in_force_from")
        old.validity = (old.in_force_from, day)
        old.save(update_fields=["validity"])


def _sections(kind: ReportKind, entries: list[dict[str, Any]]) -> None:
    known = {item.key: item for item in Indicator.objects.all()}
    for position, entry in enumerate(entries, 1):
        section = SectionDef.objects.create(
            kind=kind,
            key=entry["key"],
            title=entry["title"],
            section_kind=entry["kind"],
            position=position,
            **{name: entry[name] for name in SECTION_FIELDS if name in entry},
        )
        for number, key in enumerate(entry.get("indicators", []), 1):
            if key not in known:
                raise Invalid(f"{kind.key}：没有指标“{key}”。")
            CellDef.objects.create(
                section=section,
                indicator=known[key],
                typed=key in entry.get("typed", []),
                position=number,
            )
