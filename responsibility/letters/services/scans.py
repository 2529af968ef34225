"""The scan of a signed letter: either side may add one; nobody has to, nothing is compared."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, Forbidden, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.files.models import StoredFile
from responsibility.letters.models import Letter, LetterScan
from responsibility.letters.rules import State
from responsibility.letters.services.drafting import lock

SIGNED = (State.SIGNED, State.SETTLED, State.SUPERSEDED)
MAX_SCANS = 20


def is_scan(media_type: str) -> bool:
    """Say whether content of this type can be a scan: PDF or a picture."""
    return media_type == "application/pdf" or media_type.startswith("image/")


def may_attach(by: Any, letter: Letter) -> bool:
    """Say whether the user may add or take off a scan now: either side's office or recorder."""
    held = access_of(by)
    return letter.status in SIGNED and (
        held.allows(Right.MANAGE_LETTERS, letter.counter) or held.allows(Right.LOG_PROGRESS, letter)
    )


def _open(by: Any, letter: Letter) -> Letter:
    row = lock(letter)
    access_of(by).require(Right.VIEW, row)
    if row.status not in SIGNED:
        raise Conflict("签毕以后才能附签字扫描件。")
    if not may_attach(by, row):
        raise Forbidden("扫描件由双方的办公室或填报员附。")
    return row


@transaction.atomic
def attach(*, by: Any, letter: Letter, file: StoredFile, name: str) -> LetterScan:
    """Attach a scan; the same content twice is the same scan.

    Raises Conflict before the letter is signed, Invalid for what is neither PDF nor picture.
    """
    row = _open(by, letter)
    if not is_scan(file.media_type):
        raise Invalid("扫描件应为 PDF 或图片。", where="files")
    living = row.scans.filter(voided_at=None)
    if known := living.filter(file=file).first():
        return known
    if living.count() >= MAX_SCANS:
        raise Conflict(f"最多附 {MAX_SCANS} 个扫描件，请先移除不用的。")
    scan = LetterScan.objects.create(letter=row, file=file, name=name.strip()[:200], uploaded_by=by)
    audit.record(by=by, verb="letters.attach_scan", target=row, new={"sha256": file.sha256})
    return scan


@transaction.atomic
def detach(*, by: Any, scan: LetterScan) -> LetterScan:
    """Take a scan off a letter; the row stays."""
    row = _open(by, scan.letter)
    found = LetterScan.objects.select_for_update(of=("self",)).get(pk=scan.pk)
    if found.voided_at is not None:
        raise Conflict("这个扫描件已经移除。")
    found.voided_at, found.voided_by, found.void_reason = Now(), by, "移除扫描件"
    found.save(update_fields=["voided_at", "voided_by", "void_reason"])
    audit.record(by=by, verb="letters.detach_scan", target=row, old={"name": found.name})
    return found
