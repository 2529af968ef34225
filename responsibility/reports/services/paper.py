"""A report as an official document (GB/T 9704): its texts in order, its figures as a table."""

from collections.abc import Mapping
from typing import Any

from responsibility.common import periods
from responsibility.common.documents import Paper, Table, write
from responsibility.reports.models import Report, ReportSnapshot
from responsibility.reports.services import filling

NUMERALS = "一二三四五六七八九十"
HEAD = ("指标", "单位", "本期", "上期")


def report_docx(report: Report) -> bytes:
    """Return the report as docx: as last frozen once it was handed in, else as it stands."""
    last = ReportSnapshot.objects.filter(report_id=report.pk).order_by("-id").first()
    content = last.content if last else filling.content_of(report)
    return write(_paper(report, content))


def _paper(report: Report, content: Mapping[str, Any]) -> Paper:
    label = periods.parse(report.period).label
    texts = content["texts"]
    written = [item for item in filling.sections_of(report.kind) if item.key in texts]
    paragraphs: list[str] = []
    for place, section in enumerate(written):
        number = NUMERALS[place] if place < len(NUMERALS) else str(place + 1)
        paragraphs += [f"{number}、{section.title}", *_lines(texts[section.key])]
    if content.get("no_data"):
        paragraphs.append(f"本单位无此数据。{content['no_data']}")
    names = [file["name"] for found in content.get("files", {}).values() for file in found]
    paragraphs += [
        f"附件：{name}" if len(names) == 1 else f"附件 {number}：{name}"
        for number, name in enumerate(names, 1)
    ]
    return Paper(
        title=f"{content['body']}{label}{content['title']}",
        paragraphs=paragraphs,
        tables=_tables(content),
        signer=content["body"],
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()] or ["（还没有写）"]


def _tables(content: Mapping[str, Any]) -> list[Table]:
    rows = [
        (cell["name"], cell["unit"], cell["value"] or "—", cell["last"] or "—")
        for cell in content["figures"].values()
    ]
    found = [Table(HEAD, rows, "主要数据")] if rows else []
    for table in content.get("tables", ()):
        lines = [[str(cell["text"]) for cell in row] for row in table["rows"]]
        found.append(Table(table["heads"], lines, table["title"]))
    return found
