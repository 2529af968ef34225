"""Keeping and sending files: once by content, typed by content, never as a page."""

import io
import struct
import zipfile
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from responsibility.common.errors import Invalid, Missing
from responsibility.files import services, serving
from responsibility.files.models import StoredFile
from tests.cast import make_user

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF"
EXE = b"MZ\x90\x00" + b"\0" * 300


def store(data: bytes, name: str) -> tuple[StoredFile, bool]:
    by = User.objects.filter(username="uploader").first() or make_user("uploader")
    return services.store_upload(by=by, upload=SimpleUploadedFile(name, data))


def picture(kind: str = "PNG", size: tuple[int, int] = (1200, 800)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def docx(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (PDF, "a.pdf", "application/pdf"),
        (PDF, "冒充.jpg", "application/pdf"),
        (picture(), "a.png", "image/png"),
        (picture("JPEG"), "a.jpg", "image/jpeg"),
        (docx("[Content_Types].xml", "word/document.xml"), "a.docx", "wordprocessingml"),
        (docx("[Content_Types].xml", "xl/workbook.xml"), "a.xlsx", "spreadsheetml"),
        ("走访 42 户".encode(), "a.txt", "text/plain"),
        ("走访 42 户".encode("gb18030"), "a.txt", "text/plain"),
    ],
)
def test_the_type_is_found_in_the_content(data: bytes, name: str, media_type: str) -> None:
    stored, new = store(data, name)
    assert new
    assert media_type in stored.media_type


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "name"),
    [
        (EXE, "a.pdf"),
        (b"\x7fELF" + b"\0" * 60, "a.pdf"),
        (b"<html><script>alert(1)</script>", "a.txt"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png"),
        (b"#!/bin/sh\nrm -rf /", "a.txt"),
        (docx("evil.exe"), "a.docx"),
        (b"PK\x03\x04broken", "a.docx"),
    ],
)
def test_other_content_is_refused_in_words(data: bytes, name: str) -> None:
    with pytest.raises(Invalid, match="文件内容不是可用的类型"):
        store(data, name)
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
def test_empty_and_too_big(settings: Any) -> None:
    with pytest.raises(Invalid, match="空的"):
        store(b"", "a.pdf")
    settings.UPLOAD_LIMIT = 1024 * 1024
    with pytest.raises(Invalid, match="上限"):
        store(PDF + b"\0" * 1024 * 1024 * 2, "a.pdf")


@pytest.mark.django_db
def test_the_same_content_is_kept_once() -> None:
    first, _ = store(PDF, "a.pdf")
    second, new = store(PDF, "b.pdf")
    assert (second.pk, new) == (first.pk, False)


@pytest.mark.django_db
def test_the_same_content_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = store(PDF, "a.pdf")

    class Blind:
        def first(self) -> None:
            return None

    monkeypatch.setattr(StoredFile.objects, "filter", lambda **_: Blind())
    upload = SimpleUploadedFile("b.pdf", PDF)
    second, new = services.store_upload(by=first.uploaded_by, upload=upload)
    assert (second.pk, new) == (first.pk, False)


@pytest.mark.django_db
def test_pictures_get_a_small_one_and_broken_ones_none() -> None:
    stored, _ = store(picture(), "a.png")
    answer = serving.respond(stored, "a.png", thumbnail=True)
    small = b"".join(answer.streaming_content)
    answer.file_to_stream.close()
    assert max(Image.open(io.BytesIO(small)).size) == 320
    broken, _ = store(picture()[:200], "b.png")
    assert broken.thumbnail_name == ""
    with pytest.raises(Missing):
        serving.respond(broken, "b.png", thumbnail=True)


def bomb() -> bytes:
    """A few bytes that claim to be a picture of 900 million pixels."""

    def part(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    body = part(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + body + part(b"IEND", b"")


@pytest.mark.django_db
def test_a_picture_that_is_a_bomb_is_never_unpacked() -> None:
    stored, _ = store(bomb(), "a.png")
    assert stored.thumbnail_name == ""


@pytest.mark.django_db
def test_what_is_sent_is_never_a_page() -> None:
    stored, _ = store(PDF, "a.pdf")
    answer = serving.respond(stored, '报告"\r\nX: y.pdf')
    disposition = answer["Content-Disposition"]
    assert disposition.startswith("attachment; filename*=UTF-8''")
    assert "\n" not in disposition
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"
    answer.file_to_stream.close()
