"""A list of places loaded in the background: places, their bodies, and a receipt in any case."""

import hashlib
from typing import Any

from responsibility.common.errors import Invalid
from responsibility.common.sheets import column_name, read_rows
from responsibility.divisions.services.bodies import make_bodies
from responsibility.divisions.services.importing import Refused, load_divisions
from responsibility.jobs import runs, uploads
from responsibility.jobs.models import ImportReceipt, Run
from responsibility.jobs.receipts import keep_sheet
from responsibility.jobs.rules import ReceiptStatus

SHOWN = 1000


def load_run(run: Run) -> list[runs.Line]:
    """Load the places and make their bodies; safe to begin again, for what is there stays."""
    data, name = uploads.read(run), run.arguments["file_name"]
    try:
        result = load_divisions(data=data, file_name=name, by=run.started_by)
    except Refused as error:
        receipt = refused_receipt(error, data=data, file_name=name, by=run.started_by)
        return uploads.lines_of(run, receipt)
    if result.created:
        make_bodies(by=run.started_by, divisions=result.made)
    return uploads.lines_of(run, result.receipt)


def refused_receipt(error: Refused, *, data: bytes, file_name: str, by: Any) -> ImportReceipt:
    """Keep a list that was refused, its mistakes by cell."""
    try:
        rows = read_rows(data)
    except Invalid:
        rows = []
    head = [str(cell or "").strip() for cell in rows[0]] if rows else []
    mistakes = [_by_cell(rows, head, *item) for item in error.mistakes[:SHOWN]]
    receipt = ImportReceipt.objects.create(
        kind="divisions",
        file_name=file_name[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        status=ReceiptStatus.REFUSED,
        rows=max(0, len(rows) - 1),
        mistakes=mistakes,
        uploaded_by=by,
    )
    keep_sheet(receipt, data)
    return receipt


def _by_cell(
    rows: list[list[object]], head: list[str], row: int, column: str, message: str
) -> dict[str, str]:
    place = head.index(column) if column in head else 0
    line = rows[row - 1] if 0 < row <= len(rows) else []
    value = str(line[place]) if place < len(line) else ""
    return {"cell": f"{column_name(place)}{row}", "value": value, "message": message}
