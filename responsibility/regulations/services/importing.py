"""From a text to a draft version; correction by hand; adoption."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, Invalid
from responsibility.common.rights import Right
from responsibility.common.scoping import access_of
from responsibility.regulations.models import (
    Article,
    Certainty,
    Chapter,
    Clause,
    Programme,
    Regulation,
    RegulationVersion,
    VersionStatus,
)
from responsibility.regulations.rules import Parsed, parse

LIMIT = 2 * 1024 * 1024


def decode(data: bytes) -> str:
    """Return the text of a file; raise Invalid for what is no text."""
    if len(data) > LIMIT:
        raise Invalid("文件超过 2 兆，细则文本不应这么大，请核对。", where="file")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and text.strip():
            return text
        break
    raise Invalid("文件不是文本，请另存为 UTF-8 的 txt。", where="file")


def read(path: Path) -> Parsed:
    """Parse a file without a database."""
    return parse(decode(path.read_bytes()))


@transaction.atomic
def import_text(
    *, programme: Programme, text: str, by: Any = None, title: str = ""
) -> tuple[RegulationVersion, bool]:
    """Store a text as a draft version; the same text again gives the version it already is."""
    if by is not None:
        access_of(by).require(Right.MANAGE_REGULATIONS)
    parsed = parse(text)
    if not parsed.articles:
        raise Invalid("没有找到“第X条”，请核对文本是否完整。", where="text")
    name = (title or parsed.title)[:200]
    if not name:
        raise Invalid("文中没有标题，请填写名称。", where="title")
    regulation, _ = Regulation.objects.get_or_create(programme=programme, title=name)
    digest = hashlib.sha256(text.encode()).hexdigest()
    known = RegulationVersion.objects.filter(regulation=regulation, source_hash=digest).first()
    if known:
        return known, False
    last = regulation.versions.aggregate(last=Max("number"))["last"] or 0
    version = RegulationVersion.objects.create(
        regulation=regulation,
        number=last + 1,
        issuer=parsed.issuer or "",
        effective_on=date.fromisoformat(parsed.effective) if parsed.effective else None,
        source_text=text,
        source_hash=digest,
        warnings=parsed.as_dict()["warnings"],
    )
    _store(version, parsed)
    audit.record(
        by=by,
        verb="regulation.import",
        target=version,
        new={"title": name, "sha256": digest, **parsed.counts},
    )
    return version, True


def _store(version: RegulationVersion, parsed: Parsed) -> None:
    chapters = {}
    for position, found in enumerate(parsed.chapters, 1):
        chapters[found.number] = Chapter.objects.create(
            version=version, number=found.number, title=found.title, position=position
        )
    for position, item in enumerate(parsed.articles, 1):
        article = Article.objects.create(
            version=version,
            chapter=chapters.get(item.chapter or ""),
            number=item.number,
            position=position,
        )
        Clause.objects.bulk_create(
            Clause(
                article=article,
                number=clause.number,
                text=clause.text,
                items=[
                    {"number": part.number, "text": part.text, "points": part.points}
                    for part in clause.items
                ],
                refers_to=clause.refers_to,
            )
            for clause in item.clauses
        )


def _draft(version: RegulationVersion) -> RegulationVersion:
    locked = RegulationVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if locked.status != VersionStatus.DRAFT:
        raise Conflict("已采用的版本不能改动，请导入新版本。")
    return locked


@transaction.atomic
def correct_clause(*, by: Any, clause: Clause, text: str) -> Clause:
    """Correct a clause of a draft by hand."""
    access_of(by).require(Right.MANAGE_REGULATIONS)
    _draft(clause.article.version)
    text = text.strip()
    if not text:
        raise Invalid("条文不能为空。", where="text")
    old = clause.text
    clause.text = text
    clause.save()
    audit.record(
        by=by, verb="regulation.correct", target=clause, old={"text": old}, new={"text": text}
    )
    return clause


@transaction.atomic
def correct_chapter(*, by: Any, chapter: Chapter, title: str) -> Chapter:
    """Fill in or correct the title of a draft's chapter."""
    access_of(by).require(Right.MANAGE_REGULATIONS)
    _draft(chapter.version)
    old = chapter.title
    chapter.title = title.strip()[:200]
    chapter.save()
    audit.record(
        by=by,
        verb="regulation.correct",
        target=chapter,
        old={"title": old},
        new={"title": chapter.title},
    )
    return chapter


@transaction.atomic
def adopt(
    *,
    version: RegulationVersion,
    issuer: str,
    effective_on: date | None,
    certainty: str = Certainty.PENDING,
    by: Any = None,
) -> RegulationVersion:
    """Adopt a draft: it is in force from now on, the one before stays readable as superseded.

    What the text does not say may stay empty only when marked 待核.
    """
    if by is not None:
        access_of(by).require(Right.MANAGE_REGULATIONS)
    row = _draft(version)
    if certainty == Certainty.VERIFIED and not (issuer.strip() and effective_on):
        raise Invalid("标为已核的，须填写制定机关和施行日期。", where="effective_on")
    RegulationVersion.objects.filter(
        regulation_id=row.regulation_id, status=VersionStatus.ADOPTED
    ).update(status=VersionStatus.SUPERSEDED)
    row.issuer, row.effective_on, row.certainty = issuer.strip(), effective_on, certainty
    row.status, row.adopted_at = VersionStatus.ADOPTED, Now()
    row.save()
    audit.record(
        by=by,
        verb="regulation.adopt",
        target=row,
        new={"issuer": row.issuer, "effective_on": effective_on, "certainty": certainty},
    )
    return row
