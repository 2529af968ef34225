"""Official documents as docx, laid out by GB/T 9704—2012.

A4; margins top 37, left 28, right 26, bottom 35 mm (text block 156 × 225 mm); 22 lines of 28
characters a page; title in 小标宋 of size 二号 (22 pt), body in 仿宋 of 三号 (16 pt), headings 一、
in 黑体 and （一） in 楷体; the number with 〔〕; the date four characters from the right; page
numbers — 1 — in 宋体 of 四号 (14 pt). Fonts are named, never shipped: most are licensed.
"""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from docx import Document
from docx.document import Document as Book
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

TITLE, BODY, HEAD, SUBHEAD, SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
LINE = Pt(28.95)
GRID = {"linePitch": "579", "charSpace": "-842"}
TITLE_SIZE, BODY_SIZE, PAGE_SIZE, TABLE_SIZE = Pt(22), Pt(16), Pt(14), Pt(12)
FIRST = re.compile(r"^[一二三四五六七八九十]+、")
SECOND = re.compile(r"^（[一二三四五六七八九十]+）")
MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class Table:
    """A table of the annex or the body: its head and its rows, as text."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""


@dataclass(frozen=True)
class Paper:
    """What a document holds, in order."""

    title: str
    paragraphs: Sequence[str]
    number: str = ""
    tables: Sequence[Table] = field(default_factory=tuple)
    signatures: Sequence[str] = field(default_factory=tuple)
    signer: str = ""
    dated: date | None = None


def write(paper: Paper) -> bytes:
    """Return the document as docx."""
    book = Document()
    _page(book)
    _line(book, paper.title, TITLE, TITLE_SIZE, centred=True)
    if paper.number:
        _line(book, paper.number, BODY, BODY_SIZE, centred=True)
    _line(book, "", BODY, BODY_SIZE)
    for text in paper.paragraphs:
        _line(book, text, _font(text), BODY_SIZE, indent=True)
    for table in paper.tables:
        _table(book, table)
    for text in paper.signatures:
        _line(book, text, BODY, BODY_SIZE, indent=True)
    _ending(book, paper)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _page(book: Book) -> None:
    section = book.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "linesAndChars")
    for name, value in GRID.items():
        grid.set(qn(f"w:{name}"), value)
    _page_number(section.footer.paragraphs[0])


def _page_number(paragraph: Paragraph) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in ("— ", "", " —"):
        run = paragraph.add_run(text)
        _style(run, SONG, PAGE_SIZE)
        if not text:
            for kind, words in (("begin", ""), ("", " PAGE "), ("end", "")):
                run._r.append(_field(kind, words))


def _field(kind: str, words: str) -> Any:
    if kind:
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        return mark
    mark = OxmlElement("w:instrText")
    mark.set(qn("xml:space"), "preserve")
    mark.text = words
    return mark


def _font(text: str) -> str:
    if FIRST.match(text):
        return HEAD
    return SUBHEAD if SECOND.match(text) else BODY


def _style(run: Run, font: str, size: Pt) -> None:
    run.font.size = size
    run.font.name = font
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)


def _line(
    book: Book,
    text: str,
    font: str,
    size: Pt,
    *,
    centred: bool = False,
    indent: bool = False,
) -> Paragraph:
    paragraph: Paragraph = book.add_paragraph()
    shape = paragraph.paragraph_format
    shape.line_spacing, shape.space_before, shape.space_after = LINE, Pt(0), Pt(0)
    if size == TITLE_SIZE:
        shape.line_spacing = Pt(36)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if indent:
        shape.first_line_indent = Pt(2 * BODY_SIZE.pt)
    _style(paragraph.add_run(text), font, size)
    return paragraph


def _table(book: Book, table: Table) -> None:
    if table.title:
        _line(book, table.title, BODY, BODY_SIZE, centred=True)
    grid = book.add_table(rows=1, cols=len(table.head))
    grid.style = "Table Grid"
    _cells(grid.rows[0].cells, table.head, HEAD)
    repeat = OxmlElement("w:tblHeader")
    grid.rows[0]._tr.get_or_add_trPr().append(repeat)
    for row in table.rows:
        _cells(grid.add_row().cells, row, BODY)


def _cells(cells: Iterable[Any], texts: Sequence[str], font: str) -> None:
    for cell, text in zip(cells, texts, strict=True):
        paragraph: Paragraph = cell.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _style(paragraph.add_run(str(text)), font, TABLE_SIZE)


def _ending(book: Book, paper: Paper) -> None:
    for text in (paper.signer, chinese_date(paper.dated)):
        if not text:
            continue
        paragraph = _line(book, text, BODY, BODY_SIZE)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(4 * BODY_SIZE.pt)


def chinese_date(day: date | None) -> str:
    """Return a date in Arabic numerals without leading zeros, or nothing."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
