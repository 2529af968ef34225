"""Dated marks of divisions (省定扶贫工作重点村 …): by hand, by import, voided; each on a basis."""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common import clock
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.common.sheets import Line, read_table
from responsibility.divisions.models import Body, Division, DivisionMark, MarkKind
from responsibility.divisions.rules import TIER_LABELS, MarkRow, Tier, parse_day
from responsibility.divisions.services.bodies import make_bodies
from responsibility.divisions.signals import marks_changed
from responsibility.jobs.models import ImportReceipt
from responsibility.jobs.receipts import keep_sheet
from responsibility.jobs.rules import ReceiptStatus

COLUMNS = {
    "code": ("区划代码", "代码", "code"),
    "name": ("", "区划名称", "名称", "name"),
    "mark": ("标记", "mark"),
    "since": ("起始日期", "since"),
    "until": ("", "截止日期", "until"),
    "basis": ("依据", "basis"),
}
SHOWN = 500
Mistake = dict[str, str]


@transaction.atomic
def add_mark(
    *,
    division: Division,
    kind: MarkKind,
    since: date,
    until: date | None,
    basis: str,
    by: Any,
) -> DivisionMark:
    """Give a mark to a division from a day on, to a last day (None: until further notice).

    Raises Invalid when the tier is wrong, the dates are turned or overlap, or the basis is empty.
    """
    access_of(by).require(Right.MANAGE_DIVISIONS, division)
    Division.objects.select_for_update(of=("self",)).get(pk=division.pk)
    for where, text in _wrong(kind, division, since, until, basis):
        raise Invalid(text, where=where)
    if _overlapping([division.pk]).filter(kind=kind, validity__overlap=_range(since, until)):
        raise Conflict("这段时间已有这个标记，请核对日期。", where="since")
    mark = _mark(kind, division, since, until, basis)
    mark.save()
    audit.record(by=by, verb="marks.add", target=mark, new=_facts(mark))
    _settle([division], by)
    return mark


@transaction.atomic
def void_mark(*, mark: DivisionMark, reason: str, by: Any) -> None:
    """Void a mark with a reason; bodies that exist only by it end today."""
    row = DivisionMark.objects.select_for_update(of=("self",)).get(pk=mark.pk)
    access_of(by).require(Right.MANAGE_DIVISIONS, row)
    if row.is_voided:
        raise Conflict("这个标记已经作废。")
    if not reason.strip():
        raise Invalid("作废原因没有填。", where="reason")
    DivisionMark.objects.filter(pk=row.pk).update(
        voided_at=Now(), voided_by=by, void_reason=reason.strip()
    )
    audit.record(by=by, verb="marks.void", target=row, old=_facts(row), note=reason.strip())
    today = clock.today()
    others = _overlapping([row.division_id]).filter(kind=row.kind_id, validity__contains=today)
    if not others.exists():
        Body.objects.filter(
            division=row.division_id, kind__needs_mark=row.kind_id, ended_on=None
        ).update(ended_on=today)
    marks_changed.send(sender=DivisionMark, divisions=[row.division_id], by=by)


@transaction.atomic
def import_marks(*, data: bytes, file_name: str, by: Any) -> ImportReceipt:
    """Load a list of marks, whole or not at all; the receipt names each mistake by cell.

    The same list twice changes nothing. Raises Invalid for what is no such list.
    """
    lines = read_table(data, COLUMNS)
    if not lines:
        raise Invalid("表里没有数据行，请核对。", where="file")
    kinds = {name: kind for kind in MarkKind.objects.all() for name in (kind.name, kind.key)}
    codes = {line.text("code").ljust(12, "0") for line in lines}
    allowed = Division.objects.living().visible_to(by, Right.MANAGE_DIVISIONS)
    places = {item.code: item for item in allowed.filter(code__in=codes)}
    present = _overlapping([item.pk for item in places.values()])
    good, mistakes, unchanged = _validate(lines, kinds, places, list(present))
    status = ReceiptStatus.REFUSED if mistakes else _status(good)
    receipt = ImportReceipt.objects.create(
        kind="marks",
        file_name=file_name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        status=status,
        rows=len(lines),
        loaded=0 if mistakes else len(good),
        unchanged=unchanged,
        mistakes=mistakes[:SHOWN],
        uploaded_by=by,
    )
    keep_sheet(receipt, data)
    if status == ReceiptStatus.LOADED:
        DivisionMark.objects.bulk_create(good, batch_size=2000)
        audit.record(
            by=by,
            verb="marks.import",
            target=receipt,
            new={"sha256": receipt.sha256, "loaded": len(good)},
        )
        _settle(list({mark.division_id: mark.division for mark in good}.values()), by)
    return receipt


def _status(good: list[DivisionMark]) -> ReceiptStatus:
    return ReceiptStatus.LOADED if good else ReceiptStatus.UNCHANGED


