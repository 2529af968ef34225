"""Rules in versions: import, change with a preview, and moving what is still open."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Now
from django.forms.models import model_to_dict

from responsibility.audit import services as audit
from responsibility.common import clock, periods
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.deadlines import rules
from responsibility.deadlines.models import CalendarDay, Deadline, DeadlineRule
from responsibility.deadlines.rules import BadRule, Overrides, Roll, Unit
from responsibility.deadlines.services.opening import explain_date
from responsibility.deadlines.signals import dates_moved
from responsibility.divisions.rules import Tier

DECIDING = (
    "title",
    "anchor",
    "month_day",
    "offset",
    "unit",
    "roll",
    "tier",
    "year_from",
    "year_to",
    "basis",
    "basis_text",
    "article",
    "steps",
)


@dataclass(frozen=True)
class Move:
    """Open deadlines of one period or event that a change moves."""

    period: str
    event_on: date | None
    count: int
    from_due: date
    to_due: date


@dataclass(frozen=True)
class ImportCounts:
    """What an import of rules did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


# --- reading ------------------------------------------------------------------------------------


def _from_entry(entry: Any, number: int) -> dict[str, Any]:
    where = f"第 {number} 条规则"
    if not isinstance(entry, Mapping) or not entry.get("key") or not entry.get("title"):
        raise Invalid(f"{where}：须有 key 和 title。", where=where)
    where = f"{where}（{entry['key']}）"
    known = {"key", "years", *DECIDING}
    if unknown := set(entry) - known:
        raise Invalid(f"{where}：不认识的字段 {sorted(unknown)[0]}。", where=where)
    first, last = _within(where, rules.parse_years, entry.get("years"))
    values = {
        "title": str(entry["title"]),
        "anchor": str(entry.get("anchor", "")),
        "month_day": str(entry.get("month_day") or ""),
        "offset": entry.get("offset", 0),
        "unit": str(entry.get("unit", Unit.DAY)),
        "roll": str(entry.get("roll", Roll.NONE)),
        "tier": str(entry.get("tier") or ""),
        "year_from": entry.get("year_from", first),
        "year_to": entry.get("year_to", last),
        "basis": str(entry.get("basis", "")),
        "basis_text": str(entry.get("basis_text") or ""),
        "article": str(entry.get("article") or ""),
        "steps": entry.get("steps", "default"),
    }
    return {"key": str(entry["key"]), **checked(values, where=where)}


def _within(where: str, function: Any, *args: Any) -> Any:
    try:
        return function(*args)
    except BadRule as error:
        raise Invalid(f"{where}：{error}" if where else str(error), where=error.where) from error


