"""Special reports: 本单位无此数据 is an answer too, with its reason."""

from typing import Any

from django.db import transaction

from responsibility.audit import services as audit
from responsibility.common.errors import Conflict, Invalid
from responsibility.flow import services as flow
from responsibility.reports.models import Report
from responsibility.reports.services import filling


@transaction.atomic
def answer_no_data(*, by: Any, report: Report, reason: str, revision: int | None = None) -> Report:
    """Answer a data call with "this body has no such data" and hand it in."""
    if not reason.strip():
        raise Invalid("请写明为什么没有这类数据。", where="reason")
    row = flow.lock(report, revision=revision)
    filling.check_open(row, by)
    if not row.kind.allows_no_data:
        raise Conflict("这种报告不能答“本单位无此数据”。")
    row.no_data_reason = reason.strip()[:300]
    row.save(update_fields=["no_data_reason"])
    audit.record(by=by, verb="reports.no_data", target=row, new={"reason": row.no_data_reason})
    return filling.hand_in(by=by, report=row)
