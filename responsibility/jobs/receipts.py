"""Receipts of uploads as workbooks."""

import io

import xlsxwriter

from responsibility.jobs.models import ImportReceipt, Run


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


def run_xlsx(run: Run) -> bytes:
    """Return the receipt of a background run: what was done, what was not, and why."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        mark = book.add_format({"bg_color": "#FDECEC", "text_wrap": True})
        sheet = book.add_worksheet("回执")
        sheet.set_column(0, 0, 48)
        sheet.set_column(1, 1, 12)
        sheet.set_column(2, 2, 48)
        facts = (
            ("任务", run.title),
            ("状态", run.get_status_display()),
            ("进度", f"{run.done}/{run.total}"),
            ("说明", run.error),
        )
        for number, (name, value) in enumerate(facts):
            sheet.write_string(number, 0, name, bold)
            sheet.write_string(number, 1, value)
        start = len(facts) + 1
        for column, title in enumerate(("事项", "结果", "原因")):
            sheet.write_string(start, column, title, bold)
        for number, line in enumerate(run.receipt, start + 1):
            sheet.write_string(number, 0, line["what"])
            sheet.write_string(number, 1, "已办" if line["done"] else "未办")
            sheet.write_string(number, 2, line["why"], None if line["done"] else mark)
    return file.getvalue()
