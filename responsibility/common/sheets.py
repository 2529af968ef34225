"""Reading the lists that offices upload: CSV (UTF-8 or GB18030) and xlsx; by header, by cell."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from responsibility.common.errors import Invalid

MAX_ROWS = 100_000
MAX_UNPACKED = 200 * 1024 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Line:
    """One line of a sheet: its number as the sheet shows it, and its cells by column key."""

    number: int
    cells: Mapping[str, Any]
    columns: Mapping[str, str]

    def text(self, key: str) -> str:
        """Return a cell as text; whole numbers without ``.0``; missing ones empty."""
        value = self.cells.get(key)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value).replace("\0", "").strip()

    def cell(self, key: str) -> str:
        """Return the cell's name as the sheet shows it (``C17``)."""
        return f"{self.columns.get(key, '')}{self.number}"


def read_upload(upload: "UploadedFile[Any]") -> bytes:
    """Return the bytes of an upload; raise Invalid for an empty or too big one."""
    size, limit = upload.size or 0, settings.UPLOAD_LIMIT
    if size == 0:
        raise Invalid("文件是空的，请重新选择。", where="file")
    if size > limit:
        mb = limit // 1024 // 1024
        raise Invalid(f"文件超过 {mb} MB 的上限，请分成几个再传。", where="file")
    return bytes(upload.read())


def read_table(data: bytes, columns: Mapping[str, Sequence[str]]) -> list[Line]:
    """Return the lines of a list whose first row is a header.

    ``columns`` maps each key to the headers by which it is known; a key whose headers begin with
    an empty text may be missing. Raises Invalid for what is no list or lacks a column.
    """
    rows = read_rows(data)
    header = [str(cell or "").strip().lower() for cell in rows[0]] if rows else []
    places = {}
    for key, names in columns.items():
        found = [header.index(name.lower()) for name in names if name and name.lower() in header]
        if found:
            places[key] = found[0]
    missing = [names[0] for key, names in columns.items() if key not in places and names[0]]
    if missing:
        raise Invalid(f"缺少列：{'、'.join(missing)}。请按样表的首行填写。", where="file")
    letters = {key: column_name(place) for key, place in places.items()}
    return [
        Line(
            number,
            {key: row[place] for key, place in places.items() if place < len(row)},
            letters,
        )
        for number, row in enumerate(rows[1:], 2)
        if any(str(cell or "").strip() for cell in row)
    ]


@dataclass(frozen=True)
class Page:
    """One sheet of a workbook: its name, whether it is seen, its rows."""

    name: str
    visible: bool
    rows: list[list[Any]]


def read_rows(data: bytes) -> list[list[Any]]:
    """Return all rows of a CSV or of the first visible sheet of an xlsx; raise Invalid for else."""
    if data[:4] != b"PK\x03\x04":
        return _csv(data)
    book = _book(data)
    visible = [item.name for item in book.sheets_metadata if _seen(item)]
    names = visible or book.sheet_names
    return _rows(book, names[0]) if names else []


def read_pages(data: bytes) -> list[Page]:
    """Return every sheet of an xlsx, or the one of a CSV; raise Invalid for what is neither."""
    if data[:4] != b"PK\x03\x04":
        return [Page("", True, _csv(data))]
    book = _book(data)
    return [Page(item.name, _seen(item), _rows(book, item.name)) for item in book.sheets_metadata]


def _seen(item: Any) -> bool:
    return bool(item.visible == SheetVisibleEnum.Visible)


def column_name(place: int) -> str:
    """Return the letters of a column counted from 0.

    >>> column_name(0), column_name(27)
    ('A', 'AB')
    """
    high, low = divmod(place, 26)
    return (LETTERS[high - 1] if high else "") + LETTERS[low]


def _foreign(data: bytes) -> str:
    """Return what to do with a file that is no spreadsheet we read; empty if it may be a CSV."""
    if data[:8] == OLE:
        if "EncryptedPackage".encode("utf-16-le") in data:
            return "文件加了密码，请取消密码、另存为 xlsx 再传。"
        return "这是旧版 xls 或其他文件，请另存为 xlsx 再传。"
    if data[:5] == b"%PDF-":
        return "这是 PDF，不是表格，请上传 xlsx。"
    return ""


def _csv(data: bytes) -> list[list[Any]]:
    if words := _foreign(data):
        raise Invalid(words, where="file")
    if b"\0" in data:
        raise Invalid("这不是 CSV 或 xlsx 文件，请核对。", where="file")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise Invalid("文件编码不对，请另存为 xlsx 或 UTF-8 的 CSV。", where="file")
    try:
        rows = list(csv.reader(io.StringIO(text)))
    except csv.Error:
        raise Invalid("这不是 CSV 或 xlsx 文件，请核对。", where="file") from None
    return _short_enough(rows)


def _book(data: bytes) -> CalamineWorkbook:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise Invalid("表格解开后过大，请分成几个再传。", where="file")
        return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except (zipfile.BadZipFile, CalamineError):
        raise Invalid("表格打不开，请另存为 xlsx 再传。", where="file") from None


def _rows(book: CalamineWorkbook, name: str) -> list[list[Any]]:
    try:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError:
        raise Invalid("表格打不开，请另存为 xlsx 再传。", where="file") from None
    while rows and not any(cell not in ("", None) for cell in rows[-1]):
        rows.pop()
    return _short_enough(rows)


def _short_enough(rows: list[list[Any]]) -> list[list[Any]]:
    if len(rows) > MAX_ROWS + 1:
        raise Invalid(f"超过 {MAX_ROWS:,} 行，请分成几个再传。", where="file")
    return rows


def write_table(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return an xlsx of one sheet: a bold head that stays in sight, text never run as a formula."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, head, book.add_format({"bold": True}))
        sheet.set_column(0, len(head) - 1, 18)
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, row)
    return stream.getvalue()
