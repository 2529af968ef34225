"""Loading the tree from a list: whole or not at all, twice is a no-op."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from responsibility.audit import services as audit
from responsibility.common.errors import Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.divisions.models import Division, DivisionVersion
from responsibility.divisions.rules import (
    DivisionKind,
    Row,
    Tier,
    check_rows,
    pinyin_of,
    standard_order,
)
from responsibility.divisions.services.tree import BEGINNING, lock_tree
from responsibility.jobs.models import ImportReceipt
from responsibility.jobs.rules import ReceiptStatus

RUN = "divisions.import"
COLUMNS = ("code", "name", "tier", "parent_code", "kind")
ORDER = list(Tier)
NOTHING = "\x01"
DIVISION_COLUMNS = (
    "id",
    "code",
    "name",
    "tier",
    "kind",
    "parent_id",
    "path",
    "county_id",
    "pinyin",
    "initials",
    "sort_key",
)
VERSION_COLUMNS = ("division_id", "validity", "code", "name", "tier", "kind", "parent_id")


@dataclass(frozen=True)
class Result:
    """What an import did."""

    rows: int
    created: int
    unchanged: int
    receipt: ImportReceipt
    made: tuple[Division, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the counts for ``--json``."""
        return {
            "rows": self.rows,
            "created": self.created,
            "unchanged": self.unchanged,
            "receipt": str(self.receipt.public_id),
        }


class Refused(Invalid):
    """The list has mistakes; each is (row, column, message)."""

    def __init__(self, mistakes: list[tuple[int, str, str]]) -> None:
        """Say the first mistake and how many there are."""
        row, column, message = mistakes[0]
        more = f"（共 {len(mistakes)} 处）" if len(mistakes) > 1 else ""
        super().__init__(f"第 {row} 行“{column}”：{message}{more}", where=column)
        self.mistakes = mistakes


def read_csv(data: bytes) -> list[Row]:
    """Return the rows of a CSV file in UTF-8 or GB18030; raise Invalid for anything else."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise Invalid("文件编码不对，请另存为 UTF-8 的 CSV。")
    if "\0" in text:
        raise Invalid("这不是 CSV 文件，请核对。")
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in COLUMNS[:4] if name not in (reader.fieldnames or [])]
    if missing:
        raise Invalid(f"缺少列：{'、'.join(missing)}。首行应为 {','.join(COLUMNS)}。")
    return [
        Row(number, *(str(line.get(name) or "").strip() for name in COLUMNS))
        for number, line in enumerate(reader, 2)
    ]


def import_divisions(*, path: Path, by: Any = None, since: date = BEGINNING) -> Result:
    """Load a list of divisions from a file, as ``load_divisions`` does."""
    return load_divisions(data=path.read_bytes(), file_name=path.name, by=by, since=since)


@transaction.atomic
def load_divisions(
    *, data: bytes, file_name: str, by: Any = None, since: date = BEGINNING
) -> Result:
    """Load a list of divisions; existing codes are left as they are.

    Raises Invalid (Refused with every mistake by row and column); nothing is loaded then. Names or
    parents that differ from today's are mistakes too: what changes goes through a recorded change.
    """
    rows = read_csv(data)
    lock_tree()
    known = {item.code: item for item in Division.objects.living().select_related("parent")}
    mistakes = check_rows(
        rows,
        {
            code: (item.name, item.parent.code if item.parent else "")
            for code, item in known.items()
        },
    )
    if mistakes:
        raise Refused(mistakes)
    fresh = [row for row in rows if row.code not in known]
    _create(fresh, known, since)
    _check_inside(fresh, known, by)
    digest = hashlib.sha256(data).hexdigest()
    status = ReceiptStatus.LOADED if fresh else ReceiptStatus.UNCHANGED
    receipt = ImportReceipt.objects.create(
        kind="divisions",
        file_name=file_name[:200],
        sha256=digest,
        status=status,
        rows=len(rows),
        loaded=len(fresh),
        unchanged=len(rows) - len(fresh),
        uploaded_by=by,
    )
    if fresh:
        audit.record(
            by=by,
            verb="divisions.import",
            target=receipt,
            new={"sha256": digest, "rows": len(rows), "created": len(fresh)},
        )
    made = tuple(known[row.code] for row in fresh)
    return Result(len(rows), len(fresh), len(rows) - len(fresh), receipt, made)


def _check_inside(rows: list[Row], known: dict[str, Division], by: Any) -> None:
    """Refuse a list that reaches beyond the territory of who loads it (None: the system)."""
    if by is None:
        return
    scope = access_of(by).scope(Right.MANAGE_DIVISIONS)
    outside = [
        (row.number, "code", f"{row.name[:20]}不在您的管理范围内，请删去这一行。")
        for row in rows
        if not scope.covers(known[row.code].path)
    ]
    if outside:
        raise Refused(outside)


def _create(rows: list[Row], known: dict[str, Division], since: date) -> None:
    """Create divisions with their first versions, parents before children, by COPY.

    Ids are reserved first, so that a path is known before its row is written.
    """
    ids = iter(_reserve(len(rows)))
    made = []
    for tier in ORDER:
        for row in rows:
            if row.tier == tier:
                division = _new(row, known, next(ids))
                known[row.code] = division
                made.append(division)
    _copy(
        Division,
        DIVISION_COLUMNS,
        ([getattr(item, name) for name in DIVISION_COLUMNS] for item in made),
    )
    period = f"[{since},)"
    _copy(
        DivisionVersion,
        VERSION_COLUMNS,
        (
            [item.pk, period, item.code, item.name, item.tier, item.kind, item.parent_id]
            for item in made
        ),
    )


def _reserve(count: int) -> list[int]:
    """Return fresh ids of divisions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('divisions_division', 'id')) "
            "FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows by COPY; None is NULL."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([NOTHING if value is None else value for value in row])
    buffer.seek(0)
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {model._meta.db_table} ({names}) FROM STDIN WITH (FORMAT csv, NULL '{NOTHING}')",
            buffer,
        )


def _new(row: Row, known: dict[str, Division], pk: int) -> Division:
    kind = row.kind or DivisionKind.STATUTORY.value
    pinyin, initials = pinyin_of(row.name)
    above = known.get(row.parent_code)
    inherited = above.county_id if above else None
    return Division(
        id=pk,
        code=row.code,
        name=row.name,
        tier=row.tier,
        kind=kind,
        parent=above,
        path=f"{above.path if above else ''}{pk}/",
        county_id=pk if row.tier == Tier.COUNTY else inherited,
        pinyin=pinyin,
        initials=initials,
        sort_key=standard_order(row.code, kind),
    )
