"""The letter as docx: the layout of GB/T 9704, the words that were signed."""

import io

from django.urls import reverse
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from responsibility.common.documents import Paper, Table, chinese_date, write
from tests.cast import Cast
from tests.letters.maker import signed


def test_the_page_is_laid_out_by_the_standard() -> None:
    book = Document(
        io.BytesIO(write(Paper("标题", ["一、甲", "（一）乙", "丙"], number="聊〔2020〕6号")))
    )
    section = book.sections[0]
    edges = [section.top_margin, section.left_margin, section.right_margin, section.bottom_margin]
    assert [round(edge.mm) for edge in edges if edge is not None] == [37, 28, 26, 35]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)  # type: ignore[union-attr]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    fonts = [
        paragraph.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia"))
        for paragraph in book.paragraphs
        if paragraph.text
    ]
    assert fonts == ["方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "仿宋_GB2312"]
    sizes = [p.runs[0].font.size for p in book.paragraphs if p.text]
    assert (sizes[0], sizes[-1]) == (Pt(22), Pt(16))
    footer = section.footer.paragraphs[0]
    assert footer.text.startswith("— ")
    assert "PAGE" in footer._p.xml


def test_a_block_of_225_mm_holds_22_lines() -> None:
    assert 22 * 28.95 <= 225 / 25.4 * 72 < 23 * 28.95


def test_tables_and_date() -> None:
    data = write(Paper("题", [], tables=[Table(["指标", "目标"], [["甲", "1"]], "附件")]))
    table = Document(io.BytesIO(data)).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["指标", "目标"],
        ["甲", "1"],
    ]
    assert chinese_date(None) == ""


def test_the_letter_holds_the_signed_words(cast: Cast) -> None:
    letter = signed(cast)
    answer = cast.client("head-371525").get(reverse("letter_docx", args=[letter.public_id]))
    book = Document(io.BytesIO(answer.content))
    text = "\n".join(paragraph.text for paragraph in book.paragraphs)
    assert text.startswith("2020年度脱贫攻坚责任书\n聊扶贫组责〔2020〕1号")
    for line in letter.text.splitlines():
        assert line in text
    assert text.count("已签") == 4
    assert book.tables[0].rows[1].cells[4].text == "100"
