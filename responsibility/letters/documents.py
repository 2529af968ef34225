"""A letter as an official document (docx by GB/T 9704)."""

from responsibility.common.clock import SHANGHAI
from responsibility.common.documents import Paper, Table, write
from responsibility.letters import rules
from responsibility.letters.models import Letter


def letter_docx(letter: Letter) -> bytes:
    """Return the letter: the text that was signed, its targets, who signed, the date."""
    title, _, rest = letter.text.partition("\n")
    signed = [
        f"{item.title}：已签（{item.signed_at.astimezone(SHANGHAI):%Y-%m-%d}）"
        for item in letter.signatures.all()
    ]
    return write(
        Paper(
            title=title,
            number=letter.number,
            paragraphs=[line for line in rest.split("\n") if line.strip()],
            tables=[_targets(letter)],
            signatures=signed,
            dated=letter.signed_at.astimezone(SHANGHAI).date() if letter.signed_at else None,
        )
    )


def _targets(letter: Letter) -> Table:
    lines = letter.lines.select_related("indicator").order_by("position")
    rows = [
        [
            str(line.position),
            line.indicator.name,
            line.indicator.unit,
            rules.shown(line.baseline),
            rules.shown(line.target),
            line.responsible or "—",
        ]
        for line in lines
    ]
    return Table(["序号", "指标", "单位", "上年", "目标", "责任部门"], rows, "附件：年度目标表")
