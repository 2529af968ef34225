"""Bodies that come from a list (成员单位): loaded whole or not at all, ended by hand."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.common.sheets import Line, read_table
from responsibility.divisions.models import Body, BodyKind, Division, DivisionQuerySet
from responsibility.jobs.models import ImportReceipt
from responsibility.jobs.receipts import keep_sheet
from responsibility.jobs.rules import ReceiptStatus

COLUMNS = {
    "division": ("区划代码", "division_code"),
    "kind": ("单位种类", "kind"),
    "name": ("单位名称", "name"),
}
Mistake = dict[str, str]


def import_member_units(*, path: Path, by: Any = None, demo: bool = False) -> int:
    """Load a list from a file; return how many were new; raise Invalid with the first mistake."""
    receipt = load_units(data=path.read_bytes(), file_name=path.name, by=by, demo=demo)
    if receipt.mistakes:
        first = receipt.mistakes[0]
        raise Invalid(f"{first['cell']}：{first['message']}", where=first["cell"])
    return receipt.loaded


@transaction.atomic
def load_units(*, data: bytes, file_name: str, by: Any = None, demo: bool = False) -> ImportReceipt:
    """Load listed bodies, whole or not at all; the receipt names each mistake by cell.

    The same list twice changes nothing. Raises Invalid for what is no such list.
    """
    lines = read_table(data, COLUMNS)
    if not lines:
        raise Invalid("表里没有数据行，请核对。", where="file")
    good, mistakes = _validate(lines, by, demo=demo)
    status = ReceiptStatus.LOADED if good else ReceiptStatus.UNCHANGED
    receipt = ImportReceipt.objects.create(
        kind="units",
        file_name=file_name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        status=ReceiptStatus.REFUSED if mistakes else status,
        rows=len(lines),
        loaded=0 if mistakes else len(good),
        unchanged=0 if mistakes else len(lines) - len(good),
        mistakes=mistakes[:500],
        uploaded_by=by,
    )
    keep_sheet(receipt, data)
    if good and not mistakes:
        Body.objects.bulk_create(good, batch_size=2000)
        new = {"sha256": receipt.sha256, "loaded": len(good)}
        audit.record(by=by, verb="bodies.import", target=receipt, new=new)
    return receipt


def _allowed(by: Any) -> DivisionQuerySet:
    found = Division.objects.living()
    return found if by is None else found.visible_to(by, Right.MANAGE_DIVISIONS)


def _validate(lines: list[Line], by: Any, *, demo: bool) -> tuple[list[Body], list[Mistake]]:
    kinds = {
        word: kind
        for kind in BodyKind.objects.filter(listed=True)
        for word in (kind.key, kind.name)
    }
    codes = {line.text("division").ljust(12, "0") for line in lines}
    places = {item.code: item for item in _allowed(by).filter(code__in=codes)}
    present = Body.objects.filter(division__in=places.values(), ended_on=None)
    seen = set(present.values_list("division_id", "kind_id", "name"))
    good: list[Body] = []
    mistakes: list[Mistake] = []
    for line in lines:
        place = places.get(line.text("division").ljust(12, "0"))
        kind, name = kinds.get(line.text("kind")), line.text("name")
        wrong = _wrong(line, place, kind)
        mistakes += [
            {"cell": line.cell(key), "value": line.text(key)[:60], "message": text}
            for key, text in wrong
        ]
        if wrong or place is None or kind is None or (place.pk, kind.pk, name) in seen:
            continue
        seen.add((place.pk, kind.pk, name))
        body = Body(kind=kind, name=name, is_demo=demo)
        body.place(place)
        good.append(body)
    return good, mistakes


def _wrong(line: Line, place: Division | None, kind: BodyKind | None) -> list[tuple[str, str]]:
    wrong = []
    if place is None:
        code = line.text("division")[:20]
        wrong.append(("division", f"填了“{code}”，没有这个区划或不在您的范围内。"))
    if kind is None:
        text = f"填了“{line.text('kind')[:20]}”，没有这种按名单导入的单位。"
        wrong.append(("kind", text))
    elif place is not None and kind.tier != place.tier:
        wrong.append(("kind", f"“{kind.name}”不能设在{place.name[:20]}这一级。"))
    if not line.text("name") or len(line.text("name")) > 100:
        wrong.append(("name", "单位名称应为 1 至 100 字。"))
    return wrong


@transaction.atomic
def end_unit(*, body: Body, day: date, by: Any) -> None:
    """End a listed body from a day on; what it bore stays on file."""
    row = Body.objects.select_for_update(of=("self",)).select_related("kind").get(pk=body.pk)
    access_of(by).require(Right.MANAGE_DIVISIONS, row)
    if not row.kind.listed:
        raise Conflict("这个单位随区划自动设立，不能单独撤销。")
    if row.ended_on is not None:
        raise Conflict("这个单位已经撤销。")
    Body.objects.filter(pk=row.pk).update(ended_on=day)
    audit.record(by=by, verb="bodies.end", target=row, new={"ended_on": str(day)})
