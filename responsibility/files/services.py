"""Keeping uploaded bytes once, by what they are rather than by their name."""

import hashlib
import io
import warnings
from typing import Any

import puremagic
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from responsibility.audit import services as audit
from responsibility.common.errors import Invalid
from responsibility.files.models import StoredFile
from responsibility.files.rules import ALLOWED, THUMBNAIL, media_type_of, size_text

Image.MAX_IMAGE_PIXELS = 60_000_000


@transaction.atomic
def store_upload(*, by: Any, upload: UploadedFile[Any]) -> tuple[StoredFile, bool]:
    """Store an upload; return the file and whether its content is new.

    Raises Invalid for an empty or too big file, or one whose content is of no allowed kind.
    """
    size = upload.size or 0
    if size == 0:
        raise Invalid("文件是空的，请重新选择。", where="files")
    if size > settings.UPLOAD_LIMIT:
        limit = size_text(settings.UPLOAD_LIMIT)
        raise Invalid(
            f"文件 {size_text(size)}，超过每个 {limit} 的上限，请压缩后再传。", where="files"
        )
    data = upload.read()
    digest = hashlib.sha256(data).hexdigest()
    found = StoredFile.objects.filter(sha256=digest).first()
    if found:
        return found, False
    media_type, extension = detect(data, upload.name or "")
    try:
        with transaction.atomic():
            stored = _keep(by, data, digest, media_type, extension)
    except IntegrityError:  # the same content came in at the same moment
        return StoredFile.objects.get(sha256=digest), False
    audit.record(by=by, verb="file.store", target=stored, new={"sha256": digest, "size": size})
    return stored, True


def _keep(by: Any, data: bytes, digest: str, media_type: str, extension: str) -> StoredFile:
    name = default_storage.save(f"{digest[:2]}/{digest}{extension}", ContentFile(data))
    return StoredFile.objects.create(
        sha256=digest,
        size=len(data),
        media_type=media_type,
        extension=extension,
        storage_name=name,
        thumbnail_name=_thumbnail(data, digest) if media_type.startswith("image/") else "",
        uploaded_by=by,
    )


def detect(data: bytes, name: str) -> tuple[str, str]:
    """Return (media type, extension) found in the content; raise Invalid for no allowed kind."""
    try:
        guesses = [match.extension.lower() for match in puremagic.magic_string(data, name)]
    except (puremagic.PureError, ValueError):
        guesses = []
    found = media_type_of(data, guesses, name)
    if found is None:
        kinds = "、".join(ALLOWED)
        raise Invalid(f"文件内容不是可用的类型（{kinds}），请核对文件。", where="files")
    return found


def _thumbnail(data: bytes, digest: str) -> str:
    """Return the storage name of a smaller picture, or an empty name when it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data))
            picture.thumbnail(THUMBNAIL)
            out = io.BytesIO()
            picture.convert("RGB").save(out, "JPEG", quality=75)
    except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return ""
    return default_storage.save(f"{digest[:2]}/{digest}.thumb.jpg", ContentFile(out.getvalue()))
