"""Receipts of uploads as workbooks."""

import io

import xlsxwriter

from responsibility.jobs.models import ImportReceipt


def receipt_xlsx(receipt: ImportReceipt) -> bytes:
    """Return the receipt as a workbook: what was read, and each mistake by cell."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        mark = book.add_format({"bg_color": "#FDECEC", "text_wrap": True})
        sheet = book.add_worksheet("回执")
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 2, 48)
        facts = (
            ("文件", receipt.file_name),
            ("结果", receipt.get_status_display()),
            ("行数", str(receipt.rows)),
            ("载入", str(receipt.loaded)),
            ("无变化", str(receipt.unchanged)),
            ("文件指纹", receipt.sha256),
        )
        for number, (name, value) in enumerate(facts):
            sheet.write_string(number, 0, name, bold)
            sheet.write_string(number, 1, value)
        start = len(facts) + 1
        for column, title in enumerate(("单元格", "填的内容", "怎么改")):
            sheet.write_string(start, column, title, bold)
        for number, item in enumerate(receipt.mistakes, start + 1):
            sheet.write_string(number, 0, item.get("cell", ""))
            sheet.write_string(number, 1, item.get("value", ""), mark)
            sheet.write_string(number, 2, item.get("message", ""))
    return file.getvalue()
