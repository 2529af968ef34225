"""Which kinds of content may be kept. Pure."""

import zipfile
from collections.abc import Iterable
from io import BytesIO

THUMBNAIL = (320, 320)
ALLOWED = ("照片", "PDF", "Word", "Excel", "WPS", "文本")
_BY_MAGIC = {
    ".pdf": ("application/pdf", ".pdf"),
    ".jpg": ("image/jpeg", ".jpg"),
    ".jpeg": ("image/jpeg", ".jpg"),
    ".jfif": ("image/jpeg", ".jpg"),
    ".png": ("image/png", ".png"),
    ".gif": ("image/gif", ".gif"),
    ".webp": ("image/webp", ".webp"),
}
_OFFICE = {
    "word/": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ".docx",
    ),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    "ppt/": (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ".pptx",
    ),
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_NAMES = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".wps": "application/vnd.ms-works",
    ".et": "application/vnd.ms-excel",
}
_BAD_HEADS = (b"MZ", b"\x7fELF", b"#!", b"<!", b"<html", b"<svg", b"<?xml", b"<script")


def media_type_of(data: bytes, guesses: Iterable[str], name: str) -> tuple[str, str] | None:
    """Return (media type, extension) of allowed content, or None."""
    if data[:2] == b"PK":
        return _office_type(data)
    if data[:8] == _OLE:
        ending = "." + name.rsplit(".", 1)[-1].lower()
        return (_OLE_NAMES[ending], ending) if ending in _OLE_NAMES else None
    heads = {".pdf": b"%PDF", ".png": b"\x89PNG", ".jpg": b"\xff\xd8\xff", ".gif": b"GIF8"}
    for ending, head in heads.items():
        if data.startswith(head):
            return _BY_MAGIC[ending]
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _BY_MAGIC[".webp"]
    if any(guess in (".exe", ".dll", ".elf") for guess in guesses):
        return None
    return ("text/plain", ".txt") if _is_text(data) else None


def _office_type(data: bytes) -> tuple[str, str] | None:
    try:
        names = zipfile.ZipFile(BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError):
        return None
    for folder, found in _OFFICE.items():
        if any(entry.startswith(folder) for entry in names):
            return found
    return None


def _is_text(data: bytes) -> bool:
    head = data.lstrip()[:16].lower()
    if b"\0" in data or head.startswith(tuple(item.lower() for item in _BAD_HEADS)):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


def size_text(size: int) -> str:
    """Return a size as offices say it.

    >>> size_text(20 * 1024 * 1024)
    '20 兆'
    """
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    megabytes = size / 1024 / 1024
    return f"{megabytes:.0f} 兆" if megabytes >= 10 else f"{megabytes:.1f} 兆"