def _validate(
    lines: list[Line],
    kinds: dict[str, MarkKind],
    places: dict[str, Division],
    present: list[DivisionMark],
) -> tuple[list[DivisionMark], list[Mistake], int]:
    """Return the marks to make, the mistakes by cell, and how many lines are there already."""
    held: dict[tuple[int, int], list[DivisionMark]] = {}
    for mark in present:
        held.setdefault((mark.division_id, mark.kind_id), []).append(mark)
    good: list[DivisionMark] = []
    mistakes: list[Mistake] = []
    unchanged = 0
    for line in lines:
        row, wrong = _parse(line)
        kind, place = kinds.get(line.text("mark")), places.get(line.text("code").ljust(12, "0"))
        wrong += _unknown(line, kind, place)
        if wrong or row is None or kind is None or place is None:
            mistakes += [_mistake(line, *item) for item in wrong]
            continue
        others = held.setdefault((place.pk, kind.pk), [])
        mark = _mark(kind, place, row.since, row.until, row.basis)
        if any(_same(mark, other) for other in others if other.pk):
            unchanged += 1
        elif any(_touch(mark, other) for other in others):
            mistakes.append(_mistake(line, "since", "与已有或表中另一行的日期重叠，请核对。"))
        else:
            wrong = _wrong(kind, place, row.since, row.until, row.basis)
            mistakes += [_mistake(line, *item) for item in wrong]
            if not wrong:
                good.append(mark)
                others.append(mark)
    return good, mistakes, unchanged


def _parse(line: Line) -> tuple[MarkRow | None, list[tuple[str, str]]]:
    days: dict[str, date | None] = {"since": None, "until": None}
    wrong = []
    for key in days:
        value = line.cells.get(key)
        try:
            days[key] = parse_day(value if isinstance(value, date) else line.text(key))
        except ValueError:
            wrong.append((key, f"填了“{line.text(key)[:20]}”，应是日期，如 2016-01-01。"))
    since = days["since"]
    if since is None:
        if not wrong:
            wrong.append(("since", "起始日期没有填，如 2016-01-01。"))
        return None, wrong
    row = MarkRow(
        line.number, line.text("code"), line.text("mark"), since, days["until"], line.text("basis")
    )
    return row, wrong


def _unknown(line: Line, kind: MarkKind | None, place: Division | None) -> list[tuple[str, str]]:
    wrong = []
    if place is None:
        code = line.text("code")[:20]
        wrong.append(("code", f"填了“{code}”，没有这个区划或不在您的范围内。"))
    if kind is None:
        wrong.append(("mark", f"填了“{line.text('mark')[:20]}”，没有这种标记。"))
    return wrong


def _mistake(line: Line, key: str, text: str) -> Mistake:
    return {"cell": line.cell(key), "value": line.text(key)[:60], "message": text}


def _wrong(
    kind: MarkKind, division: Division, since: date, until: date | None, basis: str
) -> list[tuple[str, str]]:
    wrong = []
    if kind.tier != division.tier:
        tier = TIER_LABELS[Tier(kind.tier)]
        wrong.append(("mark", f"“{kind.name}”只用于{tier}，{division.name}不是。"))
    if division.abolished_on is not None:
        wrong.append(("code", f"{division.name}已撤销。"))
    if until is not None and until < since:
        wrong.append(("until", "截止日期早于起始日期。"))
    if not basis.strip():
        wrong.append(("basis", "依据没有填，请写文件名称和文号。"))
    if len(basis.strip()) > 200:
        wrong.append(("basis", "依据超过 200 字，请写简短些。"))
    return wrong


def _range(since: date, until: date | None) -> tuple[date, date | None]:
    return since, (until + timedelta(days=1) if until and until < date.max else None)


def _mark(
    kind: MarkKind, division: Division, since: date, until: date | None, basis: str
) -> DivisionMark:
    mark = DivisionMark(kind=kind, validity=_range(since, until), basis=basis.strip())
    mark.place(division)
    return mark


def _bounds(mark: DivisionMark) -> tuple[date, date]:
    value = mark.validity
    since, until = value if isinstance(value, tuple) else (value.lower, value.upper)
    return since or date.min, until or date.max


def _same(mark: DivisionMark, other: DivisionMark) -> bool:
    return _bounds(mark) == _bounds(other) and mark.basis == other.basis


def _touch(mark: DivisionMark, other: DivisionMark) -> bool:
    (since, until), (start, end) = _bounds(mark), _bounds(other)
    return since < end and start < until


def _overlapping(divisions: Iterable[int]) -> "Any":
    return DivisionMark.objects.filter(Q(division__in=list(divisions)), voided_at=None)


def _facts(mark: DivisionMark) -> dict[str, str]:
    since, until = _bounds(mark)
    return {
        "mark": mark.kind.key,
        "division": mark.division.code,
        "since": str(since),
        "until": "" if until == date.max else str(until),
        "basis": mark.basis,
    }


def _settle(divisions: list[Division], by: Any) -> None:
    """Make the bodies that exist only where a mark is borne, and tell whoever rests on marks."""
    make_bodies(by=by, divisions=divisions)
    ids = [item.pk for item in divisions]
    marks_changed.send(sender=DivisionMark, divisions=ids, by=by)
