"""Attachments of a report: optional, in scope, frozen with it, changed only while open."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document

from responsibility.common import clock
from responsibility.common.errors import Conflict
from responsibility.files.models import StoredFile
from responsibility.reports.models import Report, ReportFile, ReportKind, ReportSnapshot, SectionDef
from responsibility.reports.services import attachments, filling, review
from tests.cast import Cast
from tests.reports.test_services import TEXTS, kind, opened

__all__ = ["kind"]
PDF = b"%PDF-1.4\n%%EOF"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2020, 12, 17))


@pytest.fixture
def report(cast: Cast, kind: ReportKind) -> Report:
    """Return a county's draft of a kind with an attachments section."""
    SectionDef.objects.create(
        kind=kind, key="papers", title="六、附件", section_kind="files", position=9
    )
    kind.needs_approval = False
    kind.save()
    return opened(cast, kind)


def put(cast: Cast, report: Report, name: str, data: bytes = PDF) -> str:
    """Upload as the county's recorder; return what the page says."""
    upload = SimpleUploadedFile(name, data)
    answer = cast.client("recorder-371525").post(
        reverse("report_attach", args=[report.public_id, "papers"]), {"files": upload}, follow=True
    )
    assert answer.status_code == 200
    return str(answer.content.decode())


def handed_in(cast: Cast, report: Report, **texts: str) -> Report:
    user = cast.user("recorder-371525")
    filling.save_texts(by=user, report=report, texts=texts or TEXTS)
    return filling.hand_in(by=user, report=report)


def test_put_seen_by_the_reviewer_and_listed_in_the_document(cast: Cast, report: Report) -> None:
    assert "已附上会议纪要.pdf" in put(cast, report, "会议纪要.pdf")
    put(cast, report, "会议纪要.pdf")
    link = ReportFile.objects.get()
    report = handed_in(cast, report)
    office = cast.client("office-3715")
    for name in ("report", "report_review", "report_print"):
        page = office.get(reverse(name, args=[report.public_id])).content.decode()
        assert "会议纪要.pdf" in page, name
    sent = office.get(reverse("report_file", args=[link.public_id]))
    assert b"".join(sent) == PDF
    frozen = ReportSnapshot.objects.get(stage="submitted").content["files"]
    assert frozen == {"papers": [{"name": "会议纪要.pdf", "sha256": link.file.sha256}]}
    paper = Document(io.BytesIO(office.get(f"/reports/{report.public_id}/docx/").content))
    assert "附件：会议纪要.pdf" in [line.text for line in paper.paragraphs]


def test_nothing_attached_is_no_fault(cast: Cast, report: Report) -> None:
    assert handed_in(cast, report).status == "submitted"


def test_bad_files_are_named_and_the_others_stay(cast: Cast, report: Report) -> None:
    assert "空.pdf" in put(cast, report, "空.pdf", b"")
    assert "程序.exe" in put(cast, report, "程序.exe", b"MZ\x90\0\x03\0\0\0")
    assert not ReportFile.objects.exists()
    url = reverse("report_attach", args=[report.public_id, "papers"])
    nothing = cast.client("recorder-371525").post(url, follow=True)
    assert "请先选择文件" in nothing.content.decode()
    other = reverse("report_attach", args=[report.public_id, "plan"])
    assert cast.client("recorder-371525").post(other).status_code == 404


def test_only_a_returned_section_opens_again(cast: Cast, report: Report) -> None:
    put(cast, report, "旧.pdf")
    user, link = cast.user("recorder-371525"), ReportFile.objects.get()
    report = handed_in(cast, report)
    with pytest.raises(Conflict):
        attachments.detach(by=user, link=link)
    office = cast.user("office-3715")
    report = review.return_report(by=office, report=report, remarks={"plan": "写清时间。"})
    with pytest.raises(Conflict, match="没有被退回"):
        attachments.detach(by=user, link=link)
    report = handed_in(cast, report, plan="六月。")
    report = review.return_report(by=office, report=report, remarks={"papers": "换成盖章件。"})
    attachments.detach(by=user, link=link)
    put(cast, report, "盖章.pdf", PDF + b"\n")
    report = handed_in(cast, report)
    remark = report.remarks.get(item="papers")
    assert (remark.old_value, remark.new_value) == ("旧.pdf", "盖章.pdf")
    assert StoredFile.objects.count() == 2


@pytest.mark.parametrize("who", ["recorder-371502", "office-371502"])
def test_strangers_find_no_file(cast: Cast, report: Report, who: str) -> None:
    put(cast, report, "内部.pdf")
    link, client = ReportFile.objects.get(), cast.client(who)
    assert client.get(reverse("report_file", args=[link.public_id])).status_code == 404
    assert client.post(reverse("report_detach", args=[link.public_id])).status_code == 404
    attach = reverse("report_attach", args=[report.public_id, "papers"])
    assert client.post(attach).status_code == 404
    township = cast.client("recorder-371525001").post(attach)
    assert township.status_code == 404


def test_the_office_offers_the_section(cast: Cast) -> None:
    page = cast.client("office-3715").post(
        "/reports/kinds/new/", {"title": "带附件的表"}, follow=True
    )
    assert 'value="files"' in page.content.decode()
