"""Sending stored bytes: never inline as a page, never sniffed. The caller has checked the scope."""

from urllib.parse import quote

from django.core.files.storage import default_storage
from django.http import FileResponse

from responsibility.common.errors import Missing
from responsibility.files.models import StoredFile

INLINE = ("image/jpeg", "image/png", "image/gif", "image/webp")


def respond(stored: StoredFile, name: str, *, thumbnail: bool = False) -> FileResponse:
    """Return the file with safe headers; raise Missing when the bytes are gone."""
    source = stored.thumbnail_name if thumbnail else stored.storage_name
    if not source or not default_storage.exists(source):
        raise Missing("文件不在存储中，请联系系统管理员。")
    media_type = "image/jpeg" if thumbnail else stored.media_type
    response = FileResponse(default_storage.open(source), content_type=media_type)
    kind = "inline" if media_type in INLINE else "attachment"
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
