"""Third-party results and daily marks by spreadsheet: matched by code, then by exact name."""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from responsibility.assessments.models import AssessmentRun, Subject
from responsibility.assessments.rules.running import Stage
from responsibility.assessments.services.access import lock_run, require_office, require_stage
from responsibility.assessments.services.verifying import write_part
from responsibility.common.errors import DomainError, Invalid
from responsibility.common.sheets import Line, read_table, write_table

COLUMNS = {
    "code": ("区划代码", "代码"),
    "name": ("单位", "县（市、区）", "名称"),
    "mark": ("分值", "得分", "分数"),
}


@dataclass
class Receipt:
    """What a sheet did: rows taken, and each row refused with why."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)


def template(run: AssessmentRun) -> bytes:
    """Return a sheet with the units in place and the marks to be filled."""
    subjects = run.subjects.select_related("division", "body").order_by("position")
    rows = [[item.division.code, item.body.name, ""] for item in subjects]
    return write_table("外部结果", ["区划代码", "单位", "分值"], rows)


@transaction.atomic
def import_marks(*, by: Any, run: AssessmentRun, part: str, data: bytes, note: str) -> Receipt:
    """Load marks of one part; good rows load, each bad one is named with its row and why."""
    row = lock_run(run)
    require_office(by, row)
    require_stage(row, Stage.COLLECTING, Stage.SELF, Stage.VERIFYING)
    if part not in {item.key for item in row.scheme.scheme.parts}:
        raise Invalid("方案里没有这一部分。", where="part")
    if not note.strip():
        raise Invalid("结果的来源没有填。", where="note")
    subjects = list(row.subjects.select_related("division", "body"))
    receipt, seen = Receipt(), set[int]()
    for line in read_table(data, COLUMNS):
        try:
            subject = _find(line, subjects)
            if subject.pk in seen:
                raise Invalid("同一单位出现两次，只取了前一行。")
            write_part(by=by, run=row, subject=subject, part=part, mark=_mark(line), note=note)
            seen.add(subject.pk)
            receipt.done.append(f"{subject.body.name} {_mark(line).normalize():f}")
        except DomainError as error:
            receipt.refused.append((line.number, error.message))
    return receipt


def _find(line: Line, subjects: list[Subject]) -> Subject:
    code, name = line.text("code"), line.text("name")
    by_code = [item for item in subjects if item.division.code == code.ljust(12, "0")]
    by_name = [item for item in subjects if name in (item.body.name, item.division.name)]
    if code and by_code:
        exact = [item for item in by_code if item in by_name]
        return exact[0] if exact else by_code[0]
    if not code and len(by_name) == 1:
        return by_name[0]
    raise Invalid(f"不认识的单位：{(code or name or '空')[:30]}。请用模板里的代码。")


def _mark(line: Line) -> Decimal:
    text = line.text("mark").replace("，", "").replace(",", "")
    try:
        mark = Decimal(text)
    except InvalidOperation:
        raise Invalid(f"分值“{text[:20]}”不是数字。") from None
    if not mark.is_finite() or mark.as_tuple().exponent < -4:  # type: ignore[operator]
        raise Invalid(f"分值“{text[:20]}”应为最多四位小数的数字。")
    return mark
