"""The scan of a signed letter: attached by either side, never asked for, never compared."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from responsibility.audit.models import Event
from responsibility.letters.models import Letter, LetterScan
from tests.cast import Cast
from tests.letters.maker import issued, signed

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def pdf(name: str = "签字页.pdf", more: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF + more, "application/pdf")


@pytest.fixture
def letter(cast: Cast) -> Letter:
    """冠县's letter, signed by all four."""
    return signed(cast)


def page(letter: Letter) -> str:
    return f"/letters/{letter.public_id}/"


def send(client: Client, letter: Letter, *files: SimpleUploadedFile) -> object:
    return client.post(f"{page(letter)}scans/", {"files": list(files)}, follow=True)


def test_either_side_attaches_sees_and_takes_off(cast: Cast, letter: Letter) -> None:
    county, city = cast.client("recorder-371525"), cast.client("office-3715")
    assert "可不附，附了也不和正文比对" in county.get(page(letter)).content.decode()
    answer = send(county, letter, pdf())
    assert "已附扫描件" in answer.content.decode()  # type: ignore[attr-defined]
    send(county, letter, pdf())
    scan = LetterScan.objects.get()
    assert scan.name == "签字页.pdf"
    assert "签字页.pdf" in city.get(page(letter)).content.decode()
    got = city.get(f"/letters/scans/{scan.public_id}/")
    assert b"".join(got.streaming_content) == PDF
    assert got["Content-Disposition"].startswith("attachment")
    city.post(f"/letters/scans/{scan.public_id}/void/")
    scan.refresh_from_db()
    assert scan.voided_by == cast.user("office-3715")
    assert city.get(f"/letters/scans/{scan.public_id}/").status_code == 404
    verbs = Event.objects.filter(verb__contains="_scan").values_list("verb", flat=True)
    assert sorted(verbs) == ["letters.attach_scan", "letters.detach_scan"]
    letter.refresh_from_db()
    assert letter.status == "signed", "nothing hangs on a scan"


def test_strangers_and_those_without_the_right(cast: Cast, letter: Letter) -> None:
    send(cast.client("recorder-371525"), letter, pdf())
    scan = LetterScan.objects.get()
    stranger = cast.client("office-371502")
    assert stranger.get(f"/letters/scans/{scan.public_id}/").status_code == 404
    assert (
        stranger.post(f"{page(letter)}scans/", {"files": [pdf("b.pdf", b"b")]}).status_code == 404
    )
    assert stranger.post(f"/letters/scans/{scan.public_id}/void/").status_code == 404
    inspector = cast.client("inspector-3715")
    got = inspector.get(f"/letters/scans/{scan.public_id}/")
    assert b"".join(got.streaming_content) == PDF
    assert inspector.post(f"/letters/scans/{scan.public_id}/void/").status_code == 403
    assert 'name="files"' not in inspector.get(page(letter)).content.decode()
    assert LetterScan.objects.filter(voided_at=None).count() == 1


def test_bad_files_are_refused_and_nothing_is_kept(cast: Cast, letter: Letter) -> None:
    client = cast.client("recorder-371525")
    for files, words in (
        ([], "没有选文件"),
        ([SimpleUploadedFile("a.pdf", b"")], "文件是空的"),
        ([SimpleUploadedFile("a.pdf", b"MZ\x90\x00 not a scan")], "类型"),
        ([SimpleUploadedFile("a.csv", "单位,数\n甲,1\n".encode())], "扫描件应为 PDF 或图片"),
    ):
        answer = client.post(f"{page(letter)}scans/", {"files": files})
        assert (answer.status_code, words in answer.content.decode()) == (400, True), words
    assert not LetterScan.objects.exists()


def test_not_before_it_is_signed(cast: Cast) -> None:
    letter = issued(cast)
    client = cast.client("recorder-371525")
    assert "签字扫描件" not in client.get(page(letter)).content.decode()
    answer = client.post(f"{page(letter)}scans/", {"files": [pdf()]})
    assert answer.status_code == 409
    assert "须已签毕" in answer.content.decode()


def test_the_interface_says_what_is_attached(cast: Cast, letter: Letter) -> None:
    client = Client(headers={"authorization": f"Bearer {cast.token('371525')}"})
    (row,) = client.get("/api/v1/letters/").json()["results"]
    assert row["scans"] == []
    send(cast.client("recorder-371525"), letter, pdf(), pdf("2.pdf", b"2"))
    (row,) = client.get("/api/v1/letters/").json()["results"]
    assert [item["name"] for item in row["scans"]] == ["签字页.pdf", "2.pdf"]
    assert row["scans"][0]["media_type"] == "application/pdf"
    LetterScan.objects.update(
        voided_at=letter.signed_at, voided_by=letter.drafted_by, void_reason="x"
    )
    (row,) = client.get("/api/v1/letters/").json()["results"]
    assert row["scans"] == []
