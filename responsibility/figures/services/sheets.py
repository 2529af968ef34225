"""Numbers from a spreadsheet, with a receipt; and the sheet to fill."""

import hashlib
import io
from typing import Any

import xlsxwriter
from django.db import transaction

from responsibility.common import periods
from responsibility.common.errors import Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import Scope, access_of, collapse
from responsibility.common.sheets import read_rows
from responsibility.divisions.models import Body, DivisionVersion
from responsibility.divisions.rules import Tier
from responsibility.figures.models import FigureValue, Indicator
from responsibility.figures.rules import SourceKind, sheets
from responsibility.figures.rules.incoming import Mistake
from responsibility.figures.rules.sheets import Layout
from responsibility.figures.services import bulk, incoming
from responsibility.figures.services.ledger import as_of
from responsibility.jobs.models import ImportReceipt
from responsibility.jobs.receipts import keep_sheet
from responsibility.jobs.rules import ReceiptStatus

KIND = "figures"
SHOWN = 1000
OFFICES = (Tier.CITY, Tier.COUNTY)


def writing_scope(user: Any) -> Scope:
    """Return where an office may enter numbers for those below; raise Forbidden without any."""
    grants = access_of(user).with_right(Right.LOG_FOR_LOWER)
    scope = Scope(
        collapse(
            grant.prefix for grant in grants if grant.tier in OFFICES and grant.body_id is None
        )
    )
    if not scope:
        raise Forbidden("只有市、县两级办公室可以导入下级数据。")
    return scope


def may_import(user: Any) -> bool:
    """Say whether the user is of an office that enters numbers for those below."""
    try:
        return bool(writing_scope(user))
    except Forbidden:
        return False


@transaction.atomic
def import_sheet(
    *,
    by: Any,
    data: bytes,
    file_name: str,
    period: str,
    load_good: bool = False,
    accept_jumps: bool = False,
) -> ImportReceipt:
    """Enter the numbers of a sheet and return its receipt, the mistakes by cell.

    With any mistake nothing is loaded, or with ``load_good`` exactly the good cells. The same
    sheet twice changes nothing. Raises Invalid for what is no such sheet.
    """
    scope = writing_scope(by)
    try:
        code = periods.parse(period).code
    except ValueError:
        raise Invalid("所属期写法不对，应如 2020、2020M03。", where="period") from None
    rows = read_rows(data)
    layout = _layout(rows)
    items, wrong, count = sheets.items_of(rows, layout, code)
    if not count:
        raise Invalid("表里没有数据行，请核对。", where="file")
    checked = incoming.check(items=items, scope=scope, accept_jumps=accept_jumps)
    mistakes = sheets.tidy([*layout.mistakes, *wrong, *checked.mistakes], layout)
    receipt = ImportReceipt(
        kind=KIND,
        file_name=file_name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        status=ReceiptStatus.REFUSED,
        rows=count,
        mistakes=_kept(mistakes),
        uploaded_by=by,
    )
    receipt.save()
    keep_sheet(receipt, data)
    if load_good or not mistakes:
        done = incoming.write(by=by, checked=checked, source=receipt)
        receipt.loaded, receipt.unchanged = done.written, done.unchanged
        receipt.status = _status(done, bool(mistakes))
        receipt.save()
    return receipt


def _layout(rows: list[list[Any]]) -> Layout:
    names: dict[str, str] = {}
    for row in Indicator.objects.filter(retired_on=None).order_by("-position", "-id"):
        names |= {row.key: row.key, row.name: row.key, f"{row.name}（{row.unit}）": row.key}
    layout = sheets.find_layout(rows, names)
    if layout is None:
        raise Invalid("没有找到“区划代码”列，请用下载的样表填。", where="file")
    if not layout.columns:
        raise Invalid("没有一列是指标库里的指标，请用下载的样表填。", where="file")
    return layout


def _status(done: bulk.Written, wrong: bool) -> ReceiptStatus:
    if not done.written:
        return ReceiptStatus.REFUSED if wrong and not done.unchanged else ReceiptStatus.UNCHANGED
    return ReceiptStatus.PARTIAL if wrong else ReceiptStatus.LOADED


def _kept(mistakes: list[Mistake]) -> list[dict[str, str]]:
    kept = [
        {"cell": item.where, "value": item.given, "message": item.message}
        for item in mistakes[:SHOWN]
    ]
    if len(mistakes) > SHOWN:
        more = len(mistakes) - SHOWN
        kept.append({"cell": "", "value": "", "message": f"另有 {more} 处没有列出，改好后再传。"})
    return kept


def template(*, user: Any, period: str, tier: str) -> bytes:
    """Return the sheet to fill: the places of a tier in the office's territory, what stands in it.

    Places are named and coded as of the period.
    """
    scope = writing_scope(user)
    indicators = list(
        Indicator.objects.filter(
            tier=tier,
            source_kind=SourceKind.TYPED,
            retired_on=None,
            period_type=periods.parse(period).type,
        ).order_by("position", "id")
    )
    bodies = Body.objects.within(scope).filter(is_main=True, ended_on=None, division__tier=tier)
    by_division = dict(bodies.values_list("division_id", "id"))
    versions = list(
        DivisionVersion.objects.as_of(as_of(period))
        .filter(tier=tier, division_id__in=by_division)
        .order_by("division__sort_key")
    )
    values = {
        (body, indicator): value
        for body, indicator, value in FigureValue.objects.current()
        .filter(
            body_id__in=by_division.values(), indicator__in=indicators, period=period, dimension=""
        )
        .values_list("body_id", "indicator_id", "value")
    }
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True})
        sheet = book.add_worksheet("数据")
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 1, 22)
        sheet.set_column(2, 2 + len(indicators), 14)
        heads = ["区划代码", "名称", "所属期", *(f"{row.name}（{row.unit}）" for row in indicators)]
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head, bold)
        for number, version in enumerate(versions, 1):
            sheet.write_string(number, 0, version.code)
            sheet.write_string(number, 1, version.name)
            sheet.write_string(number, 2, period)
            body = by_division[version.division_id]
            for place, row in enumerate(indicators, 3):
                if (body, row.pk) in values:
                    sheet.write_number(number, place, values[body, row.pk])
    return file.getvalue()
