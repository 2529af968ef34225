"""The sheet to fill in, and the receipt of what was wrong with one."""

import io

import xlsxwriter

from responsibility.postings.rules import ROLE_LABELS, SYSTEM_ROLES

HEAD = ("用户名", "显示名称", "角色", "区划代码", "单位", "职务", "起始日期", "截止日期")
WIDTHS = (24, 28, 14, 16, 24, 16, 14, 14)
LINES = 3000


def template_xlsx() -> bytes:
    """Return the empty sheet: text columns, roles to choose from, notes on a second sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        sheet = book.add_worksheet("账号")
        for column, (title, width) in enumerate(zip(HEAD, WIDTHS, strict=True)):
            sheet.set_column(column, column, width, text)
            sheet.write_string(0, column, title, bold)
        roles = [word for role, word in ROLE_LABELS.items() if role not in SYSTEM_ROLES]
        sheet.data_validation(1, 2, LINES, 2, {"validate": "list", "source": roles})
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet("说明")
        notes.set_column(0, 0, 80)
        for number, line in enumerate(NOTES):
            notes.write_string(number, 0, line)
    return file.getvalue()


NOTES = (
    "一行是一个用户在一个地方的一个角色；同一用户可以有几行。",
    "用户名：字母、数字和 @ . + - _，例如 recorder-371525001。",
    "显示名称：写岗位，不写姓名，例如 清泉街道填报员。",
    "区划代码：12 位，或只写到本级（4、6、9、12 位）。",
    "单位：成员单位必填，写全称；其他角色一般不填。",
    "职务：填了就设这个岗位并登记任职，例如 书记；不填只给角色。",
    "起始日期不填为导入当天；截止日期不填为长期。日期如 2020-12-17。",
    "导入后账号还没有口令，请在“打印初始口令”里按单位生成。",
)
