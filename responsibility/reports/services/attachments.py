"""Files of a report's attachments sections: optional, changed only while the section is open."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, Invalid
from responsibility.files.models import StoredFile
from responsibility.flow import services as flow
from responsibility.reports.models import Report, ReportFile, SectionDef
from responsibility.reports.rules import SectionKind
from responsibility.reports.services import filling

MOST = 20
TAKES_FILES = Exists(
    SectionDef.objects.filter(kind=OuterRef("kind"), section_kind=SectionKind.FILES)
)
"""For a page's own SELECT: whether the kind has an attachments section at all."""


@dataclass(frozen=True)
class Attached:
    """An attachments section with its files."""

    section: SectionDef
    files: list[ReportFile]
    open: bool = False


def living(report: Report) -> QuerySet[ReportFile]:
    """Return what is attached now, in order."""
    return (
        ReportFile.objects.filter(report=report, voided_at=None)
        .select_related("file", "section")
        .order_by("section__position", "id")
    )


def sections_of(report: Report, *, writing: bool = False) -> list[Attached]:
    """Return the attachments sections; ``writing`` also says which may be changed now."""
    if not getattr(report, "takes_files", True):
        return []
    rows = list(report.kind.sections.filter(section_kind=SectionKind.FILES).order_by("position"))
    if not rows:
        return []
    links = list(living(report))
    allowed = filling.open_now(report) if writing else frozenset[str]()
    return [
        Attached(
            section,
            [link for link in links if link.section_id == section.pk],
            allowed is None or section.key in allowed,
        )
        for section in rows
    ]


def _lock(report: Report, section: SectionDef, by: Any) -> Report:
    row = flow.lock(report)
    filling.check_open(row, by)
    allowed = filling.open_now(row)
    if allowed is not None and section.key not in allowed:
        raise Conflict("这一节没有被退回，附件不能改。")
    return row


@transaction.atomic
def attach(
    *, by: Any, report: Report, section: SectionDef, file: StoredFile, name: str
) -> ReportFile:
    """Attach a stored file to a section; the same file twice is one."""
    row = _lock(report, section, by)
    if section.kind_id != row.kind_id or section.section_kind != SectionKind.FILES:
        raise Invalid("这一节不收附件。", where="file")
    links = living(row).filter(section=section)
    if found := links.filter(file=file).first():
        return found
    if links.count() >= MOST:
        raise Invalid(f"一节最多 {MOST} 个附件，请先移除不用的。", where="file")
    link = ReportFile.objects.create(
        report=row, section=section, file=file, name=name[:200], uploaded_by=by
    )
    audit.record(
        by=by,
        verb="reports.attach",
        target=link,
        scope_path=row.scope_path,
        new={"sha256": file.sha256, "report": str(row.public_id)},
    )
    return link


@transaction.atomic
def detach(*, by: Any, link: ReportFile) -> None:
    """Void a link while its section is open."""
    row = _lock(link.report, link.section, by)
    ReportFile.objects.filter(pk=link.pk, voided_at=None).update(
        voided_at=Now(), voided_by=by, void_reason="移除附件"
    )
    audit.record(by=by, verb="reports.detach", target=link, scope_path=row.scope_path)