def checked(values: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Return the values of a rule in stored form; raise Invalid with field and mend."""
    found = dict(values)
    prefix = f"{where}：" if where else ""
    for field, kind in (("anchor", rules.Anchor), ("unit", Unit), ("roll", Roll)):
        if found[field] not in set(kind):
            raise Invalid(f"{prefix}“{found[field]}”不是可选的值。", where=field)
    if found["basis"] not in set(rules.Basis):
        raise Invalid(f"{prefix}须写明依据种类，如 本市设定。", where="basis")
    if found["tier"] and found["tier"] not in set(Tier):
        raise Invalid(f"{prefix}“{found['tier']}”不是层级。", where="tier")
    if not str(found["basis_text"]).strip():
        raise Invalid(
            f"{prefix}依据没有写。没有依据的，写明“细则未规定，按本市设定”。", where="basis_text"
        )
    try:
        found["offset"] = int(found["offset"])
    except (TypeError, ValueError) as error:
        raise Invalid(f"{prefix}时长应是整数。", where="offset") from error
    first, last = found["year_from"], found["year_to"]
    if first and last and first > last:
        raise Invalid(f"{prefix}停用年度早于起用年度。", where="year_to")
    for field, most in (("title", 120), ("basis_text", 300), ("article", 12)):
        if len(found[field]) > most:
            raise Invalid(f"{prefix}超过 {most} 字，请缩短。", where=field)
    rule = DeadlineRule(key="x", **{**found, "steps": []})
    _within(where, rules.check_spec, rule.spec)
    found["steps"] = [step.as_json() for step in _within(where, rules.parse_steps, found["steps"])]
    return found


def read_rules(path: Path) -> list[dict[str, Any]]:
    """Return the rules of a YAML file (``rules:`` with one mapping each), checked."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Invalid(f"读不了规则文件 {path.name}：不是 UTF-8 的 YAML。") from error
    entries = document.get("rules") if isinstance(document, Mapping) else None
    if not isinstance(entries, list):
        raise Invalid(f"规则文件 {path.name} 须有 rules 列表。")
    found = [_from_entry(entry, number) for number, entry in enumerate(entries, 1)]
    keys = [entry["key"] for entry in found]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise Invalid(f"规则 {sorted(twice)[0]} 写了两次。", where="key")
    return found


# --- writing ------------------------------------------------------------------------------------


@transaction.atomic
def import_rules(*, path: Path, by: Any) -> ImportCounts:
    """Load rules from a file: new ones are added, changed ones get a new version, twice is a no-op.

    ``by`` is None when the installation itself loads what the product ships.
    """
    entries = read_rules(path)
    known = DeadlineRule.objects.by_key(entry["key"] for entry in entries)
    added = changed = 0
    for entry in entries:
        values = {field: entry[field] for field in DECIDING}
        old = known.get(entry["key"])
        if old is None:
            DeadlineRule.objects.create(key=entry["key"], **values)
            added += 1
        elif values != values_of(old):
            _replace(old, values, "规则文件更新", by)
            changed += 1
    counts = ImportCounts(added, changed, len(entries) - added - changed)
    if added or changed:
        audit.record(
            by=by,
            verb="deadlines.rules_imported",
            target="deadlines.deadlinerule",
            note=f"{path.name}：新增 {added}，修改 {changed}",
        )
    return counts


def values_of(rule: DeadlineRule) -> dict[str, Any]:
    """Return the deciding fields of a rule."""
    return {
        **model_to_dict(rule, fields=DECIDING),
        "steps": [step.as_json() for step in rule.ladder],
    }


def preview_change(rule: DeadlineRule, values: Mapping[str, Any]) -> list[Move]:
    """Return which open deadlines a change would move, by period; changes nothing."""
    draft = DeadlineRule(key=rule.key, **checked({**values_of(rule), **values}))
    overrides = CalendarDay.objects.overrides()
    moves = []
    for period, event_on, base, count in _groups(rule):
        if not _applies(draft, period):
            continue
        to = explain_date(draft, period, event_on, overrides).due_on
        if to != base:
            moves.append(Move(period, event_on, count, base, to))
    return moves


@transaction.atomic
def change_rule(
    *, rule: DeadlineRule, values: Mapping[str, Any], reason: str, by: Any
) -> DeadlineRule:
    """Make a new version of a rule; open deadlines move, closed ones keep theirs.

    Raises Stale when somebody else changed the rule meanwhile.
    """
    access_of(by).require(Right.MANAGE_DEADLINES)
    if not reason.strip():
        raise Invalid("修改理由没有填。请写明依据哪份文件修改。", where="reason")
    locked = DeadlineRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    if locked.superseded_at is not None:
        raise Conflict("这条规则刚被别人改过，请刷新后在新版本上修改。", code="stale")
    whole = checked({**values_of(locked), **values})
    if whole == values_of(locked):
        raise Invalid("没有改动。")
    return _replace(locked, whole, reason.strip()[:200], by)


def _replace(old: DeadlineRule, values: Mapping[str, Any], reason: str, by: Any) -> DeadlineRule:
    DeadlineRule.objects.filter(pk=old.pk).update(superseded_at=Now())
    new = DeadlineRule.objects.create(
        key=old.key, version=old.version + 1, change_reason=reason, **values
    )
    moved = move_open(old, new, reason)
    audit.record(
        by=by,
        verb="deadlines.rule_changed",
        target=new,
        old=values_of(old),
        new=values_of(new),
        note=f"{reason}；改期 {moved} 项",
    )
    return new


def _groups(
    rule: DeadlineRule, only_uncertain: bool = False
) -> Sequence[tuple[str, date | None, date, int]]:
    living = Deadline.objects.living().filter(rule=rule)
    if only_uncertain:
        living = living.filter(uncertain=True)
    return list(
        living.values_list("period", "event_on", "base_due_on")
        .annotate(count=Count("id"))
        .order_by("base_due_on", "period", "event_on")
    )


def _applies(rule: DeadlineRule, period: str) -> bool:
    return rules.in_years(periods.parse(period) if period else None, rule.year_from, rule.year_to)


def move_open(
    old: DeadlineRule,
    new: DeadlineRule,
    reason: str,
    overrides: Overrides | None = None,
    only_uncertain: bool = False,
) -> int:
    """Put the open deadlines of one version under another (or the same); return how many moved.

    Those of years in which the new version is not in force keep the old one.
    """
    if overrides is None:
        overrides = CalendarDay.objects.overrides()
    moved = 0
    for period, event_on, base, _ in _groups(old, only_uncertain):
        if not _applies(new, period):
            continue
        found = explain_date(new, period, event_on, overrides)
        rows = Deadline.objects.living().filter(
            rule=old, period=period, event_on=event_on, base_due_on=base
        )
        if found.due_on == base and old.steps == new.steps:
            stands = {"rule": new, "starts_on": found.anchor_on, "uncertain": not found.certain}
            rows.exclude(**stands).update(**stands)
            continue
        moved += _move_group(rows, new, found, reason)
    return moved


def _move_group(rows: Any, new: DeadlineRule, found: rules.Computed, reason: str) -> int:
    today, total = clock.today(), 0
    parts = rows.values_list("paused_days", "step", "status").distinct()
    held = list(
        rows.select_for_update(of=("self",))
        .order_by("id")
        .values_list("pk", "subject_type", "subject_id")
    )
    locked = [pk for pk, _, _ in held]
    for paused_days, sent, status in list(parts.order_by()):
        due = found.due_on + timedelta(days=paused_days)
        step = rules.after_move(new.ladder, sent, due, today)
        chosen = Deadline.objects.filter(
            pk__in=locked, paused_days=paused_days, step=sent, status=status
        ).exclude(rule=new, base_due_on=found.due_on)
        total += chosen.update(
            rule=new,
            starts_on=found.anchor_on,
            moved_from=F("due_on"),
            moved_reason=reason[:200],
            base_due_on=found.due_on,
            due_on=due,
            uncertain=not found.certain,
            step=step,
            colour=rules.colour_on(new.ladder, due, today),
            next_action_on=(
                rules.next_action(new.ladder, step, due) if status == rules.Status.OPEN else None
            ),
        )
    subjects = defaultdict(list)
    for _, label, subject_id in held:
        subjects[label].append(subject_id)
    for label, ids in subjects.items():
        dates_moved.send(Deadline, label=label, subject_ids=ids)
    return total


@transaction.atomic
def recompute(*, by: Any, reason: str, only_uncertain: bool = False) -> int:
    """Compute open deadlines anew after the calendar changed; return how many moved.

    With ``only_uncertain`` just those that were computed by weekends for want of a notice.
    """
    touched = DeadlineRule.objects.filter(
        Q(unit=Unit.WORKING_DAY) | ~Q(roll=Roll.NONE),
        pk__in=_living_rules(only_uncertain),
    )
    overrides = CalendarDay.objects.overrides()
    moved = sum(move_open(rule, rule, reason, overrides, only_uncertain) for rule in touched)
    if moved:
        audit.record(
            by=by,
            verb="deadlines.recomputed",
            target="deadlines.deadline",
            note=f"{reason}；改期 {moved} 项",
        )
    return moved


def recompute_uncertain(day: date) -> int:
    """Compute anew what went by weekends only, now that its year may be known."""
    return recompute(by=None, reason="放假安排公布", only_uncertain=True)


def _living_rules(only_uncertain: bool) -> Any:
    living = Deadline.objects.living()
    if only_uncertain:
        living = living.filter(uncertain=True)
    return living.order_by().values("rule_id").distinct()
